/*
 * main.c - mmaptest: file mappings through the pager of files, one line for each test.
 *
 *     mmaptest [NAME...]       run all tests, or those whose names contain one of the words
 *
 * The last line is "mmaptest: N passed, M failed"; the exit status is 1 if any failed. A test runs
 * in a child with a time limit; main() looks at how it ended, and at the counters of fills and
 * flushes where the table says so. Files are made in /mmaptest.d, which is removed at the end.
 *
 * One file is left: /mmap.out, 10000 bytes, byte i is (i * 7 + 3) & 255, written by stores to a
 * shared mapping alone (t_last.c). The grader reads it on the host after power-off.
 */
#include "mm.h"

enum { TEST_LIMIT_S = 60 };

static const struct test *const tables[] = {
    tests_basic,  tests_share,   tests_unmap, tests_fault, tests_fork, tests_size,
    tests_buffer, tests_protect, tests_many,  tests_pager, tests_last,
};

static const char directory[] = "/mmaptest.d";
static int passed, failed;

static bool selected(const struct test *t, int argc, char **argv)
{
    int i;

    for (i = 1; i < argc; i++)
        if (strstr(t->name, argv[i]))
            return true;
    return argc <= 1;
}

/* Says why the counts are not what the table wants, or NULL. */
static const char *missing(const struct test *t, uint64_t fills, uint64_t flushes)
{
    if (t->flags & FILLS && counter("fill_pages") == fills)
        return "no page was filled by the pager";
    if (t->flags & FLUSHES && counter("flush_pages") == flushes)
        return "no page was flushed by the pager";
    return NULL;
}

static void print_result(const struct test *t, const char *why)
{
    if (why)
        printf("mmaptest: %s: FAILED %s\n", t->name, why);
    else
        printf("mmaptest: %s: ok\n", t->name);
    fflush(stdout);
}

static bool run_test(const struct test *t)
{
    uint64_t fills = counter("fill_pages"), flushes = counter("flush_pages");
    char why[64];
    int status;
    pid_t pid;

    test_name = t->name;
    pid = fork();
    if (pid == 0) {
        alarm(TEST_LIMIT_S);
        t->run();
        _exit(0);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid) {
        print_result(t, "no process for it");
        return false;
    }
    if (WIFSIGNALED(status)) {
        snprintf(why, sizeof(why), "killed by signal %d, error %d", WTERMSIG(status),
                 WFAULTERR(status));
        print_result(t, why);
        return false;
    }
    if (status)
        return false; /* it has printed its line */
    print_result(t, missing(t, fills, flushes));
    return !missing(t, fills, flushes);
}

/* Without a pager every test would fail after a wait. */
static bool pager_is_gone(void)
{
    struct info_pager p;

    if (pager_find(&p))
        return false;
    printf("mmaptest: no pager runs any more\n");
    return true;
}

/* False: there is no point in going on. */
static bool run_table(const struct test *t, int argc, char **argv)
{
    for (; t->name; t++) {
        if (!selected(t, argc, argv))
            continue;
        if (run_test(t)) {
            passed++;
            continue;
        }
        failed++;
        if (pager_is_gone())
            return false;
    }
    return true;
}

static void run_tables(int argc, char **argv)
{
    size_t i;

    for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
        if (!run_table(tables[i], argc, argv))
            return;
}

/* Waits for a pager as any mmap() does. */
static bool pager_is_there(void)
{
    unsigned char *map;
    int fd = open("probe", O_RDWR | O_CREAT | O_TRUNC, 0644);

    if (fd < 0 || write(fd, "x", 1) != 1) {
        printf("mmaptest: cannot write to %s: %s\n", directory, strerror(errno));
        return false;
    }
    unlink("probe");
    map = mmap(NULL, 1, PROT_READ, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED) {
        printf("mmaptest: mmap: %s; is pagerd running?\n", strerror(errno));
        return false;
    }
    munmap(map, 1);
    close(fd);
    pager_note_found();
    return true;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--nothing") == 0)
        return 0; /* what the test of exec becomes */
    mkdir(directory, 0755);
    if (chdir(directory) < 0 || !pager_is_there())
        failed++;
    else
        run_tables(argc, argv);
    pager_restore();
    chdir("/");
    if (rmdir(directory) < 0 && errno == ENOTEMPTY && !failed) {
        printf("mmaptest: files were left in %s\n", directory);
        failed++;
    }
    printf("mmaptest: %d passed, %d failed\n", passed, failed);
    return failed ? 1 : 0;
}
