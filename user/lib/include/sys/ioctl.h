/*
 * sys/ioctl.h - device requests; the numbers are those of abi/fs.h.
 */
#ifndef DUALITY_SYS_IOCTL_H
#define DUALITY_SYS_IOCTL_H

#include "abi/fs.h"

#define FIONREAD ABI_FIONREAD

int ioctl(int fd, unsigned long request, ...);

#endif
