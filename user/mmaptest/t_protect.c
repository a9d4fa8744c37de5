/*
 * t_protect.c - mprotect(), msync(), mincore(), madvise() on file mappings.
 */
#include <signal.h>

#include "mm.h"

static void protect(void)
{
    int fd = file_make("f", 4 * PAGE, 1);
    unsigned char *p = MAP(4 * PAGE, PROT_READ, MAP_SHARED, fd, 0);

    CHECK_EQ(p[PAGE], pattern(PAGE, 1));
    CHECK_EQ(mprotect(p + PAGE, 2 * PAGE, RW), 0);
    p[PAGE] = 'w';
    p[2 * PAGE] = 'w';
    CHECK_KILLED(touch_write, p, SIGSEGV, 0);
    CHECK_KILLED(touch_write, p + 3 * PAGE, SIGSEGV, 0);
    CHECK_EQ(mprotect(p + PAGE, PAGE, PROT_NONE), 0);
    CHECK_KILLED(touch_read, p + PAGE, SIGSEGV, 0);
    CHECK_EQ(mprotect(p, 4 * PAGE, PROT_READ), 0);
    CHECK_KILLED(touch_write, p + 2 * PAGE, SIGSEGV, 0);
    CHECK_EQ(p[PAGE], 'w');
    CHECK_PATTERN(p + 3 * PAGE, 3 * PAGE, PAGE, 1);
    CHECK_EQ(munmap(p, 4 * PAGE), 0);
    file_make_cold(fd, 4 * PAGE);
    p = MAP(4 * PAGE, PROT_READ, MAP_SHARED, fd, 0);
    CHECK_EQ(p[2 * PAGE], 'w');
    unlink("f");
}

static void protect_private(void)
{
    int fd = file_make("f", 2 * PAGE, 2);
    unsigned char *p = MAP(2 * PAGE, RW, MAP_PRIVATE, fd, 0);

    p[0] = 'a';
    CHECK_EQ(mprotect(p, 2 * PAGE, PROT_NONE), 0);
    CHECK_KILLED(touch_read, p, SIGSEGV, 0);
    CHECK_EQ(mprotect(p, 2 * PAGE, RW), 0);
    CHECK_EQ(p[0], 'a');
    p[PAGE] = 'b';
    CHECK_FILE("f", 2 * PAGE, 2);
    unlink("f");
}

static void protect_refusals(void)
{
    int fd = file_make("f", 2 * PAGE, 3), ro = open("f", O_RDONLY);
    unsigned char *p = MAP(2 * PAGE, PROT_READ, MAP_SHARED, ro, 0);
    unsigned char *q = MAP(2 * PAGE, PROT_READ, MAP_PRIVATE, ro, 0);

    CHECK_ERR(mprotect(p, PAGE, RW), EACCES);
    CHECK_EQ(mprotect(q, PAGE, RW), 0);
    q[1] = 'q';
    CHECK_EQ(munmap(q, 2 * PAGE), 0);
    CHECK_ERR(mprotect(q, 2 * PAGE, PROT_READ), ENOMEM);
    CHECK_ERR(mprotect(p + 1, PAGE, PROT_READ), EINVAL);
    CHECK_FILE("f", 2 * PAGE, 3);
    close(fd);
    unlink("f");
}

static void sync_mapping(void)
{
    int fd = file_make("f", 20 * PAGE, 4);
    unsigned char *p = MAP(20 * PAGE, RW, MAP_SHARED, fd, 0);
    uint64_t pages = counter("flush_pages");
    int i;

    for (i = 0; i < 20; i += 2)
        p[i * PAGE] = (unsigned char)i;
    CHECK_EQ(msync(p, 20 * PAGE, MS_SYNC), 0);
    CHECK(counter("flush_pages") - pages >= 10);
    pages = counter("flush_pages");
    CHECK_EQ(msync(p, 20 * PAGE, MS_SYNC), 0); /* nothing is dirty now */
    CHECK_EQ(counter("flush_pages"), pages);
    p[0] = 77; /* a store after the flush is seen again */
    CHECK_EQ(msync(p, PAGE, MS_SYNC), 0);
    CHECK_EQ(counter("flush_pages"), pages + 1);
    CHECK_EQ(msync(p, 20 * PAGE, MS_ASYNC), 0);
    p[PAGE] = 78;
    CHECK_EQ(fsync(fd), 0);
    CHECK(counter("flush_pages") > pages + 1);
    unlink("f");
}

static void sync_refusals(void)
{
    int fd = file_make("f", PAGE, 5);
    unsigned char *p = MAP(PAGE, RW, MAP_SHARED, fd, 0);

    CHECK_ERR(msync(p + 1, PAGE, MS_SYNC), EINVAL);
    CHECK_ERR(msync(p, PAGE, MS_SYNC | MS_ASYNC), EINVAL);
    CHECK_ERR(msync(p, PAGE, 64), EINVAL);
    CHECK_EQ(munmap(p, PAGE), 0);
    CHECK_ERR(msync(p, PAGE, MS_SYNC), ENOMEM);
    unlink("f");
}

static void residence(void)
{
    int fd = file_make("f", 64 * PAGE, 6);
    unsigned char *p = MAP(64 * PAGE, RW, MAP_SHARED, fd, 0), in[64];

    CHECK_EQ(madvise(p, 64 * PAGE, MADV_RANDOM), 0);
    CHECK_EQ(mincore(p, 64 * PAGE, in), 0);
    CHECK_EQ(in[40] & 1, 0);
    CHECK_EQ(p[40 * PAGE], pattern(40 * PAGE, 6));
    CHECK_EQ(mincore(p, 64 * PAGE, in), 0);
    CHECK_EQ(in[40] & 1, 1);
    CHECK_EQ(in[0] & 1, 0);
    CHECK_EQ(madvise(p, 64 * PAGE, MADV_DONTNEED), 0);
    CHECK_PATTERN(p, 0, 64 * PAGE, 6);
    CHECK_ERR(mincore(p + 1, PAGE, in), EINVAL);
    CHECK_ERR(mincore((void *)0x2000000000, PAGE, in), ENOMEM);
    unlink("f");
}

/* A sequential reader asks for runs, not pages. */
static void read_ahead(void)
{
    int fd = file_make("f", 256 * PAGE, 7);
    unsigned char *p = MAP(256 * PAGE, PROT_READ, MAP_SHARED, fd, 0);
    uint64_t fills = counter("fills");

    CHECK_PATTERN(p, 0, 256 * PAGE, 7);
    fills = counter("fills") - fills;
    if (fills < 16 || fills > 128)
        FAIL("%ld fills for 256 pages in order", (long)fills);
    unlink("f");
}

static void populate(void)
{
    int fd = file_make("f", 8 * PAGE, 8);
    unsigned char *p = MAP(8 * PAGE, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0), in[8];

    CHECK_EQ(mincore(p, 8 * PAGE, in), 0);
    CHECK_EQ(in[0] & in[7] & 1, 1);
    CHECK_PATTERN(p, 0, 8 * PAGE, 8);
    unlink("f");
}

const struct test tests_protect[] = {
    {"mprotect", protect, FILLS | FLUSHES},
    {"mprotect-private", protect_private, FILLS},
    {"mprotect-refusals", protect_refusals, 0},
    {"msync", sync_mapping, FILLS | FLUSHES},
    {"msync-refusals", sync_refusals, 0},
    {"residence", residence, FILLS},
    {"read-ahead", read_ahead, FILLS},
    {"populate", populate, FILLS},
    {NULL, NULL, 0},
};
