/*
 * t_buffer.c - calls whose buffer is itself a mapping that nobody has touched yet.
 */
#include <poll.h>

#include "mm.h"

static void read_into_mapping(void)
{
    int a = file_make("a", 5 * PAGE, 1), b = file_make("b", 5 * PAGE, 2);
    unsigned char *p = MAP(5 * PAGE, RW, MAP_SHARED, b, 0);

    CHECK_EQ(read(a, p + 100, 3 * PAGE), 3 * PAGE);
    CHECK_PATTERN(p, 0, 100, 2);
    CHECK_PATTERN(p + 100, 0, 3 * PAGE, 1);
    CHECK_PATTERN(p + 3 * PAGE + 100, 3 * PAGE + 100, 2 * PAGE - 100, 2);
    unlink("a");
    unlink("b");
}

static void write_from_mapping(void)
{
    int a = file_make("a", 5 * PAGE, 3), b = file_make("b", PAGE, 4);
    unsigned char *p = MAP(5 * PAGE, PROT_READ, MAP_PRIVATE, a, 0);

    CHECK_EQ(pwrite(b, p, 5 * PAGE, 0), 5 * PAGE);
    CHECK_FILE("b", 5 * PAGE, 3);
    unlink("a");
    unlink("b");
}

/* The pages that are read and the pages that are stored to belong to one file. */
static void read_same_file(void)
{
    int fd = file_make("f", 8 * PAGE, 5);
    unsigned char *p = MAP(8 * PAGE, RW, MAP_SHARED, fd, 0);

    CHECK_EQ(pread(fd, p + 4 * PAGE, 3 * PAGE, 0), 3 * PAGE);
    CHECK_PATTERN(p + 4 * PAGE, 0, 3 * PAGE, 5);
    CHECK_PATTERN(p, 0, 4 * PAGE, 5);
    CHECK_PATTERN(p + 7 * PAGE, 7 * PAGE, PAGE, 5);
    file_make_cold(fd, 8 * PAGE);
    CHECK_EQ(pread(fd, p + 7 * PAGE, PAGE, 7 * PAGE), PAGE); /* a page onto itself */
    CHECK_PATTERN(p + 7 * PAGE, 7 * PAGE, PAGE, 5);
    unlink("f");
}

static void write_same_file(void)
{
    int fd = file_make("f", 8 * PAGE, 6);
    unsigned char *p = MAP(8 * PAGE, RW, MAP_SHARED, fd, 0);

    CHECK_EQ(pwrite(fd, p, 2 * PAGE, 5 * PAGE), 2 * PAGE);
    CHECK_PATTERN(p + 5 * PAGE, 0, 2 * PAGE, 6);
    file_make_cold(fd, 8 * PAGE);
    CHECK_EQ(pwrite(fd, p + 3 * PAGE, PAGE, 3 * PAGE), PAGE); /* a page onto itself */
    CHECK_PATTERN(p + 3 * PAGE, 3 * PAGE, PAGE, 6);
    CHECK_EQ(pwrite(fd, p, 3 * PAGE, 8 * PAGE), 3 * PAGE); /* behind the end */
    CHECK_EQ(file_size(fd), 11 * PAGE);
    unlink("f");
}

static void reads_pipe(void *arg)
{
    int *ends = arg;
    unsigned char c;
    size_t i;

    close(ends[1]);
    for (i = 0; i < 3 * PAGE; i++) {
        CHECK_EQ(read(ends[0], &c, 1), 1);
        CHECK_EQ(c, pattern(i, 7));
    }
}

static void pipes(void)
{
    int fd = file_make("f", 4 * PAGE, 7), ends[2];
    unsigned char *p = MAP(4 * PAGE, RW, MAP_SHARED, fd, 0);
    pid_t pid;

    CHECK_EQ(pipe(ends), 0);
    pid = child_start(reads_pipe, ends);
    CHECK_EQ(write(ends[1], p, 3 * PAGE), 3 * PAGE);
    child_wait(pid);
    CHECK_EQ(write(ends[1], "from the pipe", 14), 14);
    file_make_cold(fd, 4 * PAGE);
    CHECK_EQ(read(ends[0], p + 2 * PAGE - 5, 14), 14);
    CHECK(memcmp(p + 2 * PAGE - 5, "from the pipe", 14) == 0);
    CHECK_PATTERN(p, 0, 2 * PAGE - 5, 7);
    unlink("f");
}

/* Path names and structures in mapped files. */
static void other_calls(void)
{
    int fd = file_make("f", 3 * PAGE, 8);
    unsigned char *p = MAP(3 * PAGE, RW, MAP_SHARED, fd, 0);
    struct stat *st = (struct stat *)(p + 2 * PAGE - 16);

    CHECK_EQ(pwrite(fd, "f", 2, PAGE - 1), 2);
    file_make_cold(fd, 3 * PAGE);
    CHECK_EQ(stat((char *)p + PAGE - 1, st), 0);
    CHECK_EQ(st->st_size, 3 * PAGE);
    unlink("f");
}

static void refusals(void)
{
    int fd = file_make("f", 2 * PAGE, 9);
    unsigned char *p = MAP(4 * PAGE, RW, MAP_SHARED, fd, 0);
    unsigned char *q = MAP(PAGE, PROT_READ, MAP_SHARED, fd, 0);

    CHECK_ERR(pread(fd, q, 10, 0), EFAULT);
    CHECK_ERR(pread(fd, (void *)0x2000000000, 10, 0), EFAULT);
    CHECK_ERR(pwrite(fd, (void *)0x2000000000, 10, 0), EFAULT);
    CHECK_ERR(pread(fd, (void *)0xffffffc080000000, 10, 0), EFAULT);
    CHECK_ERR(pread(fd, p + 3 * PAGE, 10, 0), EBOUNDS);
    CHECK_ERR(pwrite(fd, p + 3 * PAGE, 10, 0), EBOUNDS);
    CHECK_FILE("f", 2 * PAGE, 9);
    unlink("f");
}

const struct test tests_buffer[] = {
    {"read-into-mapping", read_into_mapping, FILLS},
    {"write-from-mapping", write_from_mapping, FILLS},
    {"read-same-file", read_same_file, FILLS},
    {"write-same-file", write_same_file, FILLS},
    {"pipes", pipes, FILLS},
    {"other-calls", other_calls, FILLS},
    {"bad-buffers", refusals, 0},
    {NULL, NULL, 0},
};
