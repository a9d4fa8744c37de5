/*
 * t_pager_kill.c - pagerd is killed at random moments while processes load, store and sync.
 *
 *     t_pager_kill [ROUNDS [SEED]]
 *
 * Each worker has a file of its own, mapped shared, and a copy in private memory of what it stored.
 * It loads, stores, syncs, drops clean pages, and compares. Meanwhile pagerd is killed ROUNDS times
 * with SIGKILL and started again within the restart window, so that no fault may fail. At the end
 * every byte must be in the file as read() sees it, from memory and from the disk.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#include <duality/sys.h>

#include "check.h"

enum { PAGE = 4096, PAGES = 48, BYTES = PAGES * PAGE, WORKERS = 3, PATIENCE_MS = 10000 };

static int rounds = 12;
static unsigned seed = 1;
static pid_t workers[WORKERS];
static volatile int *stop; /* shared with the workers */
static int found;          /* pid of the pagerd that was there */

static unsigned next_random(unsigned *state)
{
    *state = *state * 1103515245 + 12345;
    return *state >> 16 & 0x7fff;
}

static void sleep_ms(long ms)
{
    const struct timespec t = {ms / 1000, ms % 1000 * 1000000};

    nanosleep(&t, NULL);
}

static int pager_pid(void)
{
    struct info_pager p;
    uint32_t after = 0;

    for (; sysinfo(INFO_PAGERS, after, &p, sizeof(p)) == (ssize_t)sizeof(p); after = p.session)
        if (p.state == INFO_PAGER_LIVE)
            return (int)p.pid;
    return 0;
}

/* Waits until that process is the pager (0: until there is none). 0, or -1. */
static int wait_pager(int pid)
{
    int ms;

    for (ms = 0; ms < PATIENCE_MS; ms += 5) {
        if (pager_pid() == pid)
            return 0;
        sleep_ms(5);
    }
    return -1;
}

static pid_t start_pager(void)
{
    char *const argv[] = {"pagerd", NULL};
    pid_t pid = fork();

    if (pid == 0) {
        execv("/bin/pagerd", argv);
        _exit(127);
    }
    return pid;
}

/* --- workers --- */

struct work {
    unsigned random;
    int fd;
    unsigned char *map, *copy;
};

static _Noreturn void give_up(int me, const char *what, long where)
{
    dprintf(1, "worker %d: %s at %ld, errno %d\n", me, what, where, errno);
    _exit(1);
}

static void step(struct work *w, int me)
{
    unsigned at = next_random(&w->random) % PAGES * PAGE;
    unsigned len = next_random(&w->random) % PAGE, what = next_random(&w->random) % 16;

    if (what == 0) {
        if (msync(w->map, BYTES, MS_SYNC | MS_INVALIDATE) < 0 && errno != EPAGERDEAD &&
            errno != ETIMEDOUT)
            give_up(me, "msync", at);
    } else if (what < 8) {
        memset(w->map + at, (int)len, len);
        memset(w->copy + at, (int)len, len);
    } else if (memcmp(w->map + at, w->copy + at, PAGE) != 0) {
        give_up(me, "wrong bytes", at);
    }
}

/* Everything as read() sees it. */
static void verify(struct work *w, int me, const char *what)
{
    static unsigned char buf[PAGE];
    long at;

    for (at = 0; at < BYTES; at += PAGE)
        if (pread(w->fd, buf, PAGE, at) != PAGE || memcmp(buf, w->copy + at, PAGE) != 0)
            give_up(me, what, at);
}

static _Noreturn void work(int me)
{
    struct work w = {.random = seed * 100 + (unsigned)me};
    char name[20];

    snprintf(name, sizeof(name), "/kill.%d", me);
    w.fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0644);
    if (w.fd < 0 || ftruncate(w.fd, BYTES) < 0)
        give_up(me, "create", 0);
    w.copy = calloc(1, BYTES);
    w.map = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, w.fd, 0);
    if (w.map == MAP_FAILED || !w.copy)
        give_up(me, "mmap", 0);
    while (!*stop)
        step(&w, me);
    if (msync(w.map, BYTES, MS_SYNC) < 0)
        give_up(me, "last msync", 0);
    verify(&w, me, "lost in memory");
    if (msync(w.map, BYTES, MS_SYNC | MS_INVALIDATE) < 0)
        give_up(me, "last msync", 1);
    munmap(w.map, BYTES);
    verify(&w, me, "lost on disk");
    unlink(name);
    _exit(0);
}

/* --- the tests, in order --- */

TEST(pager_is_ours)
{
    found = 0;
    for (int ms = 0; ms < 1000 && !found; ms += 5) {
        found = pager_pid();
        sleep_ms(5);
    }
    if (found) {
        CHECK_EQ(kill(found, SIGUSR1), 0);
        CHECK_EQ(wait_pager(0), 0);
    }
    stop = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANON, -1, 0);
    CHECK(stop != MAP_FAILED);
}

TEST(kill_at_random)
{
    unsigned random = seed;
    pid_t pager = start_pager();
    int i;

    CHECK_EQ(wait_pager(pager), 0);
    for (i = 0; i < WORKERS; i++)
        if ((workers[i] = fork()) == 0)
            work(i);
    for (i = 0; i < rounds; i++) {
        sleep_ms(next_random(&random) % 150);
        CHECK_EQ(kill(pager, SIGKILL), 0);
        CHECK_EQ(waitpid(pager, NULL, 0), pager);
        sleep_ms(next_random(&random) % 100);
        pager = start_pager();
        CHECK_EQ(wait_pager(pager), 0);
    }
}

TEST(nothing_lost)
{
    int i, status;

    *stop = 1;
    for (i = 0; i < WORKERS; i++) {
        CHECK_EQ(waitpid(workers[i], &status, 0), workers[i]);
        CHECK_EQ(status, 0);
    }
}

TEST(pager_as_before)
{
    int ours = pager_pid();

    CHECK(ours > 0);
    CHECK_EQ(kill(ours, SIGTERM), 0);
    CHECK_EQ(wait_pager(0), 0);
    CHECK_EQ(waitpid(ours, NULL, 0), ours);
    if (found) {
        CHECK_EQ(kill(found, SIGUSR1), 0);
        CHECK_EQ(wait_pager(found), 0);
    }
}

int main(int argc, char **argv)
{
    if (argc > 1)
        rounds = atoi(argv[1]);
    if (argc > 2)
        seed = (unsigned)atoi(argv[2]);
    RUN(pager_is_ours);
    RUN(kill_at_random);
    RUN(nothing_lost);
    RUN(pager_as_before);
    return check_done("t_pager_kill");
}
