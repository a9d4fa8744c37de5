/*
 * t_share.c - one cache of a file: mappings, read() and write() agree at once, in all processes.
 */
#include <poll.h>

#include "mm.h"

static void write_is_seen(void)
{
    int fd = file_make("f", 4 * PAGE, 1);
    unsigned char *p = MAP(4 * PAGE, PROT_READ, MAP_SHARED, fd, 0);
    unsigned char *q = MAP(4 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);

    CHECK_EQ(p[PAGE + 9], pattern(PAGE + 9, 1));
    CHECK_EQ(pwrite(fd, "hello", 5, PAGE + 7), 5);
    CHECK(memcmp(p + PAGE + 7, "hello", 5) == 0);
    CHECK(memcmp(q + PAGE + 7, "hello", 5) == 0);
    CHECK_EQ(pwrite(fd, "there", 5, 3 * PAGE - 2), 5); /* pages that nobody has touched */
    CHECK(memcmp(p + 3 * PAGE - 2, "there", 5) == 0);
    CHECK_PATTERN(p + 2 * PAGE, 2 * PAGE, PAGE - 2, 1);
    CHECK_PATTERN(p + 3 * PAGE + 3, 3 * PAGE + 3, PAGE - 3, 1);
    unlink("f");
}

static void store_is_read(void)
{
    int fd = file_make("f", 4 * PAGE, 2);
    unsigned char *p = MAP(4 * PAGE, RW, MAP_SHARED, fd, 0);
    char buf[8];

    memcpy(p + 2 * PAGE - 3, "stored", 6);
    CHECK_EQ(pread(fd, buf, 6, 2 * PAGE - 3), 6);
    CHECK(memcmp(buf, "stored", 6) == 0);
    CHECK_EQ(pwrite(fd, "X", 1, 2 * PAGE), 1);
    CHECK(memcmp(p + 2 * PAGE - 3, "stoXed", 6) == 0);
    unlink("f");
}

static void two_mappings(void)
{
    int fd = file_make("f", 2 * PAGE, 3);
    unsigned char *p = MAP(2 * PAGE, RW, MAP_SHARED, fd, 0),
                  *q = MAP(PAGE, RW, MAP_SHARED, fd, PAGE);

    p[PAGE + 1] = 'a';
    CHECK_EQ(q[1], 'a');
    q[2] = 'b';
    CHECK_EQ(p[PAGE + 2], 'b');
    CHECK_EQ(munmap(p, 2 * PAGE), 0);
    CHECK_EQ(q[2], 'b');
    unlink("f");
}

static void private_sees_until_copied(void)
{
    int fd = file_make("f", 2 * PAGE, 4);
    unsigned char *p = MAP(2 * PAGE, RW, MAP_PRIVATE, fd, 0);

    p[0] = 'm';
    CHECK_EQ(pwrite(fd, "ww", 2, 0), 2);
    CHECK_EQ(pwrite(fd, "ww", 2, PAGE), 2);
    CHECK_EQ(p[0], 'm');
    CHECK_EQ(p[1], pattern(1, 4));
    CHECK_EQ(p[PAGE], 'w');
    unlink("f");
}

/* A child that opens the file itself. */
static void other_process(void *arg)
{
    int fd = open("f", O_RDWR);
    unsigned char *p = MAP(3 * PAGE, RW, MAP_SHARED, fd, 0);

    (void)arg;
    CHECK_EQ(p[10], 'P');
    CHECK_EQ(p[2 * PAGE], 'W');
    p[PAGE] = 'C';
    CHECK_EQ(pwrite(fd, "D", 1, PAGE + 1), 1);
}

static void between_processes(void)
{
    int fd = file_make("f", 3 * PAGE, 5);
    unsigned char *p = MAP(3 * PAGE, RW, MAP_SHARED, fd, 0);
    char two[2];

    p[10] = 'P';
    CHECK_EQ(pwrite(fd, "W", 1, 2 * PAGE), 1);
    child_passes(other_process, NULL);
    CHECK_EQ(p[PAGE], 'C');
    CHECK_EQ(p[PAGE + 1], 'D');
    CHECK_EQ(pread(fd, two, 2, PAGE), 2);
    CHECK(memcmp(two, "CD", 2) == 0);
    unlink("f");
}

/* Two processes take turns in one page: each waits for the other's number. */
static void count_odd(void *arg)
{
    volatile uint32_t *word = arg;
    uint32_t n;

    for (n = 1; n < 200; n += 2) {
        while (__atomic_load_n(word, __ATOMIC_ACQUIRE) != n)
            poll(NULL, 0, 0);
        __atomic_store_n(word, n + 1, __ATOMIC_RELEASE);
    }
}

static void turns(void)
{
    int fd = file_make("f", PAGE, 6);
    uint32_t *word = (uint32_t *)MAP(PAGE, RW, MAP_SHARED, fd, 0), n;
    pid_t pid;

    *word = 0;
    pid = child_start(count_odd, word);
    for (n = 0; n < 200; n += 2) {
        while (__atomic_load_n(word, __ATOMIC_ACQUIRE) != n)
            poll(NULL, 0, 0);
        __atomic_store_n(word, n + 1, __ATOMIC_RELEASE);
    }
    child_wait(pid);
    CHECK_EQ(*word, 200);
    unlink("f");
}

const struct test tests_share[] = {
    {"write-is-seen", write_is_seen, FILLS},
    {"store-is-read", store_is_read, FILLS},
    {"two-mappings", two_mappings, FILLS},
    {"private-sees-until-copied", private_sees_until_copied, FILLS},
    {"between-processes", between_processes, FILLS},
    {"turns", turns, FILLS},
    {NULL, NULL, 0},
};
