/*
 * sys/signal.h - signals with SA_SIGINFO. Replaces picolibc's, which has only plain handlers.
 *
 * siginfo_t is the kernel's struct abi_siginfo with the usual field names, and the fault record
 * (abi/proc.h) of a SIGSEGV or SIGBUS in si_fault. A handler's third argument is a ucontext_t
 * (<ucontext.h>). Signal n is bit n of a set.
 */
#ifndef _SYS_SIGNAL_H
#define _SYS_SIGNAL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/_timespec.h>
#include <sys/_sigset.h>

#include "abi/proc.h"

#ifndef _SIGSET_T_DECLARED
#define _SIGSET_T_DECLARED
typedef __sigset_t sigset_t;
#endif

typedef int sig_atomic_t;
typedef void (*_sig_func_ptr)(int);
typedef _sig_func_ptr sighandler_t;
typedef _sig_func_ptr sig_t;

#define SIG_DFL ((_sig_func_ptr)0)
#define SIG_IGN ((_sig_func_ptr)1)
#define SIG_ERR ((_sig_func_ptr)-1)

#define SIGHUP   ABI_SIGHUP
#define SIGINT   ABI_SIGINT
#define SIGQUIT  ABI_SIGQUIT
#define SIGILL   ABI_SIGILL
#define SIGTRAP  ABI_SIGTRAP
#define SIGABRT  ABI_SIGABRT
#define SIGIOT   ABI_SIGABRT
#define SIGEMT   ABI_SIGEMT
#define SIGFPE   ABI_SIGFPE
#define SIGKILL  ABI_SIGKILL
#define SIGBUS   ABI_SIGBUS
#define SIGSEGV  ABI_SIGSEGV
#define SIGSYS   ABI_SIGSYS
#define SIGPIPE  ABI_SIGPIPE
#define SIGALRM  ABI_SIGALRM
#define SIGTERM  ABI_SIGTERM
#define SIGURG   ABI_SIGURG
#define SIGSTOP  ABI_SIGSTOP
#define SIGTSTP  ABI_SIGTSTP
#define SIGCONT  ABI_SIGCONT
#define SIGCHLD  ABI_SIGCHLD
#define SIGCLD   ABI_SIGCHLD
#define SIGTTIN  ABI_SIGTTIN
#define SIGTTOU  ABI_SIGTTOU
#define SIGIO    ABI_SIGIO
#define SIGWINCH ABI_SIGWINCH
#define SIGUSR1  ABI_SIGUSR1
#define SIGUSR2  ABI_SIGUSR2
#define NSIG     ABI_NSIG
#define _NSIG    ABI_NSIG

#define SIG_SETMASK ABI_SIG_SETMASK
#define SIG_BLOCK   ABI_SIG_BLOCK
#define SIG_UNBLOCK ABI_SIG_UNBLOCK

#define SA_NOCLDSTOP ABI_SA_NOCLDSTOP
#define SA_SIGINFO   ABI_SA_SIGINFO
#define SA_ONSTACK   ABI_SA_ONSTACK
#define SA_RESTART   ABI_SA_RESTART
#define SA_NODEFER   ABI_SA_NODEFER
#define SA_RESETHAND ABI_SA_RESETHAND

#define SS_ONSTACK  ABI_SS_ONSTACK
#define SS_DISABLE  ABI_SS_DISABLE
#define MINSIGSTKSZ 4096
#define SIGSTKSZ    16384

#define SI_USER     0
#define SEGV_MAPERR ABI_SEGV_MAPERR
#define SEGV_ACCERR ABI_SEGV_ACCERR
#define BUS_ADRALN  ABI_BUS_ADRALN
#define BUS_ADRERR  ABI_BUS_ADRERR
#define BUS_OBJERR  ABI_BUS_OBJERR

union sigval {
    int sival_int;
    void *sival_ptr;
};

typedef struct {
    int si_signo;
    int si_code;
    int si_errno;
    int si_pid;
    int si_status;
    int si_reserved;
    void *si_addr;
    struct abi_fault_record si_fault;
} siginfo_t;
_Static_assert(sizeof(siginfo_t) == sizeof(struct abi_siginfo), "siginfo_t");

struct sigaction {
    union {
        _sig_func_ptr sa_handler;
        void (*sa_sigaction)(int, siginfo_t *, void *);
    };
    sigset_t sa_mask;
    int sa_flags;
};

typedef struct {
    void *ss_sp;
    int ss_flags;
    size_t ss_size;
} stack_t;

int sigaction(int sig, const struct sigaction *act, struct sigaction *old);
int sigprocmask(int how, const sigset_t *set, sigset_t *old);
int pthread_sigmask(int how, const sigset_t *set, sigset_t *old);
int sigpending(sigset_t *set);
int sigsuspend(const sigset_t *mask);
int sigaltstack(const stack_t *ss, stack_t *old);
int kill(pid_t pid, int sig);
int killpg(pid_t group, int sig);

_sig_func_ptr signal(int sig, _sig_func_ptr handler);
int raise(int sig);
void psignal(int sig, const char *text);
int sig2str(int sig, char *name);
int str2sig(const char *name, int *sig);
#define SIG2STR_MAX 16

static inline int sigemptyset(sigset_t *set)
{
    *set = 0;
    return 0;
}

static inline int sigfillset(sigset_t *set)
{
    *set = ((sigset_t)1 << NSIG) - 2;
    return 0;
}

static inline int sigaddset(sigset_t *set, int sig)
{
    *set |= (sigset_t)1 << sig;
    return 0;
}

static inline int sigdelset(sigset_t *set, int sig)
{
    *set &= ~((sigset_t)1 << sig);
    return 0;
}

static inline int sigismember(const sigset_t *set, int sig)
{
    return (*set >> sig & 1) != 0;
}

#endif
