/*
 * t_unmap.c - munmap() of any part of a mapping, and of nothing; mappings over mappings.
 */
#include <signal.h>

#include "mm.h"

enum { LEN = 8 * PAGE };

/* Maps a file of 8 pages, unmaps pages [from, to), checks both sides and the hole. */
static void unmap_part(int from, int to)
{
    int fd = file_make("f", LEN, 1), i;
    unsigned char *p = MAP(LEN, RW, MAP_SHARED, fd, 0);

    for (i = 0; i < 8; i++)
        p[i * PAGE] = (unsigned char)(200 + i);
    CHECK_EQ(munmap(p + from * PAGE, (size_t)(to - from) * PAGE), 0);
    for (i = 0; i < 8; i++)
        if (i < from || i >= to) {
            CHECK_EQ(p[i * PAGE], 200 + i);
            CHECK_PATTERN(p + i * PAGE + 1, (size_t)i * PAGE + 1, PAGE - 1, 1);
        } else {
            CHECK_KILLED(touch_read, p + i * PAGE, SIGSEGV, 0);
        }
    CHECK_EQ(munmap(p, LEN), 0); /* the rest, over the hole */
    for (i = 0; i < 8; i++) {
        unsigned char c;

        CHECK_EQ(pread(fd, &c, 1, i * PAGE), 1);
        CHECK_EQ(c, 200 + i);
    }
    unlink("f");
}

static void front(void)
{
    unmap_part(0, 2);
}

static void end(void)
{
    unmap_part(6, 8);
}

static void middle(void)
{
    unmap_part(3, 5);
}

static void untouched(void)
{
    int fd = file_make("f", LEN, 2);
    unsigned char *p = MAP(LEN, RW, MAP_SHARED, fd, 0);

    CHECK_EQ(munmap(p + 2 * PAGE, 3 * PAGE), 0);
    CHECK_EQ(munmap(p, LEN), 0);
    CHECK_FILE("f", LEN, 2);
    unlink("f");
}

static void never_mapped(void)
{
    unsigned char *p = MAP(3 * PAGE, RW, MAP_PRIVATE | MAP_ANON, -1, 0);

    CHECK_EQ(munmap(p, 3 * PAGE), 0);
    CHECK_EQ(munmap(p, 3 * PAGE), 0);
    CHECK_EQ(munmap((void *)0x3000000000, 100 * PAGE), 0);
    CHECK_ERR(munmap(p + 1, PAGE), EINVAL);
    CHECK_ERR(munmap(p, 0), EINVAL);
    CHECK_ERR(munmap((void *)-4096, PAGE), EINVAL);
}

/* One call over three mappings of different kinds. */
static void several(void)
{
    int fd = file_make("f", 4 * PAGE, 3);
    unsigned char *p = MAP(12 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANON, -1, 0);

    CHECK(mmap(p, 4 * PAGE, RW, MAP_SHARED | MAP_FIXED, fd, 0) == p);
    CHECK(mmap(p + 8 * PAGE, 4 * PAGE, RW, MAP_PRIVATE | MAP_FIXED, fd, 0) == p + 8 * PAGE);
    p[3 * PAGE] = 's';
    p[8 * PAGE] = 'p';
    CHECK_EQ(munmap(p + 3 * PAGE, 6 * PAGE), 0);
    CHECK_PATTERN(p, 0, 3 * PAGE, 3);
    CHECK_PATTERN(p + 9 * PAGE, PAGE, 2 * PAGE, 3);
    CHECK_KILLED(touch_read, p + 5 * PAGE, SIGSEGV, 0);
    CHECK_EQ(munmap(p, 12 * PAGE), 0);
    unlink("f");
}

static void fixed_replaces(void)
{
    int a = file_make("a", 4 * PAGE, 4), b = file_make("b", 4 * PAGE, 5);
    unsigned char *p = MAP(4 * PAGE, RW, MAP_SHARED, a, 0);

    p[2 * PAGE] = 'a';
    CHECK(mmap(p + PAGE, 2 * PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, b, PAGE) == p + PAGE);
    CHECK_PATTERN(p, 0, PAGE, 4);
    CHECK_PATTERN(p + PAGE, PAGE, 2 * PAGE, 5);
    CHECK_PATTERN(p + 3 * PAGE, 3 * PAGE, PAGE, 4);
    CHECK_EQ(munmap(p, 4 * PAGE), 0);
    p = MAP(4 * PAGE, PROT_READ, MAP_SHARED, a, 0);
    CHECK_EQ(p[2 * PAGE], 'a');
    CHECK_ERR((long)mmap(p, PAGE, PROT_READ, MAP_SHARED | MAP_FIXED_NOREPLACE, b, 0), EEXIST);
    unlink("a");
    unlink("b");
}

const struct test tests_unmap[] = {
    {"unmap-front", front, FILLS | FLUSHES},   {"unmap-end", end, FILLS | FLUSHES},
    {"unmap-middle", middle, FILLS | FLUSHES}, {"unmap-untouched", untouched, 0},
    {"unmap-never-mapped", never_mapped, 0},   {"unmap-several", several, FILLS},
    {"fixed-replaces", fixed_replaces, FILLS}, {NULL, NULL, 0},
};
