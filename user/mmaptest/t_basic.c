/*
 * t_basic.c - one mapping of one file: reading, storing, offsets, sizes, what mmap refuses.
 */
#include "mm.h"

static void read_private(void)
{
    int fd = file_make("f", 5 * PAGE, 1);
    unsigned char *p = MAP(5 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);

    CHECK_PATTERN(p, 0, 5 * PAGE, 1);
    CHECK_EQ(munmap(p, 5 * PAGE), 0);
    unlink("f");
}

static void read_shared(void)
{
    int fd = file_make("f", 40 * PAGE, 2);
    unsigned char *p = MAP(40 * PAGE, PROT_READ, MAP_SHARED, fd, 0);

    CHECK_PATTERN(p + 39 * PAGE, 39 * PAGE, PAGE, 2);
    CHECK_PATTERN(p, 0, 40 * PAGE, 2);
    unlink("f");
}

static void write_private(void)
{
    int fd = file_make("f", 3 * PAGE, 3);
    unsigned char *p = MAP(3 * PAGE, RW, MAP_PRIVATE, fd, 0);

    memset(p + PAGE, 'p', PAGE);
    CHECK_PATTERN(p, 0, PAGE, 3);
    CHECK_BYTES(p + PAGE, PAGE, 'p');
    CHECK_PATTERN(p + 2 * PAGE, 2 * PAGE, PAGE, 3);
    CHECK_FILE("f", 3 * PAGE, 3);
    CHECK_EQ(munmap(p, 3 * PAGE), 0);
    CHECK_FILE("f", 3 * PAGE, 3);
    unlink("f");
}

static void write_shared(void)
{
    int fd = file_make("f", 4 * PAGE, 4);
    unsigned char *p = MAP(4 * PAGE, RW, MAP_SHARED, fd, 0);

    pattern_fill(p, 0, 4 * PAGE, 5);
    CHECK_EQ(munmap(p, 4 * PAGE), 0);
    CHECK_FILE("f", 4 * PAGE, 5);
    file_make_cold(fd, 4 * PAGE);
    CHECK_FILE("f", 4 * PAGE, 5);
    p = MAP(4 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
    CHECK_PATTERN(p, 0, 4 * PAGE, 5);
    unlink("f");
}

static void read_only_file_shared(void)
{
    int fd = file_make("f", PAGE, 6), ro = open("f", O_RDONLY), wo = open("f", O_WRONLY);
    unsigned char *p;

    CHECK_ERR((long)mmap(NULL, PAGE, RW, MAP_SHARED, ro, 0), EACCES);
    CHECK_ERR((long)mmap(NULL, PAGE, PROT_WRITE, MAP_SHARED, ro, 0), EACCES);
    CHECK_ERR((long)mmap(NULL, PAGE, PROT_READ, MAP_SHARED, wo, 0), EACCES);
    CHECK_ERR((long)mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, wo, 0), EACCES);
    p = MAP(PAGE, PROT_READ, MAP_SHARED, ro, 0);
    CHECK_PATTERN(p, 0, PAGE, 6);
    close(fd);
    unlink("f");
}

static void read_only_file_private(void)
{
    int fd = file_make("f", 2 * PAGE, 7), ro = open("f", O_RDONLY);
    unsigned char *p = MAP(2 * PAGE, RW, MAP_PRIVATE, ro, 0);

    p[5] = 'x';
    p[PAGE + 5] = 'y';
    CHECK_EQ(p[5], 'x');
    CHECK_EQ(p[4], pattern(4, 7));
    CHECK_FILE("f", 2 * PAGE, 7);
    close(fd);
    unlink("f");
}

static void offsets(void)
{
    int fd = file_make("f", 6 * PAGE, 8);
    unsigned char *p = MAP(2 * PAGE, RW, MAP_SHARED, fd, 3 * PAGE);
    unsigned char *q = MAP(PAGE, PROT_READ, MAP_PRIVATE, fd, 5 * PAGE);

    CHECK_PATTERN(q, 5 * PAGE, PAGE, 8);
    CHECK_PATTERN(p, 3 * PAGE, 2 * PAGE, 8);
    memset(p + PAGE, 'o', PAGE);
    CHECK_EQ(munmap(p, 2 * PAGE), 0);
    p = MAP(6 * PAGE, PROT_READ, MAP_SHARED, fd, 0);
    CHECK_PATTERN(p, 0, 4 * PAGE, 8);
    CHECK_BYTES(p + 4 * PAGE, PAGE, 'o');
    CHECK_PATTERN(p + 5 * PAGE, 5 * PAGE, PAGE, 8);
    CHECK_ERR((long)mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 100), EINVAL);
    unlink("f");
}

/* One and a half pages; the mapping is asked for with lengths that are no multiples either. */
static void odd_sizes(void)
{
    size_t len = PAGE + PAGE / 2;
    int fd = file_make("f", len, 9);
    unsigned char *p = MAP(len, RW, MAP_SHARED, fd, 0), *q = MAP(1, PROT_READ, MAP_PRIVATE, fd, 0);

    CHECK_PATTERN(p, 0, len, 9);
    CHECK_BYTES(p + len, 2 * PAGE - len, 0);
    CHECK_PATTERN(q, 0, PAGE, 9);
    CHECK_EQ(munmap(p, len), 0);
    CHECK_EQ(munmap(q, 1), 0);
    unlink("f");
}

/* What is stored behind the end never reaches the file. */
static void tail_not_written(void)
{
    size_t len = 2 * PAGE + 100;
    int fd = file_make("f", len, 10);
    unsigned char *p = MAP(3 * PAGE, RW, MAP_SHARED, fd, 0);

    pattern_fill(p, 0, len, 11);
    memset(p + len, 't', 3 * PAGE - len);
    CHECK_EQ(msync(p, 3 * PAGE, MS_SYNC), 0);
    CHECK_EQ(file_size(fd), len);
    CHECK_EQ(munmap(p, 3 * PAGE), 0);
    CHECK_EQ(file_size(fd), len);
    file_make_cold(fd, len);
    CHECK_FILE("f", len, 11);
    CHECK_EQ(ftruncate(fd, 3 * PAGE), 0);
    p = MAP(3 * PAGE, PROT_READ, MAP_SHARED, fd, 0);
    CHECK_PATTERN(p, 0, len, 11);
    CHECK_BYTES(p + len, 3 * PAGE - len, 0);
    unlink("f");
}

static void outlives_close(void)
{
    int fd = file_make("f", 3 * PAGE, 12);
    unsigned char *p = MAP(3 * PAGE, RW, MAP_SHARED, fd, 0);

    CHECK_EQ(close(fd), 0);
    CHECK_PATTERN(p, 0, 3 * PAGE, 12);
    pattern_fill(p, 0, 3 * PAGE, 13);
    CHECK_EQ(munmap(p, 3 * PAGE), 0);
    CHECK_FILE("f", 3 * PAGE, 13);
    unlink("f");
}

static void outlives_unlink(void)
{
    int fd = file_make("f", 3 * PAGE, 14);
    unsigned char *p = MAP(3 * PAGE, RW, MAP_SHARED, fd, 0);

    CHECK_EQ(unlink("f"), 0);
    CHECK_EQ(close(fd), 0);
    CHECK_PATTERN(p, 0, 3 * PAGE, 14);
    pattern_fill(p, 0, 3 * PAGE, 15);
    CHECK_EQ(msync(p, 3 * PAGE, MS_SYNC | MS_INVALIDATE), 0);
    CHECK_PATTERN(p, 0, 3 * PAGE, 15);
    CHECK_EQ(munmap(p, 3 * PAGE), 0);
    CHECK_ERR(open("f", O_RDONLY), ENOENT);
}

static void refusals(void)
{
    int fd = file_make("f", PAGE, 16), dir = open(".", O_RDONLY), ends[2];

    CHECK_EQ(pipe(ends), 0);
    CHECK_ERR((long)mmap(NULL, 0, PROT_READ, MAP_SHARED, fd, 0), EINVAL);
    CHECK_ERR((long)mmap(NULL, PAGE, PROT_READ, 0, fd, 0), EINVAL);
    CHECK_ERR((long)mmap(NULL, PAGE, PROT_READ, MAP_SHARED | MAP_PRIVATE, fd, 0), EINVAL);
    CHECK_ERR((long)mmap(NULL, PAGE, PROT_READ, MAP_SHARED, 999, 0), EBADF);
    CHECK_ERR((long)mmap(NULL, PAGE, PROT_READ, MAP_SHARED, ends[0], 0), ENODEV);
    CHECK(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, dir, 0) == MAP_FAILED);
    CHECK_ERR((long)mmap((void *)12345, PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0), EINVAL);
    CHECK_ERR((long)mmap(NULL, (size_t)1 << 40, PROT_READ, MAP_SHARED, fd, 0), ENOMEM);
    unlink("f");
}

static void two_files(void)
{
    int a = file_make("a", 20 * PAGE, 17), b = file_make("b", 20 * PAGE, 18);
    unsigned char *p = MAP(20 * PAGE, RW, MAP_SHARED, a, 0);
    unsigned char *q = MAP(20 * PAGE, RW, MAP_SHARED, b, 0);
    int i;

    for (i = 0; i < 20; i++) {
        CHECK_PATTERN(p + i * PAGE, (size_t)i * PAGE, PAGE, 17);
        CHECK_PATTERN(q + i * PAGE, (size_t)i * PAGE, PAGE, 18);
    }
    memcpy(p, q, 20 * PAGE);
    CHECK_EQ(munmap(p, 20 * PAGE), 0);
    CHECK_EQ(munmap(q, 20 * PAGE), 0);
    CHECK_FILE("a", 20 * PAGE, 18);
    CHECK_FILE("b", 20 * PAGE, 18);
    unlink("a");
    unlink("b");
}

const struct test tests_basic[] = {
    {"read-private", read_private, FILLS},
    {"read-shared", read_shared, FILLS},
    {"write-private", write_private, FILLS},
    {"write-shared", write_shared, FILLS | FLUSHES},
    {"read-only-file-shared", read_only_file_shared, FILLS},
    {"read-only-file-private", read_only_file_private, FILLS},
    {"offsets", offsets, FILLS},
    {"odd-sizes", odd_sizes, FILLS},
    {"tail-not-written", tail_not_written, FILLS | FLUSHES},
    {"outlives-close", outlives_close, FILLS},
    {"outlives-unlink", outlives_unlink, FILLS},
    {"refusals", refusals, 0},
    {"two-files", two_files, FILLS | FLUSHES},
    {NULL, NULL, 0},
};
