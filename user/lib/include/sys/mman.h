/*
 * sys/mman.h - mappings. picolibc has none; numbers are those of abi/vm.h.
 */
#ifndef DUALITY_SYS_MMAN_H
#define DUALITY_SYS_MMAN_H

#include <sys/types.h>

#include "abi/vm.h"

#define PROT_NONE  ABI_PROT_NONE
#define PROT_READ  ABI_PROT_READ
#define PROT_WRITE ABI_PROT_WRITE
#define PROT_EXEC  ABI_PROT_EXEC

#define MAP_SHARED          ABI_MAP_SHARED
#define MAP_PRIVATE         ABI_MAP_PRIVATE
#define MAP_FIXED           ABI_MAP_FIXED
#define MAP_ANON            ABI_MAP_ANON
#define MAP_ANONYMOUS       ABI_MAP_ANON
#define MAP_NORESERVE       ABI_MAP_NORESERVE
#define MAP_POPULATE        ABI_MAP_POPULATE
#define MAP_FIXED_NOREPLACE ABI_MAP_FIXED_NOREPLACE
#define MAP_FAILED          ((void *)-1)

#define MS_ASYNC      ABI_MS_ASYNC
#define MS_INVALIDATE ABI_MS_INVALIDATE
#define MS_SYNC       ABI_MS_SYNC

#define MADV_NORMAL     ABI_MADV_NORMAL
#define MADV_RANDOM     ABI_MADV_RANDOM
#define MADV_SEQUENTIAL ABI_MADV_SEQUENTIAL
#define MADV_WILLNEED   ABI_MADV_WILLNEED
#define MADV_DONTNEED   ABI_MADV_DONTNEED

#define MCL_CURRENT ABI_MCL_CURRENT
#define MCL_FUTURE  ABI_MCL_FUTURE

void *mmap(void *addr, size_t len, int prot, int flags, int fd, off_t offset);
int munmap(void *addr, size_t len);
int mprotect(void *addr, size_t len, int prot);
int msync(void *addr, size_t len, int flags);
int madvise(void *addr, size_t len, int advice);
int mincore(void *addr, size_t len, unsigned char *vec);
int mlockall(int flags);
int munlockall(void);

#endif
