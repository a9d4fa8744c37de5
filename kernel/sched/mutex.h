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
void mutex_lock(struct mutex *m);
void mutex_lock_nested(
    struct mutex *m); /* same rank as one already held; the caller has an order */
bool mutex_trylock(struct mutex *m);
void mutex_unlock(struct mutex *m);
bool mutex_held(const struct mutex *m); /* by the calling thread */

#endif
