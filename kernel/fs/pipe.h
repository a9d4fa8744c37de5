/*
 * pipe.h - pipes: pipe_create() gives the two ends as open files.
 */
#ifndef FS_PIPE_H
#define FS_PIPE_H

#include "fs/file.h"

/* Makes a pipe; `flags`: ABI_O_NONBLOCK or 0, for both ends. 0 or -ENOMEM. */
int pipe_create(uint32_t flags, struct file **read_end, struct file **write_end);

#endif
