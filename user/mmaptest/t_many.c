/*
 * t_many.c - many mappings, many processes, large files.
 */
#include "mm.h"

enum { MAPPINGS = 300, CHILDREN = 6, RACE_PAGES = 64 };

static void many_mappings(void)
{
    static unsigned char *maps[MAPPINGS];
    int fd = file_make("f", MAPPINGS * PAGE, 1), i;

    for (i = 0; i < MAPPINGS; i++)
        maps[i] = MAP(PAGE, RW, i % 2 ? MAP_SHARED : MAP_PRIVATE, fd, (i * 7 % MAPPINGS) * PAGE);
    for (i = MAPPINGS - 1; i >= 0; i--)
        CHECK_PATTERN(maps[i], (size_t)(i * 7 % MAPPINGS) * PAGE, PAGE, 1);
    for (i = 0; i < MAPPINGS; i++)
        maps[i][i] = 'm';
    for (i = 0; i < MAPPINGS; i += 3)
        CHECK_EQ(munmap(maps[i], PAGE), 0);
    for (i = 0; i < MAPPINGS; i++)
        if (i % 3)
            CHECK_EQ(maps[i][i], 'm');
    for (i = 0; i < MAPPINGS; i++) {
        unsigned char c;

        CHECK_EQ(pread(fd, &c, 1, (i * 7 % MAPPINGS) * PAGE + i), 1);
        CHECK_EQ(c, i % 2 ? 'm' : pattern((size_t)(i * 7 % MAPPINGS) * PAGE + (size_t)i, 1));
    }
    unlink("f");
}

static unsigned char *race_map;

static void racer(void *arg)
{
    long me = (long)arg;
    int i;

    for (i = 0; i < RACE_PAGES; i++) {
        int page = (int)(me % 2 ? RACE_PAGES - 1 - i : i);

        CHECK_PATTERN(race_map + page * PAGE, (size_t)page * PAGE, PAGE - 64, 2);
        race_map[page * PAGE + PAGE - 1 - me] = (unsigned char)me;
    }
}

/* Processes fault on the same absent pages at once: each page is filled once. */
static void many_processes(void)
{
    int fd = file_make("f", RACE_PAGES * PAGE, 2), i, child;
    uint64_t pages = counter("fill_pages");
    pid_t pids[CHILDREN];

    race_map = MAP(RACE_PAGES * PAGE, RW, MAP_SHARED, fd, 0);
    for (child = 0; child < CHILDREN; child++)
        pids[child] = child_start(racer, (void *)(long)child);
    for (child = 0; child < CHILDREN; child++)
        child_wait(pids[child]);
    CHECK_EQ(counter("fill_pages") - pages, RACE_PAGES);
    for (i = 0; i < RACE_PAGES; i++)
        for (child = 0; child < CHILDREN; child++)
            CHECK_EQ(race_map[i * PAGE + PAGE - 1 - child], child);
    unlink("f");
}

static void many_files(void)
{
    unsigned char *maps[40];
    char name[16];
    int i, fd;

    for (i = 0; i < 40; i++) {
        snprintf(name, sizeof(name), "f%d", i);
        fd = file_make(name, 2 * PAGE, (unsigned)i);
        maps[i] = MAP(2 * PAGE, RW, MAP_SHARED, fd, 0);
        close(fd);
    }
    for (i = 0; i < 40; i++) {
        CHECK_PATTERN(maps[i], 0, 2 * PAGE, (unsigned)i);
        pattern_fill(maps[i], 0, 2 * PAGE, (unsigned)i + 50);
    }
    for (i = 0; i < 40; i++) {
        snprintf(name, sizeof(name), "f%d", i);
        CHECK_EQ(munmap(maps[i], 2 * PAGE), 0);
        CHECK_FILE(name, 2 * PAGE, (unsigned)i + 50);
        unlink(name);
    }
}

/* Larger than half of memory: a sparse file, read at many places and stored to at some. */
static void large_file(void)
{
    struct info_memory memory;
    size_t pages, step, i;
    unsigned char *p;
    int fd = file_make("f", 0, 0);

    CHECK_EQ(sysinfo(INFO_MEMORY, 0, &memory, sizeof(memory)), sizeof(memory));
    pages = memory.total / 2 + memory.total / 16;
    step = pages / 16384 + 1;
    CHECK_EQ(ftruncate(fd, (off_t)(pages * PAGE)), 0);
    p = MAP(pages * PAGE, RW, MAP_SHARED, fd, 0);
    for (i = 0; i < pages; i += step)
        if (p[i * PAGE] || p[i * PAGE + PAGE - 1])
            FAIL("page %ld of a hole is not zero", (long)i);
    for (i = 0; i < pages; i += pages / 200)
        pattern_fill(p + i * PAGE, i * PAGE, PAGE, 3);
    CHECK_EQ(munmap(p, pages * PAGE), 0);
    file_make_cold(fd, pages * PAGE);
    p = MAP(pages * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
    for (i = 0; i < pages; i += pages / 200)
        CHECK_PATTERN(p + i * PAGE, i * PAGE, PAGE, 3);
    CHECK_EQ(munmap(p, pages * PAGE), 0);
    close(fd);
    unlink("f");
}

/* More private pages than can stay clean: each is copied, then read back. */
static void many_private(void)
{
    int fd = file_make("f", 512 * PAGE, 4), i;
    unsigned char *p = MAP(512 * PAGE, RW, MAP_PRIVATE, fd, 0);

    for (i = 0; i < 512; i++)
        p[i * PAGE + i] = (unsigned char)(i + 1);
    for (i = 0; i < 512; i++) {
        CHECK_EQ(p[i * PAGE + i], (unsigned char)(i + 1));
        CHECK_PATTERN(p + i * PAGE + i + 1, (size_t)(i * PAGE + i + 1), 64, 4);
    }
    CHECK_FILE("f", 512 * PAGE, 4);
    unlink("f");
}

const struct test tests_many[] = {
    {"many-mappings", many_mappings, FILLS | FLUSHES},
    {"many-processes", many_processes, FILLS},
    {"many-files", many_files, FILLS | FLUSHES},
    {"large-file", large_file, FILLS | FLUSHES},
    {"many-private", many_private, FILLS},
    {NULL, NULL, 0},
};
