/*
 * t_pager.c - the pager is absent, killed, replaced; and it was the pager that did the work.
 *
 * The first of these tests ends the pagerd that mmaptest found, in order, and the last thing that
 * each does is to see to it that one runs.
 */
#include <signal.h>

#include "mm.h"

enum {
    BIND_WAIT_MS = 2000, /* docs/protocol.md */
    RESTART_WAIT_MS = 3000,
    LATE_MS = 2000,
};

static void check_elapsed(uint64_t since, uint64_t expected_ms)
{
    uint64_t took = now_ms() - since;

    if (took + 200 < expected_ms || took > expected_ms + LATE_MS)
        FAIL("took %ld ms, not about %ld", (long)took, (long)expected_ms);
}

/* mmap() waits for a pager, but not for ever; a file that is read needs none. */
static void absent(void)
{
    int fd = file_make("f", 4 * PAGE, 1), fresh;
    unsigned char *p;
    uint64_t start;

    pager_stop(SIGTERM);
    CHECK_FILE("f", 4 * PAGE, 1);
    fresh = open("g", O_RDWR | O_CREAT | O_TRUNC, 0644);
    CHECK_EQ(write(fresh, "1234", 4), 4);
    start = now_ms();
    CHECK_ERR((long)mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fresh, 0), ENOPAGER);
    check_elapsed(start, BIND_WAIT_MS);
    pager_start();
    p = MAP(PAGE, PROT_READ, MAP_SHARED, fresh, 0);
    CHECK(memcmp(p, "1234", 4) == 0);
    p = MAP(4 * PAGE, PROT_READ, MAP_SHARED, fd, 0);
    CHECK_PATTERN(p, 0, 4 * PAGE, 1);
    unlink("f");
    unlink("g");
}

static void starts_pager_late(void *arg)
{
    (void)arg;
    usleep(700000);
    pager_start();
}

/* mmap() before pagerd: the call waits and succeeds. */
static void started_late(void)
{
    int fd = open("f", O_RDWR | O_CREAT | O_TRUNC, 0644);
    unsigned char *p;
    pid_t pid;

    CHECK_EQ(write(fd, "late", 4), 4);
    pager_stop(SIGTERM);
    pid = child_start(starts_pager_late, NULL);
    p = MAP(PAGE, RW, MAP_SHARED, fd, 0);
    CHECK(memcmp(p, "late", 4) == 0);
    child_wait(pid);
    unlink("f");
}

/* kill -9 with dirty pages: what is resident goes on, what is absent ends in a typed error after
 * the restart window, and the successor writes what its predecessor did not. */
static void killed(void)
{
    int fd = file_make("f", 64 * PAGE, 2);
    unsigned char *p = MAP(64 * PAGE, RW, MAP_SHARED, fd, 0);
    uint64_t start;

    pager_make_ours();
    CHECK_EQ(madvise(p, 64 * PAGE, MADV_RANDOM), 0);
    pattern_fill(p, 0, 4 * PAGE, 3);
    pager_stop(SIGKILL);
    CHECK_PATTERN(p, 0, 4 * PAGE, 3);
    pattern_fill(p + 4 * PAGE - 10, 4 * PAGE - 10, 10, 3);
    start = now_ms();
    CHECK_KILLED(touch_read, p + 50 * PAGE, SIGBUS, EPAGERDEAD);
    check_elapsed(start, RESTART_WAIT_MS);
    CHECK_ERR(pwrite(fd, p + 40 * PAGE, 10, 0), EPAGERDEAD);
    pager_start();
    CHECK_PATTERN(p + 50 * PAGE, 50 * PAGE, PAGE, 2);
    CHECK_EQ(msync(p, 64 * PAGE, MS_SYNC), 0);
    CHECK_EQ(munmap(p, 64 * PAGE), 0);
    file_make_cold(fd, 64 * PAGE);
    p = MAP(64 * PAGE, PROT_READ, MAP_SHARED, fd, 0);
    CHECK_PATTERN(p, 0, 4 * PAGE, 3);
    CHECK_PATTERN(p + 4 * PAGE, 4 * PAGE, 60 * PAGE, 2);
    unlink("f");
}

/* A fault that waits while the pager is replaced gets its page. */
static void replaced(void)
{
    int fd = file_make("f", 16 * PAGE, 4);
    unsigned char *p = MAP(16 * PAGE, RW, MAP_SHARED, fd, 0);
    pid_t pid;

    pager_make_ours();
    pager_stop(SIGKILL);
    pid = child_start(starts_pager_late, NULL);
    CHECK_PATTERN(p, 0, 16 * PAGE, 4);
    child_wait(pid);
    unlink("f");
}

static void second_refused(void)
{
    CHECK_ERR(pager_open(1, 64), EBUSY);
    CHECK_ERR(pager_open(0, 64), EINVAL);
    CHECK_ERR(pager_open(1, 1 << 20), EINVAL);
}

static void served(void)
{
    struct info_pager before, after;
    int fd = file_make("f", 33 * PAGE, 5);
    unsigned char *p = MAP(33 * PAGE, RW, MAP_SHARED, fd, 0);

    CHECK(pager_find(&before));
    CHECK_PATTERN(p, 0, 33 * PAGE, 5);
    pattern_fill(p, 0, 33 * PAGE, 6);
    CHECK_EQ(msync(p, 33 * PAGE, MS_SYNC), 0);
    CHECK(pager_find(&after));
    CHECK_EQ(after.session, before.session);
    CHECK_EQ(after.fill_pages - before.fill_pages, 33);
    CHECK_EQ(after.flush_pages - before.flush_pages, 33);
    CHECK(after.fills > before.fills && after.flushes > before.flushes);
    CHECK(after.objects >= 1);
    CHECK_EQ(after.fill_errors, 0);
    CHECK_EQ(after.flush_errors, 0);
    CHECK_EQ(after.protocol_errors, 0);
    unlink("f");
}

const struct test tests_pager[] = {
    {"pager-absent", absent, 0},
    {"pager-started-late", started_late, 0},
    {"pager-killed", killed, FILLS | FLUSHES},
    {"pager-replaced", replaced, FILLS},
    {"second-pager-refused", second_refused, 0},
    {"pager-served", served, FILLS | FLUSHES},
    {NULL, NULL, 0},
};
