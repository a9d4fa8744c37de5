/*
 * fault.c - page faults that the kernel serves by itself, and write-back through pagerd.
 *
 * Rows on one page tell the kernel that accesses are random, so that nothing is done ahead.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

enum { PAGES = 256, SYNC_ROUNDS = 5 };

static const char path[] = "/bench.fault";

/* A file mapped shared, every page of it in memory and clean. */
static char *resident_file(int *fd)
{
    char *p;
    int i;

    if (role_pagerd() < 0)
        return NULL;
    *fd = file_make(path, PAGES);
    p = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
    if (p == MAP_FAILED)
        return NULL;
    for (i = 0; i < PAGES; i++)
        touch(p + i * PAGE);
    msync(p, PAGES * PAGE, MS_SYNC);
    return p;
}

static int drop_file(char *p, int fd)
{
    munmap(p, PAGES * PAGE);
    close(fd);
    return unlink(path);
}

static int fault_resident(void)
{
    int i, fd;
    char *keep = resident_file(&fd), *p;

    if (!keep)
        return -1;
    p = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    madvise(p, PAGES * PAGE, MADV_RANDOM);
    for (i = 0; i < PAGES; i++) {
        sample_begin();
        touch(p + i * PAGE);
        sample_end(1);
    }
    munmap(p, PAGES * PAGE);
    return drop_file(keep, fd);
}

static int touch_seq_resident(void)
{
    int round, i, fd;
    char *keep = resident_file(&fd), *p;

    if (!keep)
        return -1;
    for (round = 0; round < 10; round++) {
        p = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        sample_begin();
        for (i = 0; i < PAGES; i++)
            touch(p + i * PAGE);
        sample_end(PAGES);
        munmap(p, PAGES * PAGE);
    }
    return drop_file(keep, fd);
}

static int store_clean(void)
{
    int i, fd;
    char *p = resident_file(&fd);

    if (!p)
        return -1;
    madvise(p, PAGES * PAGE, MADV_RANDOM);
    for (i = 0; i < PAGES; i++) {
        sample_begin();
        *(volatile char *)(p + i * PAGE) = 1;
        sample_end(1);
    }
    return drop_file(p, fd);
}

static int msync_256(void)
{
    int round, i, fd, err = 0;
    char *p = resident_file(&fd);

    if (!p)
        return -1;
    sample_idle(true);
    for (round = 0; round < SYNC_ROUNDS && !err; round++) {
        for (i = 0; i < PAGES; i++)
            p[i * PAGE] = (char)round;
        sample_begin();
        err = msync(p, PAGES * PAGE, MS_SYNC);
        sample_end(PAGES);
    }
    drop_file(p, fd);
    return err;
}

static int anon_touch(void)
{
    char *p = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
    int i;

    for (i = 0; i < PAGES; i++) {
        sample_begin();
        *(volatile char *)(p + i * PAGE) = 1;
        sample_end(1);
    }
    return munmap(p, PAGES * PAGE);
}

/* Stores to pages that a child of fork shares, which sleeps until its pipe is closed. */
static int cow_private(void)
{
    char *p = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0), c;
    int i, fds[2];
    pid_t pid;

    for (i = 0; i < PAGES; i++)
        p[i * PAGE] = 1;
    if (pipe(fds) < 0)
        return -1;
    pid = fork();
    if (pid == 0) {
        close(fds[1]);
        _exit((int)read(fds[0], &c, 1));
    }
    for (i = 0; i < PAGES; i++) {
        sample_begin();
        *(volatile char *)(p + i * PAGE) = 2;
        sample_end(1);
    }
    close(fds[1]);
    close(fds[0]);
    waitpid(pid, NULL, 0);
    return munmap(p, PAGES * PAGE);
}

const struct row fault_rows[] = {
    {"fault_resident", fault_resident, "load from a shared file page that is in memory"},
    {"touch_seq_resident", touch_seq_resident,
     "loads from 256 pages in order, all in memory, new mapping; a page"},
    {"store_clean", store_clean, "first store to a clean, mapped page of a shared file"},
    {"msync_256", msync_256, "msync() of 256 dirty pages through pagerd, disk; a page"},
    {"anon_touch", anon_touch, "first store to anonymous memory, with the zeroing"},
    {"cow_private", cow_private, "store to a private page shared by fork, with the copy"},
    {0},
};
