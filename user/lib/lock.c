/*
 * lock.c - recursive futex locks, and the hooks by which picolibc locks malloc, atexit, environ.
 *
 * A lock knows its holder by tp, which is different in every thread. picolibc asks for one
 * static lock, __lock___libc_recursive_mutex, and may make others with __retarget_lock_init().
 */
#include <stdlib.h>
#include <sys/lock.h>

#include "internal.h"

struct __lock {
    struct lock lock;
};

struct __lock __lock___libc_recursive_mutex;

static uintptr_t self(void)
{
    uintptr_t tp;

    __asm__("mv %0, tp" : "=r"(tp));
    return tp;
}

int lock_try(struct lock *l)
{
    uint32_t free = 0;

    if (__atomic_load_n(&l->owner, __ATOMIC_RELAXED) == self()) {
        l->depth++;
        return 1;
    }
    if (!__atomic_compare_exchange_n(&l->word, &free, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        return 0;
    __atomic_store_n(&l->owner, self(), __ATOMIC_RELAXED);
    l->depth = 1;
    return 1;
}

void lock_take(struct lock *l)
{
    if (lock_try(l))
        return;
    while (__atomic_exchange_n(&l->word, 2, __ATOMIC_ACQUIRE))
        sys_futex(&l->word, ABI_FUTEX_WAIT, 2, -1);
    __atomic_store_n(&l->owner, self(), __ATOMIC_RELAXED);
    l->depth = 1;
}

void lock_give(struct lock *l)
{
    if (--l->depth)
        return;
    __atomic_store_n(&l->owner, 0, __ATOMIC_RELAXED);
    if (__atomic_exchange_n(&l->word, 0, __ATOMIC_RELEASE) == 2)
        sys_futex(&l->word, ABI_FUTEX_WAKE, 1, -1);
}

void __retarget_lock_init(_LOCK_T *lock)
{
    *lock = calloc(1, sizeof(**lock));
}

void __retarget_lock_init_recursive(_LOCK_T *lock)
{
    __retarget_lock_init(lock);
}

void __retarget_lock_close(_LOCK_T lock)
{
    free(lock);
}

void __retarget_lock_close_recursive(_LOCK_T lock)
{
    free(lock);
}

void __retarget_lock_acquire(_LOCK_T lock)
{
    lock_take(&lock->lock);
}

void __retarget_lock_acquire_recursive(_LOCK_T lock)
{
    lock_take(&lock->lock);
}

int __retarget_lock_try_acquire(_LOCK_T lock)
{
    return lock_try(&lock->lock);
}

int __retarget_lock_try_acquire_recursive(_LOCK_T lock)
{
    return lock_try(&lock->lock);
}

void __retarget_lock_release(_LOCK_T lock)
{
    lock_give(&lock->lock);
}

void __retarget_lock_release_recursive(_LOCK_T lock)
{
    lock_give(&lock->lock);
}
