/*
 * poll.h - waiting for several descriptors.
 */
#ifndef DUALITY_POLL_H
#define DUALITY_POLL_H

#include <signal.h>
#include <time.h>

#include "abi/fs.h"

#define POLLIN   ABI_POLLIN
#define POLLPRI  ABI_POLLPRI
#define POLLOUT  ABI_POLLOUT
#define POLLERR  ABI_POLLERR
#define POLLHUP  ABI_POLLHUP
#define POLLNVAL ABI_POLLNVAL

typedef unsigned long nfds_t;

struct pollfd {
    int fd;
    short events;
    short revents;
};

int poll(struct pollfd *fds, nfds_t count, int timeout_ms);

#endif
