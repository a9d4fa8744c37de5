/*
 * mutex.h - locks that sleep: ranks below 100 of lock_rank.def.
 *
 * Uncontended: one compare-and-swap each way. A waiter may be overtaken once, then waiters
 * are served in order. Never held across a wait on a user process, nor while touching user
 * memory that may fault (use the nofault copies of vm/uaccess.h there).
 */
#ifndef SCHED_MUTEX_H
#define SCHED_MUTEX_H

#include <stdbool.h>

#include "arch/riscv/hart.h"
#include "core/spinlock.h"
#include "sched/waitq.h"

struct mutex {
    uintptr_t owner;      /* [a] struct thread *; bit 0: somebody waits. 0: free */
    uint16_t rank;        /* [I] */
    uint16_t starving;    /* [l] waiters that were overtaken */
    uint32_t contended;   /* [l] times a taker had to sleep */
    struct spinlock lock; /* RANK_WAIT */
    struct waitq waiters; /* [l] */
};

#define MUTEX_INIT(m, r)                                                                           \
    {                                                                                              \
        .rank = (r), .lock = SPINLOCK_INIT(RANK_WAIT), .waiters = WAITQ_INIT((m).waiters)          \
    }

void mutex_init(struct mutex *m, enum lock_rank rank);
#if CONFIG_CHECKS || __STDC_HOSTED__ /* host tests bring their own */
void mutex_lock(struct mutex *m);
void mutex_lock_nested(
    struct mutex *m); /* same rank as one already held; the caller has an order */
void mutex_unlock(struct mutex *m);
#endif
bool mutex_trylock(struct mutex *m);
bool mutex_held(const struct mutex *m); /* by the calling thread */

/* What is left to do when the one compare-and-swap did not take or free it. */
void mutex_lock_slow(struct mutex *m);
void mutex_unlock_slow(struct mutex *m);

#if !__STDC_HOSTED__
static inline bool mutex_owner_swap(struct mutex *m, uintptr_t from, uintptr_t to)
{
    return __atomic_compare_exchange_n(&m->owner, &from, to, false, __ATOMIC_ACQ_REL,
                                       __ATOMIC_RELAXED);
}

#if !CONFIG_CHECKS
static inline void mutex_lock(struct mutex *m)
{
    if (__builtin_expect(!mutex_owner_swap(m, 0, (uintptr_t)current_thread()), 0))
        mutex_lock_slow(m);
}

static inline void mutex_lock_nested(struct mutex *m)
{
    mutex_lock(m);
}

static inline void mutex_unlock(struct mutex *m)
{
    if (__builtin_expect(!mutex_owner_swap(m, (uintptr_t)current_thread(), 0), 0))
        mutex_unlock_slow(m);
}
#endif
#endif

#endif
