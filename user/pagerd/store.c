/*
 * store.c - which descriptor is the file of an object, and reading and writing it.
 *
 * One table, object id -> descriptor, guarded by `lock`. An object may be in it twice for a moment:
 * when it is bound again, its new descriptor may be known before the UNBIND of the old one is
 * served by another thread. The newest is found first; an entry leaves by object and descriptor.
 * Descriptors stay open while a transaction uses them: the kernel sends UNBIND after the last one.
 * Reading and writing take no memory: entries are made by BIND only.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include <duality/errno.h>

#include "pagerd.h"

enum { CHAINS = 256 };

struct entry {
    struct entry *next;
    uint64_t object;
    int fd;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct entry *table[CHAINS];

int store_status(int error)
{
    switch (error) {
    case 0:
        return 0;
    case ENOSPC:
        return -ENOSPC;
    case EAGAIN:
    case EINTR:
    case ENOMEM:
        return -EAGAIN;
    case EACCES:
    case EBADF:
    case EROFS:
        return -EACCES;
    default:
        return -EIO;
    }
}

/* The descriptor is the table's from now on, or closed. */
int store_bind(uint64_t object, int fd)
{
    struct entry *e = malloc(sizeof(*e));

    if (!e) {
        close(fd);
        return -EAGAIN;
    }
    e->object = object;
    e->fd = fd;
    pthread_mutex_lock(&lock);
    e->next = table[object % CHAINS];
    table[object % CHAINS] = e;
    pthread_mutex_unlock(&lock);
    return 0;
}

void store_unbind(uint64_t object, int fd)
{
    struct entry **link, *e;

    pthread_mutex_lock(&lock);
    for (link = &table[object % CHAINS]; (e = *link); link = &e->next)
        if (e->object == object && e->fd == fd)
            break;
    if (e)
        *link = e->next;
    pthread_mutex_unlock(&lock);
    if (e)
        close(e->fd);
    free(e);
}

static int find(uint64_t object)
{
    struct entry *e;

    pthread_mutex_lock(&lock);
    for (e = table[object % CHAINS]; e && e->object != object; e = e->next)
        ;
    pthread_mutex_unlock(&lock);
    return e ? e->fd : -1;
}

/* Beyond the end of the file the memory stays as it was lent: zero. */
int store_read(uint64_t object, void *to, size_t bytes, uint64_t offset)
{
    int fd = find(object);
    size_t got = 0;

    while (got < bytes) {
        ssize_t n = pread(fd, (char *)to + got, bytes - got, (off_t)(offset + got));

        if (n < 0)
            return store_status(errno);
        if (n == 0)
            break;
        got += (size_t)n;
    }
    return 0;
}

/* ESTALE: the file was removed and nobody has it; its bytes are nobody's any more. */
static int sync_status(int error)
{
    return error == ESTALE ? 0 : store_status(error);
}

/* *done: bytes in the file, also on failure. */
int store_write(uint64_t object, const void *from, size_t bytes, uint64_t offset, bool durable,
                size_t *done)
{
    int fd = find(object);

    *done = 0;
    while (*done < bytes) {
        ssize_t n = pwrite(fd, (const char *)from + *done, bytes - *done, (off_t)(offset + *done));

        if (n < 0)
            return sync_status(errno);
        if (n == 0)
            return -EIO;
        *done += (size_t)n;
    }
    if (durable && fsync(fd) < 0) {
        *done = 0;
        return sync_status(errno);
    }
    return 0;
}
