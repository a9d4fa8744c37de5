/*
 * t_signal.c - sending, handlers and their frames, masks, restarts, alarms, faults.
 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <ucontext.h>

#include <duality/sys.h>

#include "check.h"

#define MS 1000000ull

static volatile sig_atomic_t hits, last_sig;

static void nap(uint64_t ns)
{
    sys_nanosleep(ns, NULL);
}

static void count(int sig)
{
    hits++;
    last_sig = sig;
}

static void handle(int sig, void (*fn)(int), int flags)
{
    struct sigaction sa = {.sa_handler = fn, .sa_flags = flags};

    sigaction(sig, &sa, NULL);
}

static sigset_t set_of(int sig)
{
    sigset_t s = 0;

    sigaddset(&s, sig);
    return s;
}

/* --- sending --- */

TEST(default_kills)
{
    static const int sigs[] = {SIGHUP,  SIGINT, SIGQUIT, SIGILL,  SIGABRT, SIGFPE,  SIGKILL, SIGBUS,
                               SIGSEGV, SIGSYS, SIGPIPE, SIGALRM, SIGTERM, SIGUSR1, SIGUSR2};

    for (size_t i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++)
        CHECK_EQ(IN_CHILD(kill(getpid(), sigs[i]); nap(1000 * MS)), KILLED_BY(sigs[i]));
}

TEST(default_ignores)
{
    CHECK_EQ(IN_CHILD(kill(getpid(), SIGCHLD); kill(getpid(), SIGURG); kill(getpid(), SIGWINCH);
                      kill(getpid(), SIGCONT)),
             0);
}

TEST(kill_errors)
{
    CHECK_ERR(kill(getpid(), 32), EINVAL);
    CHECK_ERR(kill(getpid(), -1), EINVAL);
    CHECK_ERR(kill(99998, SIGTERM), ESRCH);
    CHECK_ERR(kill(-99998, SIGTERM), ESRCH);
    CHECK_EQ(kill(getpid(), 0), 0);
    CHECK_ERR(kill(99998, 0), ESRCH);
}

TEST(kill_init_does_nothing)
{
    CHECK_EQ(kill(1, SIGKILL), 0);
    CHECK_EQ(kill(1, SIGTERM), 0);
    CHECK_EQ(kill(1, SIGSTOP), 0);
    CHECK_EQ(kill(1, 0), 0);
}

TEST(kill_group)
{
    int status;
    pid_t a = fork(), b;

    if (a == 0) {
        setpgid(0, 0);
        for (;;)
            nap(1000 * MS);
    }
    setpgid(a, a);
    b = fork();
    if (b == 0) {
        setpgid(0, a);
        for (;;)
            nap(1000 * MS);
    }
    setpgid(b, a);
    CHECK_EQ(kill(-a, SIGTERM), 0);
    CHECK_EQ(waitpid(a, &status, 0), a);
    CHECK_EQ(status, KILLED_BY(SIGTERM));
    CHECK_EQ(waitpid(b, &status, 0), b);
    CHECK_EQ(status, KILLED_BY(SIGTERM));
}

TEST(kill_running_loop)
{
    int status;
    pid_t pid = fork();

    if (pid == 0)
        for (;;)
            ;
    nap(5 * MS);
    CHECK_EQ(kill(pid, SIGKILL), 0);
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK_EQ(status, KILLED_BY(SIGKILL));
}

/* --- handlers --- */

TEST(handler_runs)
{
    struct sigaction old;

    hits = 0;
    handle(SIGUSR1, count, 0);
    CHECK_EQ(kill(getpid(), SIGUSR1), 0);
    CHECK_EQ(hits, 1);
    CHECK_EQ(last_sig, SIGUSR1);
    CHECK_EQ(sigaction(SIGUSR1, NULL, &old), 0);
    CHECK(old.sa_handler == count);
    signal(SIGUSR1, SIG_DFL);
}

static void use_fp(int sig)
{
    volatile double x = sig;

    for (int i = 0; i < 10; i++)
        x = x * 1.25 + 3;
    hits++;
}

TEST(handler_keeps_registers)
{
    register double a __asm__("fs0") = 1.25;
    register long b __asm__("s5") = 77;

    handle(SIGUSR1, use_fp, 0);
    __asm__ volatile("" : "+f"(a), "+r"(b));
    kill(getpid(), SIGUSR1);
    __asm__ volatile("" : "+f"(a), "+r"(b));
    CHECK(a == 1.25);
    CHECK_EQ(b, 77);
    signal(SIGUSR1, SIG_DFL);
}

/* Interrupted anywhere, any number of times, a computation comes out the same. */
TEST(handler_anywhere)
{
    pid_t parent = getpid(), pid;
    uint64_t sum = 0;
    double fsum = 0;

    hits = 0;
    handle(SIGUSR1, use_fp, SA_RESTART);
    pid = fork();
    if (pid == 0) {
        for (int i = 0; i < 200; i++) {
            kill(parent, SIGUSR1);
            sched_yield();
        }
        _exit(0);
    }
    for (uint64_t i = 0; i < 2000000; i++) {
        sum = sum * 31 + i;
        fsum += (double)(i & 7);
    }
    while (waitpid(pid, NULL, 0) != pid)
        ;
    uint64_t want = 0;
    double fwant = 0;
    for (uint64_t i = 0; i < 2000000; i++) {
        want = want * 31 + i;
        fwant += (double)(i & 7);
    }
    signal(SIGUSR1, SIG_DFL);
    CHECK(hits > 0);
    CHECK(sum == want);
    CHECK(fsum == fwant);
}

static siginfo_t seen_info;
static uint64_t seen_pc;

static void inform(int sig, siginfo_t *info, void *context)
{
    seen_info = *info;
    seen_pc = ((ucontext_t *)context)->pc;
    hits++;
    (void)sig;
}

TEST(siginfo_names_sender)
{
    struct sigaction sa = {.sa_sigaction = inform, .sa_flags = SA_SIGINFO};

    sigaction(SIGUSR2, &sa, NULL);
    kill(getpid(), SIGUSR2);
    CHECK_EQ(seen_info.si_signo, SIGUSR2);
    CHECK_EQ(seen_info.si_pid, getpid());
    CHECK_EQ(seen_info.si_code, SI_USER);
    CHECK(seen_pc > 0x1000);
    signal(SIGUSR2, SIG_DFL);
}

TEST(resethand_and_nodefer)
{
    struct sigaction old;

    hits = 0;
    handle(SIGUSR1, count, SA_RESETHAND);
    kill(getpid(), SIGUSR1);
    CHECK_EQ(hits, 1);
    sigaction(SIGUSR1, NULL, &old);
    CHECK(old.sa_handler == SIG_DFL);
}

static int depth, deepest;

static void nest(int sig)
{
    if (++depth > deepest)
        deepest = depth;
    if (depth < 3)
        kill(getpid(), sig);
    depth--;
}

TEST(handler_blocks_itself)
{
    depth = deepest = 0;
    handle(SIGUSR1, nest, SA_NODEFER);
    kill(getpid(), SIGUSR1);
    CHECK_EQ(deepest, 3);
    CHECK_EQ(IN_CHILD({
                 depth = deepest = 0;
                 handle(SIGUSR1, count, 0);
                 sigset_t s = set_of(SIGUSR1);
                 hits = 0;
                 sigprocmask(SIG_BLOCK, &s, NULL);
                 kill(getpid(), SIGUSR1);
                 kill(getpid(), SIGUSR1);
                 if (hits)
                     _exit(1);
                 sigprocmask(SIG_UNBLOCK, &s, NULL);
                 _exit(hits == 1 ? 0 : 2);
             }),
             0);
    signal(SIGUSR1, SIG_DFL);
}

/* --- masks --- */

TEST(masks)
{
    sigset_t all, old, pending, s = set_of(SIGUSR1);

    sigfillset(&all);
    CHECK_EQ(sigprocmask(SIG_SETMASK, &all, &old), 0);
    CHECK_EQ(sigprocmask(SIG_SETMASK, NULL, &all), 0);
    CHECK(!sigismember(&all, SIGKILL) && !sigismember(&all, SIGSTOP));
    CHECK(sigismember(&all, SIGUSR1));
    hits = 0;
    handle(SIGUSR1, count, 0);
    kill(getpid(), SIGUSR1);
    CHECK_EQ(hits, 0);
    CHECK_EQ(sigpending(&pending), 0);
    CHECK(sigismember(&pending, SIGUSR1) && !sigismember(&pending, SIGUSR2));
    CHECK_EQ(sigprocmask(SIG_UNBLOCK, &s, NULL), 0);
    CHECK_EQ(hits, 1);
    CHECK_EQ(sigprocmask(SIG_SETMASK, &old, NULL), 0);
    CHECK_ERR(sigprocmask(77, &old, NULL), EINVAL);
    CHECK_RAW(sys_sigprocmask(ABI_SIG_BLOCK, (void *)8, NULL), EFAULT);
    CHECK_RAW(sys_sigpending((void *)8), EFAULT);
    signal(SIGUSR1, SIG_DFL);
}

TEST(mask_is_inherited)
{
    sigset_t s = set_of(SIGTERM), old;

    sigprocmask(SIG_BLOCK, &s, &old);
    int status = IN_CHILD(kill(getpid(), SIGTERM));
    sigprocmask(SIG_SETMASK, &old, NULL);
    CHECK_EQ(status, 0);
}

TEST(sigaction_errors)
{
    struct sigaction sa = {.sa_handler = count};
    struct abi_sigaction raw = {.handler = 1, .flags = 1u << 20};

    CHECK_ERR(sigaction(SIGKILL, &sa, NULL), EINVAL);
    CHECK_ERR(sigaction(SIGSTOP, &sa, NULL), EINVAL);
    CHECK_ERR(sigaction(0, &sa, NULL), EINVAL);
    CHECK_ERR(sigaction(32, &sa, NULL), EINVAL);
    CHECK_EQ(sigaction(SIGKILL, NULL, &sa), 0);
    CHECK_RAW(sys_sigaction(SIGUSR1, &raw, NULL), EINVAL);
    CHECK_RAW(sys_sigaction(SIGUSR1, (void *)8, NULL), EFAULT);
    CHECK_RAW(sys_sigaction(SIGUSR1, NULL, (void *)8), EFAULT);
}

TEST(sigsuspend_waits)
{
    sigset_t s = set_of(SIGUSR1), old, none = 0, after;
    pid_t parent = getpid(), pid;

    hits = 0;
    handle(SIGUSR1, count, 0);
    sigprocmask(SIG_BLOCK, &s, &old);
    pid = fork();
    if (pid == 0) {
        nap(10 * MS);
        kill(parent, SIGUSR1);
        _exit(0);
    }
    CHECK_ERR(sigsuspend(&none), EINTR);
    CHECK_EQ(hits, 1);
    sigprocmask(SIG_SETMASK, NULL, &after);
    CHECK(sigismember(&after, SIGUSR1));
    sigprocmask(SIG_SETMASK, &old, NULL);
    waitpid(pid, NULL, 0);
    CHECK_RAW(sys_sigsuspend((void *)8), EFAULT);
    signal(SIGUSR1, SIG_DFL);
}

/* --- interrupted calls --- */

static int read_interrupted(int flags)
{
    int fds[2];
    char c;

    if (pipe(fds))
        return 1;
    handle(SIGALRM, count, flags);
    hits = 0;
    pid_t pid = fork();
    if (pid == 0) {
        nap(60 * MS);
        if (write(fds[1], "r", 1) != 1)
            _exit(1);
        _exit(0);
    }
    sys_alarm(20 * MS);
    long n = read(fds[0], &c, 1);
    int e = errno;
    waitpid(pid, NULL, 0);
    close(fds[0]);
    close(fds[1]);
    if (hits != 1)
        return 2;
    if (n == 1 && c == 'r')
        return 3;
    return n == -1 && e == EINTR ? 4 : 5;
}

TEST(restart)
{
    CHECK_EQ(read_interrupted(0), 4);
    CHECK_EQ(read_interrupted(SA_RESTART), 3);
    signal(SIGALRM, SIG_DFL);
}

TEST(sleep_interrupted)
{
    uint64_t left = 0;

    handle(SIGALRM, count, SA_RESTART);
    CHECK_EQ(sys_alarm(10 * MS), 0);
    CHECK_RAW(sys_nanosleep(500 * MS, &left), EINTR);
    CHECK(left > 300 * MS && left <= 491 * MS);
    signal(SIGALRM, SIG_DFL);
}

TEST(ignored_signal_does_not_interrupt)
{
    handle(SIGALRM, SIG_IGN, 0);
    sys_alarm(5 * MS);
    CHECK_EQ(sys_nanosleep(30 * MS, NULL), 0);
    signal(SIGALRM, SIG_DFL);
}

TEST(alarm_left)
{
    CHECK_EQ(sys_alarm(0), 0);
    CHECK_EQ(sys_alarm(5000 * MS), 0);
    long left = sys_alarm(0);
    CHECK(left > (long)(4000 * MS) && left <= (long)(5000 * MS));
    CHECK_EQ(sys_alarm(0), 0);
    CHECK_EQ(IN_CHILD(sys_alarm(5 * MS); nap(2000 * MS)), KILLED_BY(SIGALRM));
}

TEST(sigpipe)
{
    int fds[2];

    CHECK_EQ(pipe(fds), 0);
    close(fds[0]);
    CHECK_EQ(IN_CHILD(if (write(fds[1], "x", 1)) _exit(1)), KILLED_BY(SIGPIPE));
    signal(SIGPIPE, SIG_IGN);
    CHECK_ERR(write(fds[1], "x", 1), EPIPE);
    signal(SIGPIPE, SIG_DFL);
    close(fds[1]);
}

TEST(sigchld_comes)
{
    hits = 0;
    handle(SIGCHLD, count, SA_RESTART);
    CHECK_EQ(IN_CHILD(_exit(0)), 0);
    for (int i = 0; i < 100 && !hits; i++)
        nap(1 * MS);
    signal(SIGCHLD, SIG_DFL);
    CHECK_EQ(hits, 1);
}

/* --- threads --- */

static void *block_all(void *arg)
{
    sigset_t all;

    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    *(volatile int *)arg = 1;
    nap(50 * MS);
    return NULL;
}

/* A signal to the process reaches the thread that does not block it. */
TEST(signal_finds_thread)
{
    volatile int ready = 0;
    pthread_t t;

    hits = 0;
    handle(SIGUSR1, count, SA_RESTART);
    CHECK_EQ(pthread_create(&t, NULL, block_all, (void *)&ready), 0);
    while (!ready)
        nap(1 * MS);
    CHECK_EQ(IN_CHILD(kill(getppid(), SIGUSR1)), 0);
    for (int i = 0; i < 100 && !hits; i++)
        nap(1 * MS);
    int seen = hits;
    pthread_join(t, NULL);
    signal(SIGUSR1, SIG_DFL);
    CHECK_EQ(seen, 1);
}

static volatile int other_took, took_in_time, handler_left;

static void take_second(int sig)
{
    (void)sig;
    other_took = 1;
}

/* Blocks the second signal and does not return before it was taken, or half a second. */
static void take_first(int sig)
{
    struct timespec start, now;
    long ms = 0;

    (void)sig;
    clock_gettime(CLOCK_MONOTONIC, &start);
    while (!other_took && ms < 500) {
        clock_gettime(CLOCK_MONOTONIC, &now);
        ms = (now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000;
    }
    took_in_time = other_took;
    handler_left = 1;
}

static void *spin(void *arg)
{
    (void)arg;
    while (!handler_left)
        ;
    return NULL;
}

/* Two signals are meant for one running thread; its handler of the first blocks the second, which
 * the other thread must then take. */
TEST(signal_passes_on)
{
    struct sigaction first = {.sa_handler = take_first, .sa_mask = set_of(SIGUSR2)};
    pid_t me = getpid(), child;
    pthread_t t;

    other_took = took_in_time = handler_left = 0;
    sigaction(SIGUSR1, &first, NULL);
    handle(SIGUSR2, take_second, 0);
    CHECK_EQ(pthread_create(&t, NULL, spin, NULL), 0);
    child = fork();
    if (child == 0) {
        nap(20 * MS);
        kill(me, SIGUSR1);
        kill(me, SIGUSR2);
        _exit(0);
    }
    spin(NULL);
    pthread_join(t, NULL);
    waitpid(child, NULL, 0);
    signal(SIGUSR1, SIG_DFL);
    signal(SIGUSR2, SIG_DFL);
    CHECK_EQ(took_in_time, 1);
}

TEST(signal_storm)
{
    pid_t pid[4];

    hits = 0;
    handle(SIGUSR1, count, SA_RESTART);
    for (int i = 0; i < 4; i++) {
        pid[i] = fork();
        if (pid[i] == 0) {
            for (int k = 0; k < 300; k++)
                kill(getppid(), SIGUSR1);
            _exit(0);
        }
    }
    for (int i = 0; i < 4; i++)
        CHECK_EQ(waitpid(pid[i], NULL, 0), pid[i]);
    signal(SIGUSR1, SIG_DFL);
    CHECK(hits > 0 && hits <= 1200);
}

int main(void)
{
    RUN(default_kills);
    RUN(default_ignores);
    RUN(kill_errors);
    RUN(kill_init_does_nothing);
    RUN(kill_group);
    RUN(kill_running_loop);
    RUN(handler_runs);
    RUN(handler_keeps_registers);
    RUN(handler_anywhere);
    RUN(siginfo_names_sender);
    RUN(resethand_and_nodefer);
    RUN(handler_blocks_itself);
    RUN(masks);
    RUN(mask_is_inherited);
    RUN(sigaction_errors);
    RUN(sigsuspend_waits);
    RUN(restart);
    RUN(sleep_interrupted);
    RUN(ignored_signal_does_not_interrupt);
    RUN(alarm_left);
    RUN(sigpipe);
    RUN(sigchld_comes);
    RUN(signal_finds_thread);
    RUN(signal_passes_on);
    RUN(signal_storm);
    return check_done("t_signal");
}
