/*
 * t_kill.c - kills the pager of files at random under load: nothing may hang, no stored byte may be
 * lost, whatever a process was in the middle of.
 *
 * Workers store through shared mappings, each in pages of its own of files shared by all, map and
 * unmap, fork, read() and write(), and keep in memory what must be there. A store or load that ends
 * in SIGBUS with a pager's verdict is tried again. Meanwhile the parent starts pagerd, lets it live
 * for a random time and kills it with SIGKILL. At the end a pagerd runs, everything is flushed, and
 * each worker compares all its bytes through read() and through a fresh mapping.
 *
 * Usage: t_kill [-n KILLS] [-w WORKERS] [-s SEED]. No pagerd may be running.
 */
#include <duality/sys.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <time.h>

#include "check.h"

enum { PAGE = 4096, FILES = 3, PAGES_EACH = 24, STALL_LIMIT_MS = 9000 };

static int workers = 4, kills = 12;
static unsigned seed = 1;
static int me; /* number of this worker */

static unsigned rnd(void)
{
    seed = seed * 1664525u + 1013904223u;
    return seed >> 8;
}

static uint64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* --- stores and loads that may fail --- */

static sigjmp_buf again;
static volatile int verdict;

static void on_bus(int sig, siginfo_t *info, void *context)
{
    struct abi_fault_record rec;
    (void)sig;
    (void)info;
    (void)context;
    fault_record(&rec);
    verdict = -rec.code;
    siglongjmp(again, 1);
}

static int retryable(int err)
{
    return err == EPAGERDEAD || err == ETIMEDOUT || err == ENOPAGER || err == EIO;
}

/* Stores or checks one page of pattern; 0, or a byte is wrong. Tries until it works. */
static int touch(volatile unsigned char *p, unsigned value, int store)
{
    static volatile int wrong;
    uint64_t start = now_ms();
    wrong = 0;
    while (sigsetjmp(again, 1)) {
        if (!retryable(verdict)) {
            dprintf(1, "FAIL worker %d: verdict %d\n", me, verdict);
            return 1;
        }
        if (now_ms() - start > 20 * STALL_LIMIT_MS) {
            dprintf(1, "FAIL worker %d: no page for %d ms\n", me, 20 * STALL_LIMIT_MS);
            return 1;
        }
    }
    uint64_t begin = now_ms();
    for (int i = 0; i < PAGE; i += 61) {
        unsigned char want = (unsigned char)(value + i);
        if (store)
            p[i] = want;
        else if (p[i] != want)
            wrong++;
    }
    if (now_ms() - begin > STALL_LIMIT_MS) {
        dprintf(1, "FAIL worker %d: one access stalled %d ms\n", me, (int)(now_ms() - begin));
        return 1;
    }
    if (wrong)
        dprintf(1, "FAIL worker %d: %d wrong bytes in a page of value %u, first %u\n", me, wrong,
                value, p[0]);
    return wrong != 0;
}

/* --- a worker --- */

static unsigned model[FILES][PAGES_EACH]; /* what my pages must hold; 0: never stored */

static const char *file_name(int f)
{
    static char name[32];
    snprintf(name, sizeof(name), "/kill.%d", f);
    return name;
}

static off_t page_offset(int page)
{
    return (off_t)(page * workers + me) * PAGE;
}

static char *map_file(int f)
{
    size_t len = (size_t)PAGES_EACH * (size_t)workers * PAGE;
    int fd = open(file_name(f), O_RDWR);
    if (fd < 0)
        return NULL;
    void *p;
    while ((p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)) == MAP_FAILED &&
           retryable(errno))
        ;
    close(fd);
    return p == MAP_FAILED ? NULL : p;
}

static int unmap_file(char *p)
{
    return munmap(p, (size_t)PAGES_EACH * (size_t)workers * PAGE);
}

/* Compares through read(), retrying while no pager answers. */
static int check_by_read(int f, int page)
{
    unsigned char buf[PAGE];
    int fd = open(file_name(f), O_RDONLY);
    ssize_t n;
    while ((n = pread(fd, buf, PAGE, page_offset(page))) < 0 && retryable(errno))
        ;
    close(fd);
    if (n != PAGE)
        return 1;
    for (int i = 0; i < PAGE; i += 61)
        if (buf[i] != (unsigned char)(model[f][page] + (unsigned)i))
            return 1;
    return 0;
}

static int write_page(int f, int page, unsigned value)
{
    unsigned char buf[PAGE];
    int fd = open(file_name(f), O_RDWR);
    ssize_t n;
    for (int i = 0; i < PAGE; i++)
        buf[i] = (unsigned char)(value + (unsigned)i);
    while ((n = pwrite(fd, buf, PAGE, page_offset(page))) < 0 && retryable(errno))
        ;
    close(fd);
    return n != PAGE;
}

/* A child stores for its parent and exits (or is killed) with dirty pages. */
static int store_by_child(char *map, int f, int page, unsigned value)
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        int bad = touch((unsigned char *)map + page_offset(page), value, 1);
        if (rnd() % 2)
            kill(getpid(), bad ? SIGABRT : SIGKILL);
        _exit(bad);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return 1;
    model[f][page] = value;
    return WIFSIGNALED(status) ? WTERMSIG(status) != SIGKILL : WEXITSTATUS(status);
}

static int one_step(char **maps)
{
    int f = (int)(rnd() % FILES), page = (int)(rnd() % PAGES_EACH);
    unsigned value = 1 + rnd() % 200, what = rnd() % 16;
    if (what == 0) {
        unmap_file(maps[f]);
        maps[f] = map_file(f);
        return maps[f] == NULL;
    }
    if (what == 1)
        return msync(maps[f], PAGE, MS_SYNC) && !retryable(errno);
    if (what == 2 && model[f][page])
        return check_by_read(f, page);
    if (what == 3) {
        int bad = write_page(f, page, value);
        model[f][page] = value;
        return bad;
    }
    if (what == 4)
        return store_by_child(maps[f], f, page, value);
    unsigned char *p = (unsigned char *)maps[f] + page_offset(page);
    if (what < 9) {
        model[f][page] = value;
        return touch(p, value, 1);
    }
    return model[f][page] ? touch(p, model[f][page], 0) : 0;
}

static volatile int stop;

static void on_stop(int sig)
{
    (void)sig;
    stop = 1;
}

static int check_everything(void)
{
    int bad = 0;
    for (int f = 0; f < FILES; f++) {
        char *map = map_file(f);
        if (!map)
            return 1;
        for (int page = 0; page < PAGES_EACH; page++) {
            if (!model[f][page])
                continue;
            bad += touch((unsigned char *)map + page_offset(page), model[f][page], 0);
            bad += check_by_read(f, page);
        }
        unmap_file(map);
    }
    return bad;
}

static int worker(int number)
{
    struct sigaction bus = {.sa_sigaction = on_bus, .sa_flags = SA_SIGINFO};
    char *maps[FILES];
    long steps = 0;
    int bad = 0;
    me = number;
    seed += (unsigned)number * 7919;
    sigaction(SIGBUS, &bus, NULL);
    signal(SIGUSR1, on_stop);
    for (int f = 0; f < FILES; f++)
        if (!(maps[f] = map_file(f)))
            return 1;
    while (!stop && !bad) {
        bad = one_step(maps);
        steps++;
    }
    if (bad)
        dprintf(1, "FAIL worker %d: step %ld: errno %d\n", me, steps, errno);
    for (int f = 0; f < FILES; f++)
        if (maps[f])
            unmap_file(maps[f]);
    bad += check_everything();
    return bad != 0;
}

/* --- the parent --- */

static pid_t start_pager(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        execl("/bin/pagerd", "pagerd", NULL);
        _exit(127);
    }
    return pid;
}

static void pause_ms(unsigned ms)
{
    const struct timespec t = {(time_t)(ms / 1000), (long)(ms % 1000) * 1000000};
    nanosleep(&t, NULL);
}

static void make_files(void)
{
    for (int f = 0; f < FILES; f++) {
        int fd = open(file_name(f), O_RDWR | O_CREAT | O_TRUNC, 0644);
        if (fd < 0 || ftruncate(fd, (off_t)PAGES_EACH * workers * PAGE))
            check_fail(__FILE__, __LINE__, "make_files", errno, 0);
        close(fd);
    }
}

TEST(random_kills)
{
    pid_t pids[32];
    int status, i;
    make_files();
    pid_t pager = start_pager();
    for (i = 0; i < workers; i++) {
        pids[i] = fork();
        if (pids[i] == 0)
            _exit(worker(i));
        CHECK(pids[i] > 0);
    }
    for (int k = 0; k < kills; k++) {
        pause_ms(10 + rnd() % 150);
        CHECK_EQ(kill(pager, SIGKILL), 0);
        CHECK_EQ(waitpid(pager, &status, 0), pager);
        if (rnd() % 3 == 0)
            pause_ms(rnd() % 300);
        pager = start_pager();
        CHECK(pager > 0);
    }
    pause_ms(200);
    for (i = 0; i < workers; i++)
        kill(pids[i], SIGUSR1);
    int failed = 0;
    for (i = 0; i < workers; i++) {
        CHECK_EQ(waitpid(pids[i], &status, 0), pids[i]);
        failed += status != 0;
        if (status)
            dprintf(1, "FAIL worker %d ended with status %x\n", i, (unsigned)status);
    }
    sync();
    kill(pager, SIGTERM);
    waitpid(pager, &status, 0);
    for (i = 0; i < FILES; i++)
        unlink(file_name(i));
    CHECK_EQ(failed, 0);
}

int main(int argc, char **argv)
{
    int opt;
    while ((opt = getopt(argc, argv, "n:w:s:")) != -1) {
        if (opt == 'n')
            kills = atoi(optarg);
        else if (opt == 'w')
            workers = atoi(optarg);
        else if (opt == 's')
            seed = (unsigned)atoi(optarg);
        else
            return 2;
    }
    if (workers < 1 || workers > 32 || kills < 0)
        return 2;
    RUN(random_kills);
    return check_done("t_kill");
}
