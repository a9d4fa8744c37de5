/*
 * spinlock.c - ticket locks, and the checks of lock order.
 *
 * Owns the list of held locks in each thread (struct held_locks, found at a fixed offset from tp).
 * A ticket lock is two counters: the next ticket and the one being served, so waiters are served in
 * the order of their coming. Taking is an acquire of `owner`, giving back a release store to it.
 * A long spin naps: under a simulator the holder may not be running at all, and spinning on would
 * keep it from the processor. Without CONFIG_CHECKS nothing is recorded, and taking and giving
 * back stand in the header.
 */
#include "core/spinlock.h"

#include "arch/riscv/csr.h"
#include "arch/riscv/hart.h"
#include "arch/riscv/time.h"
#include "core/log.h"
#include "core/panic.h"
#include "lib/types.h"

enum { FIRST_SPIN_RANK = 100, SPINS_BEFORE_NAP = 1000, NAP_NS = 20000 };

static struct held_locks *held_of(const struct thread *t)
{
    return (struct held_locks *)((char *)t + THREAD_HELD_LOCKS);
}

const char *lock_rank_name(enum lock_rank rank)
{
    switch (rank) {
#define RANK(name, number, text)                                                                   \
    case RANK_##name:                                                                              \
        return #name;
#include "core/lock_rank.def"
#undef RANK
    }
    return "?";
}

#if CONFIG_CHECKS

void lock_check_acquire(const void *lock, enum lock_rank rank, bool nested)
{
    struct held_locks *held = held_of(current_thread());

    for (uint32_t i = 0; i < held->count; i++) {
        if (held->lock[i] == lock)
            panic("lock %s (%p) taken twice", lock_rank_name(rank), lock);
        if (held->rank[i] > rank || (held->rank[i] == rank && !nested))
            panic("lock %s (%p) taken while holding %s (%p)", lock_rank_name(rank), lock,
                  lock_rank_name(held->rank[i]), held->lock[i]);
    }
    if (held->count == HELD_LOCKS_MAX)
        panic("more than %d locks held", HELD_LOCKS_MAX);
    held->lock[held->count] = lock;
    held->rank[held->count++] = (uint16_t)rank;
}

void lock_check_release(const void *lock)
{
    struct held_locks *held = held_of(current_thread());

    for (uint32_t i = held->count; i-- > 0;) {
        if (held->lock[i] != lock)
            continue;
        for (held->count--; i < held->count; i++) {
            held->lock[i] = held->lock[i + 1];
            held->rank[i] = held->rank[i + 1];
        }
        return;
    }
    panic("lock %p released by a thread that does not hold it", lock);
}

void lock_check_may_sleep(void)
{
    const struct held_locks *held = held_of(current_thread());
    for (uint32_t i = 0; i < held->count; i++) {
        if (held->rank[i] >= FIRST_SPIN_RANK)
            panic("sleep while holding spinlock %s", lock_rank_name(held->rank[i]));
    }
}

void lock_check_none_held(void)
{
    const struct held_locks *held = held_of(current_thread());
    if (held->count)
        panic("wait on a user process while holding %s", lock_rank_name(held->rank[0]));
}

#endif

void lock_print_held(const struct thread *t)
{
    const struct held_locks *held = held_of(t);
    for (uint32_t i = 0; i < held->count && i < HELD_LOCKS_MAX; i++)
        log_print("  holds %s (%p)", lock_rank_name(held->rank[i]), held->lock[i]);
}

void spin_init(struct spinlock *l, enum lock_rank rank)
{
    *l = (struct spinlock){.rank = (uint16_t)rank};
}

void spin_wait(struct spinlock *l, uint32_t ticket)
{
    unsigned spins = 0;

    __atomic_fetch_add(&l->contended, 1, __ATOMIC_RELAXED);
    while (__atomic_load_n(&l->owner, __ATOMIC_ACQUIRE) != ticket) {
        if (hart_stopping())
            hart_stop_self(); /* the holder may have been stopped by a panic */
        if (++spins % SPINS_BEFORE_NAP == 0)
            time_nap(NAP_NS);
        else
            cpu_relax();
    }
}

#if CONFIG_CHECKS

static void spin_take(struct spinlock *l, bool nested)
{
    lock_check_acquire(l, l->rank, nested);
    uint32_t ticket = __atomic_fetch_add(&l->next, 1, __ATOMIC_RELAXED);
    if (unlikely(__atomic_load_n(&l->owner, __ATOMIC_ACQUIRE) != ticket))
        spin_wait(l, ticket);
    l->holder = current_thread();
}

void spin_lock(struct spinlock *l)
{
    spin_take(l, false);
}

void spin_lock_nested(struct spinlock *l)
{
    spin_take(l, true);
}

void spin_unlock(struct spinlock *l)
{
    lock_check_release(l);
    l->holder = NULL;
    __atomic_store_n(&l->owner, l->owner + 1, __ATOMIC_RELEASE);
}

bool spin_held(const struct spinlock *l)
{
    return READ_ONCE(l->holder) == current_thread();
}

#endif

bool spin_trylock(struct spinlock *l)
{
    uint32_t ticket = __atomic_load_n(&l->owner, __ATOMIC_RELAXED);

    if (!__atomic_compare_exchange_n(&l->next, &ticket, ticket + 1, false, __ATOMIC_ACQUIRE,
                                     __ATOMIC_RELAXED))
        return false;
    lock_check_acquire(l, l->rank, true);
    l->holder = current_thread();
    return true;
}
