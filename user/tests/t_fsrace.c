/*
 * t_fsrace.c - several processes use the same few names at the same time.
 *
 *     t_fsrace [WORKERS [STEPS [SEED]]]
 *
 * Creating, writing, cutting, linking, renaming (also between directories and of directories),
 * removing, listing and syncing, in a shared tree. Any error that a loser of a race may get is
 * fine; hanging, panicking or a damaged disk is not (the grader runs e2fsck afterwards). In the end
 * everything can be removed, and as many blocks and inodes are free as before.
 * Last line: "t_fsrace: ok".
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <duality/syscall.h>

#define TOP "/tmp/t_fsrace"

enum { NAMES = 6, DIRS = 3 };

static uint32_t seed;

static uint32_t rnd(uint32_t n)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 10) % n;
}

/* Some name in the top or in one of the directories that come and go. */
static char *some_path(char *buf, size_t size)
{
    if (rnd(2))
        snprintf(buf, size, TOP "/d%u/n%u", (unsigned)rnd(DIRS), (unsigned)rnd(NAMES));
    else
        snprintf(buf, size, TOP "/n%u", (unsigned)rnd(NAMES));
    return buf;
}

static char *some_dir(char *buf, size_t size)
{
    if (rnd(3))
        snprintf(buf, size, TOP "/d%u", (unsigned)rnd(DIRS));
    else
        snprintf(buf, size, TOP "/d%u/d%u", (unsigned)rnd(DIRS), (unsigned)rnd(DIRS));
    return buf;
}

static void write_some(const char *path)
{
    static char data[9000];
    int fd = open(path, O_RDWR | O_CREAT | (rnd(4) ? 0 : O_TRUNC), 0644);
    if (fd < 0)
        return;
    memset(data, 'a' + (int)rnd(26), sizeof(data));
    (void)!pwrite(fd, data, 1 + rnd(sizeof(data)), rnd(60000));
    (void)!pread(fd, data, sizeof(data), rnd(60000));
    if (rnd(3) == 0)
        (void)!ftruncate(fd, rnd(50000));
    close(fd);
}

static void list(const char *path)
{
    DIR *d = opendir(path);
    if (!d)
        return;
    while (readdir(d))
        ;
    closedir(d);
}

/* An error here is a lost race; these are not. */
static void check_errno(const char *what)
{
    static const int never[] = {0, EIO, EFAULT, ENOMEM, EROFS, EBADF, ENOSPC};
    for (size_t i = 1; i < sizeof(never) / sizeof(never[0]); i++) {
        if (errno == never[i]) {
            printf("t_fsrace: %s: errno %d\n", what, errno);
            _exit(1);
        }
    }
    errno = 0;
}

static void step(void)
{
    char a[64], b[64];
    errno = 0;
    switch (rnd(12)) {
    case 0:
    case 1:
        write_some(some_path(a, sizeof(a)));
        break;
    case 2:
        (void)!unlink(some_path(a, sizeof(a)));
        break;
    case 3:
        (void)!link(some_path(a, sizeof(a)), some_path(b, sizeof(b)));
        break;
    case 4:
    case 5:
        (void)!rename(some_path(a, sizeof(a)), some_path(b, sizeof(b)));
        break;
    case 6:
        (void)!mkdir(some_dir(a, sizeof(a)), 0755);
        break;
    case 7:
        (void)!rmdir(some_dir(a, sizeof(a)));
        break;
    case 8:
        (void)!rename(some_dir(a, sizeof(a)), some_dir(b, sizeof(b)));
        break;
    case 9:
        (void)!symlink("somewhere", some_path(a, sizeof(a)));
        break;
    case 10:
        list(some_dir(a, sizeof(a)));
        break;
    default:
        if (rnd(20) == 0)
            sync();
    }
    check_errno("a step");
}

static void remove_tree(const char *path)
{
    DIR *d = opendir(path);
    struct dirent *e;
    char child[300];
    while (d && (e = readdir(d))) {
        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
            continue;
        snprintf(child, sizeof(child), "%s/%s", path, e->d_name);
        if (unlink(child) && errno == EISDIR)
            remove_tree(child);
    }
    if (d)
        closedir(d);
    if (rmdir(path)) {
        printf("t_fsrace: rmdir %s: errno %d\n", path, errno);
        exit(1);
    }
}

static void free_counts(uint64_t *blocks, uint64_t *inodes)
{
    struct abi_statfs st;
    sync();
    if (sys_statfs("/", &st)) {
        printf("t_fsrace: statfs failed\n");
        exit(1);
    }
    *blocks = st.blocks_free;
    *inodes = st.inodes_free;
}

int main(int argc, char **argv)
{
    unsigned workers = argc > 1 ? (unsigned)atoi(argv[1]) : 4;
    unsigned steps = argc > 2 ? (unsigned)atoi(argv[2]) : 1500;
    unsigned first = argc > 3 ? (unsigned)atoi(argv[3]) : 1;
    uint64_t blocks, inodes, blocks_after, inodes_after;
    int bad = 0, status;

    free_counts(&blocks, &inodes);
    if (mkdir(TOP, 0755)) {
        printf("t_fsrace: mkdir: errno %d\n", errno);
        return 1;
    }
    for (unsigned i = 0; i < workers; i++) {
        if (fork() == 0) {
            seed = first * 1000 + i;
            for (unsigned n = 0; n < steps; n++)
                step();
            _exit(0);
        }
    }
    while (wait(&status) > 0)
        bad |= status;
    remove_tree(TOP);
    /* A file removed while a write-back thread was at it is freed when that thread lets go. */
    for (unsigned tries = 0; tries < 50; tries++) {
        free_counts(&blocks_after, &inodes_after);
        if (blocks_after == blocks && inodes_after == inodes)
            break;
        usleep(100000);
    }
    if (bad || blocks_after != blocks || inodes_after != inodes) {
        printf("t_fsrace: FAILED: status %d, blocks %lu of %lu free, inodes %lu of %lu\n", bad,
               (unsigned long)blocks_after, (unsigned long)blocks, (unsigned long)inodes_after,
               (unsigned long)inodes);
        return 1;
    }
    printf("t_fsrace: ok\n");
    return 0;
}
