/*
 * t_proc.c - fork, wait, exit, groups and sessions, threads, futexes, time.
 */
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <time.h>

#include <duality/sys.h>

#include "abi/info.h"
#include "check.h"

#define MS 1000000ull

static uint64_t now_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static void *shared_page(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANON, -1, 0);
}

static void nap(uint64_t ns)
{
    sys_nanosleep(ns, NULL);
}

/* --- fork, exit, wait --- */

TEST(fork_exit_status)
{
    CHECK_EQ(IN_CHILD(_exit(0)), 0);
    CHECK_EQ(IN_CHILD(_exit(7)), EXITED(7));
    CHECK_EQ(IN_CHILD(_exit(255)), EXITED(255));
    CHECK_EQ(IN_CHILD(_exit(256 + 3)), EXITED(3));
}

TEST(fork_ids)
{
    pid_t me = getpid();

    CHECK_EQ(IN_CHILD(_exit(getppid() == me && getpid() != me ? 0 : 1)), 0);
    CHECK_EQ(IN_CHILD(_exit(gettid() == getpid() ? 0 : 1)), 0);
}

TEST(fork_memory_is_private)
{
    static volatile int word = 1;
    volatile int local = 5;

    CHECK_EQ(IN_CHILD(word = 2; local = 6; _exit(word + local)), EXITED(8));
    CHECK_EQ(word, 1);
    CHECK_EQ(local, 5);
}

TEST(fork_registers_survive)
{
    double x = 1.5, y = (double)getpid();
    int status = IN_CHILD(x = x * 2; _exit(x == 3.0 && y > 0 ? 0 : 1));

    CHECK_EQ(status, 0);
    CHECK(x == 1.5 && y == (double)getpid());
}

TEST(fork_shares_descriptors)
{
    int fds[2];
    char c = 0;

    CHECK_EQ(pipe(fds), 0);
    CHECK_EQ(IN_CHILD(if (write(fds[1], "z", 1) != 1) _exit(1)), 0);
    CHECK_EQ(read(fds[0], &c, 1), 1);
    CHECK_EQ(c, 'z');
    close(fds[0]);
    close(fds[1]);
}

TEST(fork_deep)
{
    int status = IN_CHILD({
        for (int depth = 0; depth < 20; depth++) {
            int s;
            pid_t pid = fork();
            if (pid == 0)
                continue;
            _exit(pid > 0 && waitpid(pid, &s, 0) == pid ? WEXITSTATUS(s) + (depth == 0) : 99);
        }
        _exit(41);
    });

    CHECK_EQ(status, EXITED(42));
}

TEST(fork_many)
{
    enum { CHILDREN = 200 };
    pid_t pid[CHILDREN];
    int status;

    for (int i = 0; i < CHILDREN; i++) {
        pid[i] = fork();
        if (pid[i] == 0)
            _exit(i & 127);
        CHECK(pid[i] > 0);
    }
    for (int i = CHILDREN - 1; i >= 0; i--) {
        CHECK_EQ(waitpid(pid[i], &status, 0), pid[i]);
        CHECK_EQ(status, EXITED(i & 127));
    }
    CHECK_ERR(wait(NULL), ECHILD);
}

TEST(wait_errors)
{
    int status;

    CHECK_ERR(waitpid(-1, &status, 0), ECHILD);
    CHECK_ERR(waitpid(getpid(), &status, 0), ECHILD);
    CHECK_ERR(waitpid(1, &status, 0), ECHILD);
    CHECK_ERR(waitpid(-1, &status, 64), EINVAL);
    CHECK_RAW(sys_waitpid(INT_MIN, &status, 0), ESRCH);
}

/* A bad pointer for the status does not lose the child. */
TEST(wait_bad_pointer)
{
    int status;
    pid_t pid = fork();

    if (pid == 0)
        _exit(9);
    CHECK_RAW(sys_waitpid(pid, (int *)8, 0), EFAULT);
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK_EQ(status, EXITED(9));
}

TEST(wait_nohang)
{
    int fds[2], status;
    pid_t pid;

    CHECK_EQ(pipe(fds), 0);
    pid = fork();
    if (pid == 0) {
        char c;
        close(fds[1]);
        _exit(read(fds[0], &c, 1) == 0 ? 4 : 5);
    }
    CHECK_EQ(waitpid(pid, &status, WNOHANG), 0);
    CHECK_EQ(waitpid(-1, &status, WNOHANG), 0);
    close(fds[1]);
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK_EQ(status, EXITED(4));
    close(fds[0]);
}

TEST(wait_by_group)
{
    int status;
    pid_t a = fork(), b;

    if (a == 0) {
        nap(20 * MS);
        _exit(1);
    }
    b = fork();
    if (b == 0)
        _exit(2);
    CHECK_EQ(setpgid(a, a), 0);
    CHECK_EQ(waitpid(-a, &status, 0), a);
    CHECK_EQ(status, EXITED(1));
    CHECK_EQ(waitpid(0, &status, 0), b);
    CHECK_EQ(status, EXITED(2));
    CHECK_ERR(waitpid(-a, &status, 0), ECHILD);
}

TEST(orphans_go_to_init)
{
    int32_t *seen = shared_page();

    CHECK_EQ(IN_CHILD({
                 if (fork() == 0) {
                     while (getppid() != 1)
                         nap(1 * MS);
                     __atomic_store_n(seen, 1, __ATOMIC_SEQ_CST);
                     _exit(0);
                 }
             }),
             0);
    for (int i = 0; i < 2000 && !__atomic_load_n(seen, __ATOMIC_SEQ_CST); i++)
        nap(1 * MS);
    CHECK_EQ(*seen, 1);
    munmap(seen, 4096);
}

TEST(ignored_sigchld_reaps)
{
    signal(SIGCHLD, SIG_IGN);
    pid_t pid = fork();
    if (pid == 0)
        _exit(1);
    errno = 0;
    long r = waitpid(pid, NULL, 0);
    int e = errno;
    signal(SIGCHLD, SIG_DFL);
    CHECK_EQ(r, -1);
    CHECK_EQ(e, ECHILD);
}

/* --- groups and sessions --- */

TEST(groups)
{
    pid_t group = getpgid(0);

    CHECK(group > 0);
    CHECK_EQ(getpgid(getpid()), group);
    CHECK_EQ(IN_CHILD(_exit(getpgid(0) == group ? 0 : 1)), 0);
    CHECK_EQ(IN_CHILD(_exit(setpgid(0, 0) == 0 && getpgid(0) == getpid() ? 0 : 1)), 0);
    CHECK_ERR(getpgid(99998), ESRCH);
    CHECK_ERR(getpgid(-1), EINVAL);
    CHECK_ERR(setpgid(0, -1), EINVAL);
    CHECK_ERR(setpgid(-1, 0), EINVAL);
    CHECK_ERR(setpgid(99998, 0), ESRCH);
    CHECK_ERR(setpgid(1, 0), ESRCH);
}

TEST(group_must_exist)
{
    CHECK_EQ(IN_CHILD(_exit(setpgid(0, 99998) == -1 && errno == EPERM ? 0 : 1)), 0);
}

TEST(sessions)
{
    CHECK_EQ(IN_CHILD({
                 if (setsid() != getpid() || getpgid(0) != getpid())
                     _exit(1);
                 if (setsid() != -1 || errno != EPERM)
                     _exit(2);
                 if (setpgid(0, 0) != -1 || errno != EPERM)
                     _exit(3);
             }),
             0);
}

TEST(setpgid_after_exec)
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        execl("/bin/sleep", "sleep", "10", (char *)NULL);
        _exit(1);
    }
    int err = 0;
    for (int i = 0; i < 2000 && !err; i++, nap(1 * MS))
        err = setpgid(pid, 0) == 0 ? 0 : errno;
    kill(pid, SIGKILL);
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK_EQ(err, EACCES);
    CHECK_EQ(status, KILLED_BY(SIGKILL));
}

/* --- threads --- */

static void *add_one(void *arg)
{
    __atomic_fetch_add((int *)arg, 1, __ATOMIC_SEQ_CST);
    return arg;
}

TEST(threads_join)
{
    enum { THREADS = 16 };
    pthread_t t[THREADS];
    int n = 0;
    void *result;

    for (int i = 0; i < THREADS; i++)
        CHECK_EQ(pthread_create(&t[i], NULL, add_one, &n), 0);
    for (int i = 0; i < THREADS; i++) {
        CHECK_EQ(pthread_join(t[i], &result), 0);
        CHECK(result == &n);
    }
    CHECK_EQ(n, THREADS);
}

static void *forever(void *arg)
{
    for (;;)
        sched_yield();
    return arg;
}

static void *sleeper(void *arg)
{
    for (;;)
        nap(1000 * MS);
    return arg;
}

TEST(exit_ends_all_threads)
{
    pthread_t t;

    CHECK_EQ(IN_CHILD({
                 pthread_create(&t, NULL, forever, NULL);
                 pthread_create(&t, NULL, sleeper, NULL);
                 nap(5 * MS);
                 _exit(6);
             }),
             EXITED(6));
}

static void *exit_process(void *arg)
{
    _exit(arg ? 12 : 11);
}

TEST(exit_by_another_thread)
{
    pthread_t t;

    CHECK_EQ(IN_CHILD({
                 pthread_create(&t, NULL, exit_process, &t);
                 for (;;)
                     nap(1000 * MS);
             }),
             EXITED(12));
}

static void *late_exit(void *arg)
{
    nap(10 * MS);
    sys_thread_exit(21, NULL);
    return arg;
}

TEST(last_thread_ends_process)
{
    pthread_t t;

    CHECK_EQ(IN_CHILD({
                 pthread_create(&t, NULL, late_exit, NULL);
                 sys_thread_exit(20, NULL);
             }),
             EXITED(21));
}

TEST(fork_in_thread_copies_one)
{
    pthread_t t;

    CHECK_EQ(IN_CHILD({
                 pthread_create(&t, NULL, sleeper, NULL);
                 static struct info_proc info;
                 if (fork() == 0) {
                     if (sysinfo(INFO_PROCS, getpid() - 1, &info, sizeof(info)) != sizeof(info))
                         _exit(1);
                     _exit(info.pid == getpid() ? (int)info.threads : 99);
                 }
                 int s;
                 wait(&s);
                 _exit(WEXITSTATUS(s));
             }),
             EXITED(1));
}

TEST(thread_create_errors)
{
    CHECK_RAW(sys_thread_create((void *)-16, NULL, NULL, NULL), EINVAL);
    CHECK_RAW(sys_thread_create((void *)0x10001, NULL, NULL, NULL), EINVAL);
    CHECK_RAW(sys_thread_create((void *)0x10000, NULL, (void *)-16, NULL), EINVAL);
}

/* --- futex --- */

TEST(futex_errors)
{
    uint32_t word = 5;

    CHECK_RAW(sys_futex(&word, ABI_FUTEX_WAIT, 4, -1), EAGAIN);
    CHECK_RAW(sys_futex(&word, ABI_FUTEX_WAIT, 5, 1 * MS), ETIMEDOUT);
    CHECK_RAW(sys_futex(&word, ABI_FUTEX_WAIT, 5, 0), ETIMEDOUT);
    CHECK_RAW(sys_futex(&word, 77, 5, 0), EINVAL);
    CHECK_RAW(sys_futex((uint32_t *)((char *)&word + 1), ABI_FUTEX_WAIT, 5, 0), EINVAL);
    CHECK_RAW(sys_futex((uint32_t *)8, ABI_FUTEX_WAIT, 5, 0), EFAULT);
    CHECK_RAW(sys_futex((uint32_t *)-8ul, ABI_FUTEX_WAKE, 5, 0), EFAULT);
    CHECK_EQ(sys_futex(&word, ABI_FUTEX_WAKE, 5, 0), 0);
}

TEST(futex_between_processes)
{
    uint32_t *word = shared_page();
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        while (__atomic_load_n(word, __ATOMIC_SEQ_CST) == 0)
            sys_futex(word, ABI_FUTEX_WAIT, 0, -1);
        _exit((int)*word);
    }
    nap(10 * MS);
    __atomic_store_n(word, 33, __ATOMIC_SEQ_CST);
    sys_futex(word, ABI_FUTEX_WAKE, 1, 0);
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK_EQ(status, EXITED(33));
    munmap(word, 4096);
}

TEST(futex_private_is_private)
{
    static uint32_t word;
    int status;
    pid_t pid = fork();

    if (pid == 0)
        _exit(sys_futex(&word, ABI_FUTEX_WAIT, 0, 60 * MS) == -ETIMEDOUT ? 0 : 1);
    for (int i = 0; i < 10; i++, nap(2 * MS))
        CHECK_EQ(sys_futex(&word, ABI_FUTEX_WAKE, 1, 0), 0);
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK_EQ(status, 0);
}

static uint32_t gate;

static void *wait_gate(void *arg)
{
    while (__atomic_load_n(&gate, __ATOMIC_SEQ_CST) == 0)
        sys_futex(&gate, ABI_FUTEX_WAIT, 0, -1);
    return arg;
}

TEST(futex_wakes_as_many_as_told)
{
    pthread_t t[4];
    long woken = 0;

    for (int i = 0; i < 4; i++)
        CHECK_EQ(pthread_create(&t[i], NULL, wait_gate, NULL), 0);
    nap(30 * MS);
    __atomic_store_n(&gate, 1, __ATOMIC_SEQ_CST);
    CHECK_EQ(sys_futex(&gate, ABI_FUTEX_WAKE, 1, 0), 1);
    woken = sys_futex(&gate, ABI_FUTEX_WAKE, 100, 0);
    for (int i = 0; i < 4; i++)
        pthread_join(t[i], NULL);
    CHECK_EQ(woken, 3);
}

static int counter;
static pthread_mutex_t counter_lock = PTHREAD_MUTEX_INITIALIZER;

static void *count_up(void *arg)
{
    for (int i = 0; i < 2000; i++) {
        pthread_mutex_lock(&counter_lock);
        counter++;
        pthread_mutex_unlock(&counter_lock);
    }
    return arg;
}

TEST(mutex_under_contention)
{
    pthread_t t[4];

    for (int i = 0; i < 4; i++)
        CHECK_EQ(pthread_create(&t[i], NULL, count_up, NULL), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(t[i], NULL);
    CHECK_EQ(counter, 8000);
}

/* --- time --- */

TEST(sleep_sleeps)
{
    uint64_t before = now_ns();

    CHECK_EQ(sys_nanosleep(20 * MS, NULL), 0);
    CHECK(now_ns() - before >= 20 * MS);
    CHECK_EQ(sys_nanosleep(0, NULL), 0);
}

TEST(clocks)
{
    struct timespec a, b;

    CHECK_EQ(clock_gettime(CLOCK_MONOTONIC, &a), 0);
    CHECK_EQ(clock_gettime(CLOCK_MONOTONIC, &b), 0);
    CHECK(b.tv_sec > a.tv_sec || (b.tv_sec == a.tv_sec && b.tv_nsec >= a.tv_nsec));
    CHECK_EQ(clock_gettime(CLOCK_REALTIME, &a), 0);
    CHECK(a.tv_sec > 1500000000);
    CHECK_EQ(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a), 0);
    CHECK_RAW(sys_clock_gettime(99, (void *)&a), EINVAL);
    CHECK_RAW(sys_clock_gettime(ABI_CLOCK_MONOTONIC, (void *)8), EFAULT);
}

TEST(times_of_children)
{
    struct abi_times t;

    CHECK_EQ(IN_CHILD(for (volatile int i = 0; i < 3000000; i++)), 0);
    CHECK_EQ(sys_times(&t), 0);
    CHECK(t.child_user_ns + t.child_system_ns > 0);
    CHECK_RAW(sys_times((void *)8), EFAULT);
}

TEST(yield_and_ids)
{
    CHECK_EQ(sys_yield(), 0);
    CHECK_EQ(sys_getpid(), getpid());
    CHECK_EQ(sys_gettid(), getpid());
    CHECK(sys_getppid() > 0);
}

int main(void)
{
    RUN(fork_exit_status);
    RUN(fork_ids);
    RUN(fork_memory_is_private);
    RUN(fork_registers_survive);
    RUN(fork_shares_descriptors);
    RUN(fork_deep);
    RUN(fork_many);
    RUN(wait_errors);
    RUN(wait_bad_pointer);
    RUN(wait_nohang);
    RUN(wait_by_group);
    RUN(orphans_go_to_init);
    RUN(ignored_sigchld_reaps);
    RUN(groups);
    RUN(group_must_exist);
    RUN(sessions);
    RUN(setpgid_after_exec);
    RUN(threads_join);
    RUN(exit_ends_all_threads);
    RUN(exit_by_another_thread);
    RUN(last_thread_ends_process);
    RUN(fork_in_thread_copies_one);
    RUN(thread_create_errors);
    RUN(futex_errors);
    RUN(futex_between_processes);
    RUN(futex_private_is_private);
    RUN(futex_wakes_as_many_as_told);
    RUN(mutex_under_contention);
    RUN(sleep_sleeps);
    RUN(clocks);
    RUN(times_of_children);
    RUN(yield_and_ids);
    return check_done("t_proc");
}
