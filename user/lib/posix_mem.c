/*
 * posix_mem.c - mappings and the heap's end.
 */
#include <sys/mman.h>
#include <unistd.h>

#include <duality/sys.h>

#include "internal.h"

void *mmap(void *addr, size_t len, int prot, int flags, int fd, off_t offset)
{
    return (void *)check(sys_mmap(addr, len, prot, flags, fd, offset));
}

int munmap(void *addr, size_t len)
{
    return (int)check(sys_munmap(addr, len));
}

int mprotect(void *addr, size_t len, int prot)
{
    return (int)check(sys_mprotect(addr, len, prot));
}

int msync(void *addr, size_t len, int flags)
{
    return (int)check(sys_msync(addr, len, flags));
}

int madvise(void *addr, size_t len, int advice)
{
    return (int)check(sys_madvise(addr, len, advice));
}

int mincore(void *addr, size_t len, unsigned char *vec)
{
    return (int)check(sys_mincore(addr, len, vec));
}

int mlockall(int flags)
{
    return (int)check(sys_mlockall(flags));
}

int munlockall(void)
{
    return mlockall(0);
}

/* sys_sbrk returns the old end of the heap. */
void *sbrk(ptrdiff_t increment)
{
    return (void *)check(sys_sbrk(increment, 0));
}

void *sbrk_eager(ptrdiff_t increment)
{
    return (void *)check(sys_sbrk(increment, 1));
}

int brk(void *end)
{
    return check(sys_brk(end)) < 0 ? -1 : 0;
}
