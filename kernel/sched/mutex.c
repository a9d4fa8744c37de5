/*
 * mutex.c - locks that sleep.
 *
 * Owns one word: the owner's address, with bit 0 saying that somebody waits. Uncontended it costs
 * one compare-and-swap each way; with bit 0 set every change goes under the mutex's spinlock.
 *
 * Unlocking frees the mutex and wakes the oldest waiter, which tries again: a thread that runs now
 * may overtake one that must first be switched to, so that the mutex does not lie idle for the
 * length of a switch. A waiter that has been overtaken is starving: while there is one, unlocking
 * hands the mutex over to the oldest waiter instead, who owns it before it runs. So nobody waits
 * for longer than a round of the queue. Waits are uninterruptible and without a deadline: a mutex
 * is held for the kernel's own work only, never across a wait on a user process.
 */
#include "sched/mutex.h"

#include "lib/assert.h"
#include "lib/types.h"
#include "sched/sched.h"

#define MUTEX_WAITERS 1ul

void mutex_init(struct mutex *m, enum lock_rank rank)
{
    *m = (struct mutex){.rank = rank};
    spin_init(&m->lock, RANK_WAIT);
    waitq_init(&m->waiters);
}

static uintptr_t self(void)
{
    return (uintptr_t)current_thread();
}

static uintptr_t waiters_bit(const struct mutex *m)
{
    return waitq_empty(&m->waiters) ? 0 : MUTEX_WAITERS;
}

/* Under the spinlock: takes the mutex if it is free, else sees to it that bit 0 is set. While it is
 * set and we hold the spinlock the word cannot change, so the unlocker will find us on the queue.
 */
static bool take_or_mark(struct mutex *m)
{
    for (;;) {
        uintptr_t now = __atomic_load_n(&m->owner, __ATOMIC_RELAXED);
        if ((now & ~MUTEX_WAITERS) == 0) {
            if (mutex_owner_swap(m, now, self() | waiters_bit(m)))
                return true;
        } else if ((now & MUTEX_WAITERS) || mutex_owner_swap(m, now, now | MUTEX_WAITERS)) {
            return false;
        }
    }
}

void mutex_lock_slow(struct mutex *m)
{
    bool starving = false;

    spin_lock(&m->lock);
    if (!take_or_mark(m)) {
        m->contended++;
        for (;;) {
            waitq_wait(&m->waiters, &m->lock, TIME_NEVER, WAIT_UNINTR, lock_rank_name(m->rank));
            if (mutex_held(m) || take_or_mark(m))
                break;
            m->starving += !starving;
            starving = true;
        }
    }
    m->starving -= starving;
    spin_unlock(&m->lock);
}

#if CONFIG_CHECKS

static void lock_common(struct mutex *m, bool nested)
{
    lock_check_may_sleep();
    lock_check_acquire(m, m->rank, nested);
    if (!mutex_owner_swap(m, 0, self()))
        mutex_lock_slow(m);
}

void mutex_lock(struct mutex *m)
{
    lock_common(m, false);
}

void mutex_lock_nested(struct mutex *m)
{
    lock_common(m, true);
}

void mutex_unlock(struct mutex *m)
{
    ASSERT(mutex_held(m));
    lock_check_release(m);
    if (!mutex_owner_swap(m, self(), 0))
        mutex_unlock_slow(m);
}

#endif

bool mutex_trylock(struct mutex *m)
{
    if (!mutex_owner_swap(m, 0, self()))
        return false;
    lock_check_acquire(m, m->rank, true);
    return true;
}

void mutex_unlock_slow(struct mutex *m)
{
    ASSERT(mutex_held(m));
    spin_lock(&m->lock);
    struct thread *next = waitq_take_one(&m->waiters);
    uintptr_t owner = m->starving ? (uintptr_t)next : 0;
    __atomic_store_n(&m->owner, owner | waiters_bit(m), __ATOMIC_RELEASE);
    if (next)
        sched_ready(next);
    spin_unlock(&m->lock);
}

bool mutex_held(const struct mutex *m)
{
    return (__atomic_load_n(&m->owner, __ATOMIC_RELAXED) & ~MUTEX_WAITERS) == self();
}
