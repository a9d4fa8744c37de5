/*
 * spinlock.h - fair spinning locks, ranked and (in checked builds) verified as they are taken.
 *
 * The kernel runs with interrupts off, so a spinlock need not save interrupt state, and a thread
 * that holds one is never preempted. Under a spinlock: no sleep, no user memory, no allocation
 * that waits. CONFIG_CHECKS builds record which locks a thread holds (for panic and for
 * kcheck), and panic on a wrong order, a double take, a release by another, or a sleep.
 */
#ifndef CORE_SPINLOCK_H
#define CORE_SPINLOCK_H

#include <stdbool.h>
#include <stdint.h>

enum lock_rank {
#define RANK(name, number, text) RANK_##name = number,
#include "core/lock_rank.def"
#undef RANK
};

struct spinlock {
    uint32_t next;  /* [a] ticket handed out next */
    uint32_t owner; /* [a] ticket being served */
    uint16_t rank;  /* [I] enum lock_rank */
    uint16_t pad;
    uint32_t contended;    /* [a] times a taker had to spin */
    struct thread *holder; /* [o] while held */
};

/* The locks that a thread holds, in the order of taking: part of struct thread. */
enum { HELD_LOCKS_MAX = 12, THREAD_HELD_LOCKS = 440 };
struct held_locks {
    uint32_t count;
    uint16_t rank[HELD_LOCKS_MAX];
    const void *lock[HELD_LOCKS_MAX];
};

/* A lock at rest; for locks in static storage. */
#define SPINLOCK_INIT(r)                                                                           \
    {                                                                                              \
        .rank = (r)                                                                                \
    }

/* Makes `l` a free lock of rank `rank`. */
void spin_init(struct spinlock *l, enum lock_rank rank);

/* Spins until `ticket` is served: the slow part of taking. */
void spin_wait(struct spinlock *l, uint32_t ticket);

/* Takes `l` if it is free; says whether it did. */
bool spin_trylock(struct spinlock *l);

/* Prints the locks held by `t`; for panic. */
void lock_print_held(const struct thread *t);

const char *lock_rank_name(enum lock_rank rank);

#if CONFIG_CHECKS || __STDC_HOSTED__ /* host tests bring their own locks */

/* Takes `l`, spinning while another hart holds it. */
void spin_lock(struct spinlock *l);

/* As spin_lock(), where a lock of the same rank is already held and the caller has an order. */
void spin_lock_nested(struct spinlock *l);

void spin_unlock(struct spinlock *l);

/* Says whether the calling thread holds `l` (without checks: whether anybody does); to assert. */
bool spin_held(const struct spinlock *l);

/* Rank bookkeeping, also used by mutexes. */
void lock_check_acquire(const void *lock, enum lock_rank rank, bool nested);
void lock_check_release(const void *lock);
/* Panics if the calling thread holds any spinlock (ranks from 100 on). */
void lock_check_may_sleep(void);
/* Panics if the calling thread holds any lock at all: before waits on a user process. */
void lock_check_none_held(void);

#else /* the same, short enough to stand in the callers */

static inline void lock_check_acquire(const void *lock, enum lock_rank rank, bool nested)
{
    (void)lock, (void)rank, (void)nested;
}

static inline void lock_check_release(const void *lock)
{
    (void)lock;
}

static inline void lock_check_may_sleep(void)
{
}

static inline void lock_check_none_held(void)
{
}

static inline void spin_lock(struct spinlock *l)
{
    uint32_t ticket = __atomic_fetch_add(&l->next, 1, __ATOMIC_RELAXED);

    if (__builtin_expect(__atomic_load_n(&l->owner, __ATOMIC_ACQUIRE) != ticket, 0))
        spin_wait(l, ticket);
}

static inline void spin_lock_nested(struct spinlock *l)
{
    spin_lock(l);
}

static inline void spin_unlock(struct spinlock *l)
{
    __atomic_store_n(&l->owner, l->owner + 1, __ATOMIC_RELEASE);
}

static inline bool spin_held(const struct spinlock *l)
{
    return __atomic_load_n(&l->owner, __ATOMIC_RELAXED) !=
           __atomic_load_n(&l->next, __ATOMIC_RELAXED);
}

#endif

#endif
