/*
 * internal.h - what the files of user/lib share and programs do not see.
 *
 * check(): the one place where a raw result becomes errno and -1. The TLS symbols are the linker
 * script's; their addresses are the values.
 */
#ifndef USER_LIB_INTERNAL_H
#define USER_LIB_INTERNAL_H

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "syscall.h"

extern char __tdata_source[], __tdata_size[], __tls_size[], __tls_align[];

static inline long check(long result)
{
    if (result >= 0 || result < -4095)
        return result;
    errno = (int)-result;
    return -1;
}

static inline int fail(int number)
{
    errno = number;
    return -1;
}

/* start.c */
size_t tls_block_size(void);
void tls_block_init(void *block);
_Noreturn void start_c(long *stack);

/* crt0.S, stubs.S */
void thread_entry(void);
void duality_sigrestore(void);

/* pthread.c */
_Noreturn void thread_run(void *self);

/* lock.c: a mutex word that the same thread may take again */
struct lock {
    uint32_t word; /* 0 free, 1 held, 2 held and somebody may sleep */
    uint32_t depth;
    uintptr_t owner; /* tp of the holder */
};
void lock_take(struct lock *l);
int lock_try(struct lock *l); /* 1: taken */
void lock_give(struct lock *l);

/* stdio.c */
void streams_flush_all(void);

#endif
