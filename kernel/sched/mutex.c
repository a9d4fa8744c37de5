/*
 * mutex.c - locks that sleep.
 *
 * Owns one word: the owner's address, with bit 0 saying that somebody waits. Free and uncontended
 * it costs one compare-and-swap each way. With bit 0 set every change goes under the mutex's
 * spinlock: unlocking then hands the mutex to the oldest waiter, who owns it before it runs; nobody
 * can overtake, so nobody starves. Waits are uninterruptible and without a deadline: a mutex is
 * held for the kernel's own work only, never across a wait on a user process.
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

static bool owner_swap(struct mutex *m, uintptr_t from, uintptr_t to)
{
    return __atomic_compare_exchange_n(&m->owner, &from, to, false, __ATOMIC_ACQ_REL,
                                       __ATOMIC_RELAXED);
}

/* Under the spinlock: takes the mutex if it is free, else sees to it that bit 0 is set. While it is
 * set and we hold the spinlock the word cannot change, so the unlocker will find us on the queue.
 */
static bool take_or_mark(struct mutex *m)
{
    for (;;) {
        uintptr_t now = __atomic_load_n(&m->owner, __ATOMIC_RELAXED);
        if (now == 0 && owner_swap(m, 0, self()))
            return true;
        if (now != 0 && ((now & MUTEX_WAITERS) || owner_swap(m, now, now | MUTEX_WAITERS)))
            return false;
    }
}

static void lock_slow(struct mutex *m)
{
    spin_lock(&m->lock);
    if (!take_or_mark(m)) {
        m->contended++;
        do {
            waitq_wait(&m->waiters, &m->lock, TIME_NEVER, WAIT_UNINTR, lock_rank_name(m->rank));
        } while (!mutex_held(m));
    }
    spin_unlock(&m->lock);
}

static void lock_common(struct mutex *m, bool nested)
{
    lock_check_may_sleep();
    lock_check_acquire(m, m->rank, nested);
    if (!owner_swap(m, 0, self()))
        lock_slow(m);
}

void mutex_lock(struct mutex *m)
{
    lock_common(m, false);
}

void mutex_lock_nested(struct mutex *m)
{
    lock_common(m, true);
}

bool mutex_trylock(struct mutex *m)
{
    if (!owner_swap(m, 0, self()))
        return false;
    lock_check_acquire(m, m->rank, true);
    return true;
}

void mutex_unlock(struct mutex *m)
{
    ASSERT(mutex_held(m));
    lock_check_release(m);
    if (owner_swap(m, self(), 0))
        return;

    spin_lock(&m->lock);
    struct thread *next = waitq_take_one(&m->waiters);
    uintptr_t word = (uintptr_t)next | (waitq_empty(&m->waiters) ? 0 : MUTEX_WAITERS);
    __atomic_store_n(&m->owner, word, __ATOMIC_RELEASE);
    if (next)
        sched_ready(next);
    spin_unlock(&m->lock);
}

bool mutex_held(const struct mutex *m)
{
    return (__atomic_load_n(&m->owner, __ATOMIC_RELAXED) & ~MUTEX_WAITERS) == self();
}
