/*
 * probe.c - asks the kernel whether a user address can be touched, instead of touching it.
 *
 * Reading: futex() with a time-out of nothing loads the word at an address and sleeps for no time.
 * Writing: clock_gettime() stores 16 bytes, which the caller is about to overwrite.
 */
#include "raw.h"

int xv6_readable(const void *p)
{
    uint32_t *word = (uint32_t *)((uintptr_t)p & ~3ul);

    return sc_futex(word, ABI_FUTEX_WAIT, 0, 0) != -EFAULT;
}

int xv6_writable(void *p)
{
    return sc_clock_gettime(ABI_CLOCK_MONOTONIC, p) == 0;
}

long xv6_string_length(const char *p, unsigned long max)
{
    unsigned long i;

    for (i = 0; i < max; i++) {
        if ((i == 0 || (uintptr_t)(p + i) % ABI_PAGE_SIZE == 0) && !xv6_readable(p + i))
            return -1;
        if (!p[i])
            return (long)i;
    }
    return -1;
}
