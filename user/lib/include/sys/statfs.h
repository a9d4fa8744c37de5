/*
 * sys/statfs.h - sizes, device and type of a mounted file system, as the kernel tells them.
 */
#ifndef DUALITY_SYS_STATFS_H
#define DUALITY_SYS_STATFS_H

#include "abi/fs.h"

int statfs(const char *path, struct abi_statfs *st);

#endif
