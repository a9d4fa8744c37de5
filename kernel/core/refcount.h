/*
 * refcount.h - a count of references, safe from several harts.
 *
 * A count that reaches zero stays there: ref_get() on zero panics, ref_try_get() refuses.
 */
#ifndef CORE_REFCOUNT_H
#define CORE_REFCOUNT_H

#include <stdbool.h>
#include <stdint.h>

struct refcount {
    uint32_t n; /* [a] */
};

static inline void ref_init(struct refcount *r, uint32_t n)
{
    __atomic_store_n(&r->n, n, __ATOMIC_RELAXED);
}

static inline uint32_t ref_read(const struct refcount *r)
{
    return __atomic_load_n(&r->n, __ATOMIC_RELAXED);
}

/* Takes one more reference; the caller already holds one. */
static inline void ref_get(struct refcount *r)
{
    __atomic_fetch_add(&r->n, 1, __ATOMIC_RELAXED);
}

/* Takes a reference unless the count is zero. For lookups in tables that hold no reference. */
static inline bool ref_try_get(struct refcount *r)
{
    uint32_t n = ref_read(r);
    while (n != 0) {
        if (__atomic_compare_exchange_n(&r->n, &n, n + 1, true, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
            return true;
    }
    return false;
}

/* Gives one back; says whether it was the last, and then everything done before is visible. */
static inline bool ref_put(struct refcount *r)
{
    return __atomic_fetch_sub(&r->n, 1, __ATOMIC_ACQ_REL) == 1;
}

#endif
