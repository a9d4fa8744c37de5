/*
 * signal.c - signals: actions, masks, raise and abort, jumps that keep the mask, their names.
 *
 * Every handler returns to duality_sigrestore (stubs.S), which calls sigreturn(). signal() makes
 * handlers that stay installed and restart interrupted calls.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

static const struct {
    const char *name, *text;
} signals[ABI_NSIG] = {
    [SIGHUP] = {"HUP", "Hangup"},
    [SIGINT] = {"INT", "Interrupt"},
    [SIGQUIT] = {"QUIT", "Quit"},
    [SIGILL] = {"ILL", "Illegal instruction"},
    [SIGTRAP] = {"TRAP", "Trace trap"},
    [SIGABRT] = {"ABRT", "Aborted"},
    [SIGEMT] = {"EMT", "Emulation trap"},
    [SIGFPE] = {"FPE", "Floating point exception"},
    [SIGKILL] = {"KILL", "Killed"},
    [SIGBUS] = {"BUS", "Bus error"},
    [SIGSEGV] = {"SEGV", "Segmentation fault"},
    [SIGSYS] = {"SYS", "Bad system call"},
    [SIGPIPE] = {"PIPE", "Broken pipe"},
    [SIGALRM] = {"ALRM", "Alarm clock"},
    [SIGTERM] = {"TERM", "Terminated"},
    [SIGURG] = {"URG", "Urgent condition"},
    [SIGSTOP] = {"STOP", "Stopped"},
    [SIGTSTP] = {"TSTP", "Stopped from terminal"},
    [SIGCONT] = {"CONT", "Continued"},
    [SIGCHLD] = {"CHLD", "Child changed state"},
    [SIGTTIN] = {"TTIN", "Stopped on terminal input"},
    [SIGTTOU] = {"TTOU", "Stopped on terminal output"},
    [SIGIO] = {"IO", "I/O possible"},
    [SIGWINCH] = {"WINCH", "Window size changed"},
    [SIGUSR1] = {"USR1", "User signal 1"},
    [SIGUSR2] = {"USR2", "User signal 2"},
};

char *strsignal(int sig)
{
    static char unknown[24];

    if (sig > 0 && sig < NSIG && signals[sig].text)
        return (char *)(uintptr_t)signals[sig].text;
    snprintf(unknown, sizeof(unknown), "Signal %d", sig);
    return unknown;
}

int sig2str(int sig, char *name)
{
    if (sig <= 0 || sig >= NSIG || !signals[sig].name)
        return -1;
    strcpy(name, signals[sig].name);
    return 0;
}

/* Accepts "KILL", "SIGKILL" and "9". */
int str2sig(const char *name, int *sig)
{
    char *end;
    long number = strtol(name, &end, 10);

    if (*name && !*end && number >= 0 && number < NSIG) {
        *sig = (int)number;
        return 0;
    }
    if (strncmp(name, "SIG", 3) == 0)
        name += 3;
    for (int i = 1; i < NSIG; i++) {
        if (signals[i].name && strcmp(signals[i].name, name) == 0) {
            *sig = i;
            return 0;
        }
    }
    return -1;
}

void psignal(int sig, const char *text)
{
    fprintf(stderr, "%s%s%s\n", text ? text : "", text && *text ? ": " : "", strsignal(sig));
}

int sigaction(int sig, const struct sigaction *act, struct sigaction *old)
{
    struct abi_sigaction new_abi, old_abi;

    if (act)
        new_abi = (struct abi_sigaction){
            .handler = (uintptr_t)act->sa_handler,
            .mask = act->sa_mask,
            .flags = (uint32_t)act->sa_flags,
            .restorer = (uintptr_t)duality_sigrestore,
        };
    if (check(sys_sigaction(sig, act ? &new_abi : NULL, old ? &old_abi : NULL)) < 0)
        return -1;
    if (old) {
        old->sa_handler = (_sig_func_ptr)old_abi.handler;
        old->sa_mask = old_abi.mask;
        old->sa_flags = (int)old_abi.flags;
    }
    return 0;
}

_sig_func_ptr signal(int sig, _sig_func_ptr handler)
{
    struct sigaction act = {.sa_handler = handler, .sa_flags = SA_RESTART}, old;

    return sigaction(sig, &act, &old) ? SIG_ERR : old.sa_handler;
}

int sigprocmask(int how, const sigset_t *set, sigset_t *old)
{
    return (int)check(sys_sigprocmask(how, set, old));
}

int pthread_sigmask(int how, const sigset_t *set, sigset_t *old)
{
    long result = sys_sigprocmask(how, set, old);

    return result < 0 ? (int)-result : 0;
}

int sigpending(sigset_t *set)
{
    return (int)check(sys_sigpending(set));
}

int sigsuspend(const sigset_t *mask)
{
    return (int)check(sys_sigsuspend(mask));
}

int pause(void)
{
    sigset_t mask;

    sigprocmask(SIG_BLOCK, NULL, &mask);
    return sigsuspend(&mask);
}

int sigaltstack(const stack_t *ss, stack_t *old)
{
    struct abi_stack new_abi, old_abi;

    if (ss)
        new_abi = (struct abi_stack){
            .base = (uintptr_t)ss->ss_sp, .size = ss->ss_size, .flags = (uint32_t)ss->ss_flags};
    if (check(sys_sigaltstack(ss ? &new_abi : NULL, old ? &old_abi : NULL)) < 0)
        return -1;
    if (old)
        *old = (stack_t){(void *)old_abi.base, (int)old_abi.flags, old_abi.size};
    return 0;
}

int kill(pid_t pid, int sig)
{
    return (int)check(sys_kill(pid, sig));
}

int killpg(pid_t group, int sig)
{
    return kill(group ? -group : 0, sig);
}

int raise(int sig)
{
    return kill(getpid(), sig);
}

/* Even where SIGABRT is blocked, ignored or caught by a handler that returns. */
void abort(void)
{
    sigset_t only_abort;

    sigemptyset(&only_abort);
    sigaddset(&only_abort, SIGABRT);
    sigprocmask(SIG_UNBLOCK, &only_abort, NULL);
    raise(SIGABRT);
    signal(SIGABRT, SIG_DFL);
    raise(SIGABRT);
    _exit(127);
}

void sigjmp_save_mask(struct duality_sigjmp *env, int save)
{
    env->has_mask = save != 0;
    if (save)
        sigprocmask(SIG_BLOCK, NULL, &env->mask);
}

void siglongjmp(sigjmp_buf env, int value)
{
    if (env->has_mask)
        sigprocmask(SIG_SETMASK, &env->mask, NULL);
    longjmp(env->registers, value);
}
