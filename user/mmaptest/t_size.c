/*
 * t_size.c - a file that grows and shrinks under its mappings.
 */
#include <signal.h>

#include "mm.h"

static void extended(void)
{
    int fd = file_make("f", PAGE + 50, 1);
    unsigned char *p = MAP(4 * PAGE, RW, MAP_SHARED, fd, 0);
    char tail[] = "behind the old end";

    CHECK_KILLED(touch_read, p + 2 * PAGE, SIGBUS, EBOUNDS);
    CHECK_EQ(ftruncate(fd, 3 * PAGE), 0);
    CHECK_PATTERN(p, 0, PAGE + 50, 1);
    CHECK_BYTES(p + PAGE + 50, 2 * PAGE - 50, 0);
    p[2 * PAGE + 1] = 'n';
    CHECK_EQ(pwrite(fd, tail, sizeof(tail), 3 * PAGE + 10), sizeof(tail));
    CHECK(memcmp(p + 3 * PAGE + 10, tail, sizeof(tail)) == 0);
    CHECK_EQ(munmap(p, 4 * PAGE), 0);
    file_make_cold(fd, 4 * PAGE);
    p = MAP(4 * PAGE, PROT_READ, MAP_SHARED, fd, 0);
    CHECK_PATTERN(p, 0, PAGE + 50, 1);
    CHECK_EQ(p[2 * PAGE + 1], 'n');
    CHECK(memcmp(p + 3 * PAGE + 10, tail, sizeof(tail)) == 0);
    unlink("f");
}

static void truncated(void)
{
    int fd = file_make("f", 6 * PAGE, 2);
    unsigned char *p = MAP(6 * PAGE, RW, MAP_SHARED, fd, 0);

    p[5 * PAGE] = 'd'; /* dirty, and given up */
    p[PAGE] = 'k';
    CHECK_PATTERN(p + 3 * PAGE, 3 * PAGE, PAGE, 2);
    CHECK_EQ(ftruncate(fd, PAGE + 100), 0);
    CHECK_EQ(p[PAGE], 'k');
    CHECK_PATTERN(p + PAGE + 1, PAGE + 1, 99, 2);
    CHECK_BYTES(p + PAGE + 100, PAGE - 100, 0);
    CHECK_KILLED(touch_read, p + 2 * PAGE, SIGBUS, EBOUNDS);
    CHECK_KILLED(touch_write, p + 5 * PAGE, SIGBUS, EBOUNDS);
    CHECK_EQ(ftruncate(fd, 6 * PAGE), 0);
    CHECK_BYTES(p + PAGE + 100, 5 * PAGE - 100, 0);
    CHECK_EQ(msync(p, 6 * PAGE, MS_SYNC), 0);
    file_make_cold(fd, 6 * PAGE);
    CHECK_BYTES(p + PAGE + 100, 5 * PAGE - 100, 0);
    CHECK_EQ(p[PAGE], 'k');
    unlink("f");
}

/* A page of a private mapping that has its own copy goes with the file's page or stays; never the
 * process, and never foreign bytes. */
static void truncated_private(void)
{
    int fd = file_make("f", 4 * PAGE, 3);
    unsigned char *p = MAP(4 * PAGE, RW, MAP_PRIVATE, fd, 0);

    p[0] = 'a';
    CHECK_EQ(p[3 * PAGE], pattern(3 * PAGE, 3));
    CHECK_EQ(ftruncate(fd, PAGE), 0);
    CHECK_EQ(p[0], 'a');
    CHECK_KILLED(touch_read, p + 3 * PAGE, SIGBUS, EBOUNDS);
    unlink("f");
}

static void truncate_by_open(void)
{
    int fd = file_make("f", 3 * PAGE, 4);
    unsigned char *p = MAP(3 * PAGE, RW, MAP_SHARED, fd, 0);

    p[0] = 'x';
    close(open("f", O_RDWR | O_TRUNC));
    CHECK_EQ(file_size(fd), 0);
    CHECK_KILLED(touch_read, p, SIGBUS, EBOUNDS);
    CHECK_EQ(pwrite(fd, "new", 3, 0), 3);
    CHECK(memcmp(p, "new", 4) == 0);
    unlink("f");
}

static void sparse(void)
{
    int fd = file_make("f", 0, 0);
    unsigned char *p;

    CHECK_EQ(ftruncate(fd, 64 * PAGE), 0);
    p = MAP(64 * PAGE, RW, MAP_SHARED, fd, 0);
    CHECK_BYTES(p, 64 * PAGE, 0);
    pattern_fill(p + 30 * PAGE, 30 * PAGE, PAGE, 5);
    CHECK_EQ(munmap(p, 64 * PAGE), 0);
    file_make_cold(fd, 64 * PAGE);
    p = MAP(64 * PAGE, PROT_READ, MAP_SHARED, fd, 0);
    CHECK_BYTES(p, 30 * PAGE, 0);
    CHECK_PATTERN(p + 30 * PAGE, 30 * PAGE, PAGE, 5);
    CHECK_BYTES(p + 31 * PAGE, 33 * PAGE, 0);
    unlink("f");
}

static void empty_file(void)
{
    int fd = file_make("f", 0, 0);
    unsigned char *p = MAP(PAGE, RW, MAP_SHARED, fd, 0);

    CHECK_KILLED(touch_write, p, SIGBUS, EBOUNDS);
    CHECK_EQ(write(fd, "abc", 3), 3);
    CHECK(memcmp(p, "abc", 4) == 0);
    unlink("f");
}

const struct test tests_size[] = {
    {"extended", extended, FILLS | FLUSHES},
    {"truncated", truncated, FILLS},
    {"truncated-private", truncated_private, FILLS},
    {"truncate-by-open", truncate_by_open, FILLS},
    {"sparse", sparse, FILLS | FLUSHES},
    {"empty-file", empty_file, 0},
    {NULL, NULL, 0},
};
