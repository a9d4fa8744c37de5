/*
 * t_storm.c - processes and threads made, stopped and killed at any moment; memory used up by them.
 *
 * Nothing may hang, and every frame must come back. Random numbers come from a fixed seed; what
 * happens when still depends on timing, so this is worth running many times over.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>

#include <duality/sys.h>

#include "check.h"

#define US 1000ull
#define MS 1000000ull

static uint32_t seed = 2026;

static uint32_t random_below(uint32_t n)
{
    seed = seed * 1664525 + 1013904223;
    return (uint32_t)((uint64_t)(seed >> 8) * n >> 24);
}

static void nap(uint64_t ns)
{
    sys_nanosleep(ns, NULL);
}

static long free_pages(void)
{
    struct info_memory m;

    if (sysinfo(INFO_MEMORY, 0, &m, sizeof(m)) != (long)sizeof(m))
        return -1;
    return (long)(m.free + m.cached + m.buffers + m.kernel); /* slabs may stay half full */
}

/* --- memory used up by processes --- */

/* Forks until it can't, then ends its children and waits for them. */
static void fork_to_the_brim(void)
{
    enum { MOST = 20000 };
    static pid_t child[MOST];
    int made = 0;
    pid_t pid = 0;

    setpgid(0, 0);
    while (made < MOST && (pid = fork()) > 0)
        child[made++] = pid;
    if (pid == 0)
        for (;;)
            nap(1000000 * MS);
    if (pid < 0 && errno != ENOMEM && errno != EAGAIN)
        _exit(1);
    if (made < 20)
        _exit(2);
    for (int i = 0; i < made; i++)
        kill(child[i], SIGTERM);
    while (made > 0 && wait(NULL) > 0)
        made--;
    _exit(made ? 3 : 0);
}

/* Waits until all but a few of the frames are free again. */
static int frames_are_back(long before)
{
    for (int i = 0; i < 3000 && before - free_pages() > 64; i++)
        nap(1 * MS);
    return before - free_pages() <= 64;
}

TEST(fork_until_full)
{
    long before = free_pages();
    int status = IN_CHILD(fork_to_the_brim());

    kill(-check_pid,
         SIGKILL); /* should memory have been too short for the forking process itself */
    CHECK_EQ(status == 0 || (status & 0x7f) == SIGKILL ? 0 : status, 0);
    CHECK(frames_are_back(before));
}

static void *park(void *arg)
{
    for (;;)
        nap(1000000 * MS);
    return arg;
}

TEST(threads_until_full)
{
    enum { MOST = 1000 };
    long before = free_pages();
    int status = IN_CHILD({
        int made = 0;
        pthread_t t;
        pthread_attr_t attr;
        pthread_attr_init(&attr);
        pthread_attr_setstacksize(&attr, 16384);
        while (made < MOST && pthread_create(&t, &attr, park, NULL) == 0)
            made++;
        _exit(made > 20 ? 0 : 1);
    });

    if ((status & 0x7f) != SIGKILL)
        CHECK_EQ(status, 0);
    CHECK(frames_are_back(before));
}

/* --- killed anywhere --- */

static void *churn_memory(void *arg)
{
    for (;;) {
        char *p = mmap(NULL, 16 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
        if (p != MAP_FAILED) {
            for (int i = 0; i < 16; i++)
                p[i * 4096] = 1;
            munmap(p, 16 * 4096);
        }
    }
    return arg;
}

static void work_fork(void)
{
    for (;;)
        IN_CHILD(_exit(0));
}

static void work_exec(void)
{
    for (;;)
        IN_CHILD(execl("/bin/true", "true", (char *)NULL));
}

static void work_threads(void)
{
    pthread_t t;

    pthread_create(&t, NULL, churn_memory, NULL);
    churn_memory(NULL);
}

static void work_pipe(void)
{
    int fds[2];
    static char data[3000];

    if (pipe(fds))
        _exit(1);
    if (fork() == 0)
        for (;;)
            if (write(fds[1], data, sizeof(data)) < 0)
                _exit(1);
    for (;;)
        if (read(fds[0], data, sizeof(data)) <= 0)
            _exit(1);
}

static void work_exec_threads(void)
{
    pthread_t t;

    pthread_create(&t, NULL, churn_memory, NULL);
    pthread_create(&t, NULL, park, NULL);
    nap(random_below(500) * US);
    execl("/bin/sleep", "sleep", "1000", (char *)NULL);
    _exit(1);
}

static void (*const work[])(void) = {work_fork, work_exec, work_threads, work_pipe,
                                     work_exec_threads};
enum { WORKS = sizeof(work) / sizeof(work[0]) };

static int kill_once(int which, uint64_t after_ns)
{
    int status = -1;
    pid_t pid = fork();

    if (pid == 0) {
        setpgid(0, 0);
        work[which]();
    }
    if (pid < 0)
        return -1;
    nap(after_ns);
    kill(pid, SIGKILL);
    if (waitpid(pid, &status, 0) != pid)
        return -2;
    kill(-pid, SIGKILL); /* what it left behind */
    return status;
}

TEST(killed_anywhere)
{
    for (int i = 0; i < 2 * WORKS; i++)
        kill_once(i % WORKS, 3 * MS); /* fills caches */
    long before = free_pages();
    for (int i = 0; i < 40 * WORKS; i++) {
        int status = kill_once(i % WORKS, random_below(3000) * US);
        CHECK_EQ(status, KILLED_BY(SIGKILL));
    }
    CHECK(frames_are_back(before));
}

/* --- stopped anywhere --- */

TEST(stopped_anywhere)
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        setpgid(0, 0);
        for (int i = 0; i < 150; i++)
            if (IN_CHILD(execl("/bin/true", "true", (char *)NULL)) != 0)
                _exit(1);
        _exit(0);
    }
    setpgid(pid, pid);
    while (waitpid(pid, &status, WNOHANG) == 0) {
        kill(-pid, SIGSTOP);
        nap(random_below(300) * US);
        kill(-pid, SIGCONT);
        nap(random_below(2000) * US);
    }
    CHECK_EQ(status, 0);
}

/* --- threads come and go --- */

static int ended;

static void *brief(void *arg)
{
    __atomic_fetch_add(&ended, 1, __ATOMIC_SEQ_CST);
    return arg;
}

static void *make_threads(void *arg)
{
    pthread_t t;

    for (int i = 0; i < 60; i++)
        if (pthread_create(&t, NULL, brief, NULL) || pthread_join(t, NULL))
            return arg;
    return NULL;
}

TEST(threads_come_and_go)
{
    pthread_t t[4];
    void *bad;

    ended = 0;
    for (int i = 0; i < 4; i++)
        CHECK_EQ(pthread_create(&t[i], NULL, make_threads, &t[i]), 0);
    for (int i = 0; i < 4; i++) {
        CHECK_EQ(pthread_join(t[i], &bad), 0);
        CHECK(!bad);
    }
    CHECK_EQ(ended, 240);
}

/* fork, exit and signals from several threads at once */
static void *fork_loop(void *arg)
{
    for (int i = 0; i < 25; i++) {
        pid_t pid = fork();
        int status;
        if (pid == 0)
            _exit(i);
        if (pid < 0 || waitpid(pid, &status, 0) != pid || status != EXITED(i))
            return arg;
    }
    return NULL;
}

TEST(fork_from_many_threads)
{
    pthread_t t[4];
    void *bad;

    for (int i = 0; i < 4; i++)
        CHECK_EQ(pthread_create(&t[i], NULL, fork_loop, &t[i]), 0);
    for (int i = 0; i < 4; i++) {
        CHECK_EQ(pthread_join(t[i], &bad), 0);
        CHECK(!bad);
    }
}

TEST(all_is_well)
{
    CHECK_EQ(kcheck(), 0);
}

int main(void)
{
    RUN(killed_anywhere);
    RUN(stopped_anywhere);
    RUN(threads_come_and_go);
    RUN(fork_from_many_threads);
    RUN(fork_until_full);
    RUN(threads_until_full);
    RUN(all_is_well);
    return check_done("t_storm");
}
