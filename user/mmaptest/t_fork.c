/*
 * t_fork.c - mappings and fork, exec, exit: shared is seen, private is not, stores are not lost.
 */
#include <signal.h>

#include "mm.h"

static unsigned char *shared_map, *private_map;

static void shared_child(void *arg)
{
    (void)arg;
    CHECK_EQ(shared_map[0], 'p');
    CHECK_PATTERN(shared_map + PAGE, PAGE, PAGE, 1);
    shared_map[PAGE] = 'c';
    shared_map[2 * PAGE] = 'd';
}

static void fork_shared(void)
{
    int fd = file_make("f", 4 * PAGE, 1);

    shared_map = MAP(4 * PAGE, RW, MAP_SHARED, fd, 0);
    shared_map[0] = 'p';
    child_passes(shared_child, NULL);
    CHECK_EQ(shared_map[PAGE], 'c');
    CHECK_EQ(shared_map[2 * PAGE], 'd');
    CHECK_PATTERN(shared_map + 3 * PAGE, 3 * PAGE, PAGE, 1);
    unlink("f");
}

static void private_child(void *arg)
{
    (void)arg;
    CHECK_EQ(private_map[0], 'p');
    CHECK_EQ(private_map[PAGE], pattern(PAGE, 2));
    private_map[0] = 'c';
    private_map[PAGE] = 'c';
    private_map[2 * PAGE] = 'c';
    CHECK_EQ(private_map[0], 'c');
    CHECK_EQ(private_map[1], pattern(1, 2));
}

static void fork_private(void)
{
    int fd = file_make("f", 4 * PAGE, 2);

    private_map = MAP(4 * PAGE, RW, MAP_PRIVATE, fd, 0);
    private_map[0] = 'p';
    CHECK_EQ(private_map[PAGE], pattern(PAGE, 2));
    child_passes(private_child, NULL);
    CHECK_EQ(private_map[0], 'p');
    CHECK_PATTERN(private_map + PAGE, PAGE, 3 * PAGE, 2);
    CHECK_FILE("f", 4 * PAGE, 2);
    unlink("f");
}

/* A tree of processes, each with stores of its own in the same private page. */
static void generation(void *arg)
{
    long depth = (long)arg;

    CHECK_EQ(private_map[0], depth);
    private_map[0]++;
    if (depth < 6)
        child_passes(generation, (void *)(depth + 1));
    CHECK_EQ(private_map[0], depth + 1);
}

static void fork_generations(void)
{
    int fd = file_make("f", PAGE, 0);

    private_map = MAP(PAGE, RW, MAP_PRIVATE, fd, 0);
    private_map[0] = 0;
    generation((void *)0);
    CHECK_FILE("f", PAGE, 0);
    unlink("f");
}

static void stores_and_exits(void *arg)
{
    int fd = open("f", O_RDWR);

    (void)arg;
    shared_map = MAP(20 * PAGE, RW, MAP_SHARED, fd, 0);
    pattern_fill(shared_map, 0, 20 * PAGE, 4);
    _exit(0);
}

static void exit_dirty(void)
{
    int fd = file_make("f", 20 * PAGE, 3);

    child_passes(stores_and_exits, NULL);
    CHECK_FILE("f", 20 * PAGE, 4);
    file_make_cold(fd, 20 * PAGE);
    CHECK_FILE("f", 20 * PAGE, 4);
    unlink("f");
}

static void stores_and_execs(void *arg)
{
    int fd = open("f", O_RDWR);

    (void)arg;
    shared_map = MAP(5 * PAGE, RW, MAP_SHARED, fd, 0);
    pattern_fill(shared_map, 0, 5 * PAGE, 6);
    execl("/bin/mmaptest", "mmaptest", "--nothing", (char *)NULL);
    FAIL("exec: %s", strerror(errno));
}

static void exec_dirty(void)
{
    int fd = file_make("f", 5 * PAGE, 5);

    child_passes(stores_and_execs, NULL);
    file_make_cold(fd, 5 * PAGE);
    CHECK_FILE("f", 5 * PAGE, 6);
    unlink("f");
}

static void waits_for_ever(void *arg)
{
    (void)arg;
    pattern_fill(shared_map, 0, 3 * PAGE, 8);
    shared_map[3 * PAGE] = 1;
    for (;;)
        pause();
}

/* kill -9 of a process with dirty pages. */
static void killed_dirty(void)
{
    int fd = file_make("f", 4 * PAGE, 7), status;
    pid_t pid;

    shared_map = MAP(4 * PAGE, RW, MAP_SHARED, fd, 0);
    pid = child_start(waits_for_ever, NULL);
    while (*(volatile unsigned char *)(shared_map + 3 * PAGE) != 1)
        usleep(1000);
    CHECK_EQ(munmap(shared_map, 4 * PAGE), 0);
    CHECK_EQ(kill(pid, SIGKILL), 0);
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    file_make_cold(fd, 4 * PAGE);
    CHECK_EQ(ftruncate(fd, 3 * PAGE), 0);
    CHECK_FILE("f", 3 * PAGE, 8);
    unlink("f");
}

const struct test tests_fork[] = {
    {"fork-shared", fork_shared, FILLS},
    {"fork-private", fork_private, FILLS},
    {"fork-generations", fork_generations, FILLS},
    {"exit-dirty", exit_dirty, FILLS | FLUSHES},
    {"exec-dirty", exec_dirty, FILLS | FLUSHES},
    {"killed-dirty", killed_dirty, FILLS | FLUSHES},
    {NULL, NULL, 0},
};
