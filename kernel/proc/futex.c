/*
 * futex.c - sleeping on a word of user memory until somebody says that it changed.
 *
 * Owns a hash table of sleepers. A sleeper is on its own stack and has a wait queue of its own, so
 * that a waker wakes exactly those it means, oldest first. The word is compared under the bucket's
 * lock, without taking faults: where the page is not there the lock is given back, the page
 * touched, and the test done again. So a store and a wake that come after the comparison find the
 * sleeper.
 *
 * The key of a word in a shared mapping is (object id, offset), else (address space, address).
 */
#include "proc/futex.h"

#include "abi/errno.h"
#include "lib/types.h"
#include "proc/internal.h"
#include "vm/uaccess.h"

enum { BUCKETS = 128 };

struct key {
    uint64_t space; /* address of the struct aspace, or id of the object: ids are small */
    uint64_t where;
};

struct bucket {
    struct spinlock lock;
    struct list sleepers; /* [l] oldest first */
};

struct sleeper {
    struct list link; /* [bucket] */
    struct key key;
    bool woken; /* [bucket] */
    struct waitq waitq;
};

static struct bucket buckets[BUCKETS];

void futex_init(void)
{
    for (unsigned i = 0; i < BUCKETS; i++) {
        spin_init(&buckets[i].lock, RANK_FUTEX);
        list_init(&buckets[i].sleepers);
    }
}

static struct bucket *bucket_of(const struct key *k)
{
    uint64_t mix = (k->space >> 4 ^ k->where) * 0x9e3779b97f4a7c15ul;

    return &buckets[mix >> 57 & (BUCKETS - 1)];
}

static bool same(const struct key *a, const struct key *b)
{
    return a->space == b->space && a->where == b->where;
}

static int make_key(uint64_t uaddr, struct key *k)
{
    struct aspace *as = current_process()->as;
    struct region *r;

    if (!IS_ALIGNED(uaddr, 4))
        return -EINVAL;
    if (!user_range_ok(uaddr, 4))
        return -EFAULT;
    *k = (struct key){.space = (uint64_t)as, .where = uaddr};
    mutex_lock(&as->lock);
    r = aspace_find(as, uaddr);
    if (r && r->vmo && (r->flags & REGION_SHARED))
        *k = (struct key){.space = r->vmo->id, .where = uaddr - r->start + r->offset};
    mutex_unlock(&as->lock);
    return r ? 0 : -EFAULT;
}

/* Sleeps on a linked sleeper until it is woken; the bucket is locked. */
static int sleep_locked(struct bucket *b, struct sleeper *s, uint64_t deadline_ns)
{
    int err = 0;

    list_add_tail(&b->sleepers, &s->link);
    while (!s->woken && !err)
        err = waitq_wait(&s->waitq, &b->lock, deadline_ns, WAIT_INTR, "futex");
    if (s->woken)
        return 0;
    list_del(&s->link);
    return err;
}

long futex_wait(uint64_t uaddr, uint32_t value, uint64_t deadline_ns)
{
    struct sleeper s = {.woken = false};
    struct bucket *b;
    uint32_t seen;
    int err = make_key(uaddr, &s.key);

    if (err)
        return err;
    waitq_init(&s.waitq);
    b = bucket_of(&s.key);
    spin_lock(&b->lock);
    while (get_user_u32_nofault(uaddr, &seen)) {
        spin_unlock(&b->lock);
        err = get_user_u32(uaddr, &seen);
        if (err)
            return err;
        spin_lock(&b->lock);
    }
    err = seen == value ? sleep_locked(b, &s, deadline_ns) : -EAGAIN;
    spin_unlock(&b->lock);
    return err;
}

long futex_wake(uint64_t uaddr, uint32_t count)
{
    struct list *pos, *next;
    struct bucket *b;
    struct key key;
    long woken = 0;
    int err = make_key(uaddr, &key);

    if (err)
        return err;
    b = bucket_of(&key);
    spin_lock(&b->lock);
    list_for_each_safe (pos, next, &b->sleepers) {
        struct sleeper *s = list_entry(pos, struct sleeper, link);
        if (woken >= count)
            break;
        if (!same(&s->key, &key))
            continue;
        list_del(&s->link);
        s->woken = true;
        waitq_wake_one(&s->waitq);
        woken++;
    }
    spin_unlock(&b->lock);
    return woken;
}
