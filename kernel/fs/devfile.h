/*
 * devfile.h - character devices as open files: /dev/console, /dev/null, /dev/zero.
 */
#ifndef FS_DEVFILE_H
#define FS_DEVFILE_H

#include <stdint.h>

#include "fs/file.h"

/* Opens the device with number `rdev` (ABI_DEV_*). `inode`: what fstat() tells about; one reference
 * is taken over on success. 0, -ENXIO (no such device), -ENOMEM. */
struct inode;
int devfile_open(uint64_t rdev, struct inode *inode, uint32_t flags, struct file **out);

/* The console has input or room: wakes pollers. Goes into console_set_hooks(). */
void devfile_console_ready(void);

#endif
