/*
 * pager.c - faults that a pager serves: the benchmark's own in a child process, and pagerd.
 *
 * The null pager answers FILL with "zeros" at once, the copying one copies a page of its memory
 * into the slot. Both are one thread, and the answer collects the next request. They page holes, so
 * that nothing comes from the disk.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <duality/sys.h>

#include "abi/pager.h"
#include "bench.h"

enum { SLOTS = 16, PAGES = 256, RUNS = 24 };

static const char path[] = "/bench.pager";
static char source[PAGE] __attribute__((aligned(PAGE)));

static bool answer_to(const struct abi_msg *in, struct abi_msg *out, char *window, bool copies)
{
    *out = (struct abi_msg){.txn = in->txn};
    switch (in->op) {
    case PAGER_BIND:
        out->op = PAGER_BOUND;
        return true;
    case PAGER_FILL:
        out->op = PAGER_FILLED;
        out->word[0] = in->word[2];
        if (copies)
            memcpy(window + in->word[3] * PAGER_RUN_MAX * PAGE, source, PAGE);
        else
            out->flags = PAGER_FILLED_ZERO;
        return true;
    case PAGER_FLUSH:
        out->op = PAGER_FLUSHED;
        out->word[0] = in->word[2];
        return true;
    case PAGER_UNBIND:
        close((int)in->word[1]);
        return false;
    default:
        return false;
    }
}

/* The pager's whole life; it is killed. Says on `ready` that it is there. */
static void serve(bool copies, int ready)
{
    struct abi_msg in, out = {.op = PAGER_HELLO, .word = {PAGER_VERSION, PAGER_FEATURES}};
    int fd = pager_open(PAGER_OPEN_FILE, SLOTS);
    bool answers = true;
    char *window;

    window = mmap(NULL, SLOTS * PAGER_RUN_MAX * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    memset(source, 7, PAGE);
    mlockall(MCL_CURRENT | MCL_FUTURE);
    if (window == MAP_FAILED || channel_call(fd, &out, 1, &in, 1, -1) != 1 ||
        write(ready, "r", 1) != 1)
        _exit(1);
    answers = false;
    for (;;) {
        int n = channel_call(fd, &out, answers, &in, 1, -1);

        answers = n == 1 && answer_to(&in, &out, window, copies);
        if (n < 0 && errno != EINTR && errno != ETIMEDOUT)
            _exit(1);
    }
}

static pid_t start_pager(bool copies)
{
    int fds[2];
    pid_t pid;
    char c;

    if (role_vacant() < 0 || pipe(fds) < 0)
        return -1;
    pid = fork();
    if (pid == 0) {
        close(fds[0]);
        serve(copies, fds[1]);
    }
    close(fds[1]);
    if (read(fds[0], &c, 1) != 1)
        pid = -1;
    close(fds[0]);
    return pid;
}

/* Touches every page of a mapping of nothing that is in memory, one sample a page. */
static int touch_each(int fd, unsigned pages)
{
    char *p = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    unsigned i;

    if (p == MAP_FAILED)
        return -1;
    madvise(p, pages * PAGE, MADV_RANDOM);
    for (i = 0; i < pages; i++) {
        sample_begin();
        touch(p + i * PAGE);
        sample_end(1);
    }
    return munmap(p, pages * PAGE);
}

static int with_own_pager(bool copies)
{
    pid_t pid = start_pager(copies);
    int fd, err;

    if (pid < 0)
        return -1;
    sample_idle(true);
    fd = file_make_hole(path, PAGES);
    err = touch_each(fd, PAGES);
    close(fd);
    unlink(path);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    return err;
}

static int fault_null_pager(void)
{
    return with_own_pager(false);
}

static int fault_copy_pager(void)
{
    return with_own_pager(true);
}

/* A mapping of a file on disk with nothing of it in memory. */
static char *cold_file(unsigned pages, int *fd)
{
    char *p;

    if (role_pagerd() < 0)
        return NULL;
    *fd = file_make(path, pages);
    p = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
    if (p == MAP_FAILED || msync(p, pages * PAGE, MS_SYNC | MS_INVALIDATE) < 0)
        return NULL;
    sample_idle(true);
    return p;
}

static int drop(char *p, unsigned pages, int fd)
{
    munmap(p, pages * PAGE);
    close(fd);
    return unlink(path);
}

static int fault_file_disk(void)
{
    int fd;
    char *p = cold_file(PAGES, &fd);
    unsigned i;

    if (!p)
        return -1;
    madvise(p, PAGES * PAGE, MADV_RANDOM);
    for (i = 0; i < PAGES; i++) {
        sample_begin();
        touch(p + i * PAGE);
        sample_end(1);
    }
    return drop(p, PAGES, fd);
}

/* Once read-ahead has grown to whole runs, each sample has one FILL of 16 pages. */
static int fault_file_run16(void)
{
    int fd;
    char *p = cold_file(RUNS * PAGER_RUN_MAX, &fd);
    unsigned run, i;

    if (!p)
        return -1;
    madvise(p, RUNS * PAGER_RUN_MAX * PAGE, MADV_SEQUENTIAL);
    for (run = 0; run < RUNS; run++) {
        sample_begin();
        for (i = 0; i < PAGER_RUN_MAX; i++)
            touch(p + (run * PAGER_RUN_MAX + i) * PAGE);
        sample_end(PAGER_RUN_MAX);
    }
    return drop(p, RUNS * PAGER_RUN_MAX, fd);
}

const struct row pager_rows[] = {
    {"fault_null_pager", fault_null_pager,
     "load from an absent page; another process answers \"zeros\" at once"},
    {"fault_copy_pager", fault_copy_pager,
     "the same, the pager copies a page of its memory into the lent frame"},
    {"fault_file_run16", fault_file_run16,
     "loads from 16 absent pages in order, pagerd reads them from disk; a page"},
    {"fault_file_disk", fault_file_disk, "load from one absent page, pagerd reads it from disk"},
    {0},
};
