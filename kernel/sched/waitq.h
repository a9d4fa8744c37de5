/*
 * waitq.h - queues of sleeping threads.
 *
 * A wait queue has no lock of its own: it is guarded by the spinlock that guards the condition
 * waited for, held by every caller here. Always re-test the condition after a wait:
 *
 *     spin_lock(&x->lock);
 *     while (!x->ready) {
 *         err = waitq_wait(&x->waitq, &x->lock, deadline, WAIT_INTR, "x ready");
 *         if (err) break;
 *     }
 *     spin_unlock(&x->lock);
 */
#ifndef SCHED_WAITQ_H
#define SCHED_WAITQ_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/riscv/time.h"
#include "core/spinlock.h"
#include "lib/list.h"

struct thread;

struct waitq {
    struct list waiters; /* [the condition's lock] oldest first */
};

#define WAITQ_INIT(q)                                                                              \
    {                                                                                              \
        .waiters = { &(q).waiters, &(q).waiters }                                                  \
    }

enum {
    WAIT_UNINTR = 0, /* nothing but the event or the deadline */
    WAIT_INTR = 1,   /* any unblocked signal ends it: -EINTR */
    WAIT_KILL = 2,   /* only the death of the process ends it: -EINTR */
};

void waitq_init(struct waitq *q);

/* Sleeps until woken, `deadline_ns` (TIME_NEVER: none) or a signal as `flags` allow. `l` is the
 * only spinlock held; released while asleep, held again on return. 0, -ETIMEDOUT or -EINTR (at
 * once if already signalled). 0 promises nothing: test the condition again. `name`: for ps. */
int waitq_wait(struct waitq *q, struct spinlock *l, uint64_t deadline_ns, unsigned flags,
               const char *name);

/* The same, but gives the hart directly to `to`, which the caller has from waitq_take_one(); it is
 * consumed in every case (queued, if this call does not sleep at all). NULL: plain waitq_wait(). */
int waitq_wait_to(struct waitq *q, struct spinlock *l, uint64_t deadline_ns, unsigned flags,
                  const char *name, struct thread *to);

/* waitq_wake_one() for one that the caller will wait for, or that waits for no one else: it gets
 * the caller's hart when that sleeps next (sched_ready_next()). */
bool waitq_wake_next(struct waitq *q);

/* Wakes the oldest / all. Says how many were woken. The guarding lock is held. */
bool waitq_wake_one(struct waitq *q);
unsigned waitq_wake_all(struct waitq *q);

/* Takes the oldest sleeper off the queue as woken but does not make it run: the caller passes it to
 * sched_ready(), sched_switch_to() or waitq_wait_to(), soon. NULL: nobody sleeps there. */
struct thread *waitq_take_one(struct waitq *q);

static inline bool waitq_empty(const struct waitq *q)
{
    return q->waiters.next == &q->waiters;
}

/* Sleeps for a time. 0, or -EINTR. No lock held. */
int sleep_until(uint64_t deadline_ns, unsigned flags);

#endif
