/*
 * calls.c - system calls that need nobody else, and the lock that needs no system call.
 */
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <duality/syscall.h>

#include "bench.h"

static const char path[] = "/bench.calls";

static int null_call(void)
{
    int i;

    for (i = 0; i < ROUNDS; i++) {
        sample_begin();
        sys_getpid();
        sample_end(1);
    }
    return 0;
}

static int open_close(void)
{
    int i, fd = file_make(path, 1);

    close(fd);
    for (i = 0; i < ROUNDS; i++) {
        sample_begin();
        fd = (int)sys_open(path, O_RDONLY, 0);
        sys_close(fd);
        sample_end(1);
        if (fd < 0)
            return -1;
    }
    return unlink(path);
}

static int read_4k(void)
{
    static char buf[PAGE] __attribute__((aligned(PAGE)));
    int i, fd = file_make(path, 4);
    long n;

    for (i = 0; i < ROUNDS; i++) {
        sample_begin();
        n = sys_pread(fd, buf, PAGE, (i & 3) * PAGE);
        sample_end(1);
        if (n != PAGE)
            return -1;
    }
    close(fd);
    return unlink(path);
}

static int write_4k(void)
{
    static char buf[PAGE] __attribute__((aligned(PAGE)));
    int i, fd = file_make(path, 4);
    long n;

    for (i = 0; i < ROUNDS; i++) {
        sample_begin();
        n = sys_pwrite(fd, buf, PAGE, (i & 3) * PAGE);
        sample_end(1);
        if (n != PAGE)
            return -1;
    }
    close(fd);
    return unlink(path);
}

static int mutex_uncontended(void)
{
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    int i;

    for (i = 0; i < ROUNDS; i++) {
        sample_begin();
        pthread_mutex_lock(&mutex);
        pthread_mutex_unlock(&mutex);
        sample_end(1);
    }
    return 0;
}

const struct row call_rows[] = {
    {"null_call", null_call, "getpid() by its stub"},
    {"open_close", open_close, "open() of an existing file in the root, close()"},
    {"read_4k_cached", read_4k, "pread() of one cached page"},
    {"write_4k_cached", write_4k, "pwrite() over one cached dirty page"},
    {"mutex_uncontended", mutex_uncontended, "pthread_mutex_lock() and unlock, user mode only"},
    {0},
};
