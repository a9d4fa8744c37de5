/*
 * kalloc.h - kernel heap: slab caches over frames.
 *
 * kalloc() serves sizes up to 2 KiB from power-of-two (and 3/4) caches and larger ones from whole
 * frames; kcache serves one type. Nothing waits: NULL when memory is out (enum page_use
 * PAGE_KERNEL). Slabs that become empty go back to the frame allocator. In SAN=1 builds memory is
 * poisoned when freed.
 */
#ifndef MEM_KALLOC_H
#define MEM_KALLOC_H

#include <stddef.h>
#include <stdint.h>

#include "core/spinlock.h"
#include "lib/list.h"

/* `size` bytes, aligned to 16 (to the size for powers of two up to 64), contents undefined. */
void *kalloc(size_t size);
void *kzalloc(size_t size);
/* Gives back what kalloc() or kzalloc() returned; NULL is ignored. */
void kfree(void *p);

/* A cache of one type. Define with KCACHE_INIT in static storage. */
struct kcache {
    const char *name; /* [I] */
    uint32_t size;    /* [I] of one object */
    struct spinlock lock;
    struct list partial;   /* [l] slabs with room */
    struct list full;      /* [l] */
    uint64_t in_use;       /* [l] objects handed out */
    uint64_t slabs;        /* [l] */
    void *magazine;        /* [l] a few free objects, newest first */
    uint32_t magazine_len; /* [l] */
    uint32_t ready;        /* [l] lists are initialised */
};
#define KCACHE_INIT(n, type)                                                                       \
    {                                                                                              \
        .name = (n), .size = sizeof(type), .lock = SPINLOCK_INIT(RANK_KALLOC)                      \
    }

void *kcache_alloc(struct kcache *c); /* contents undefined */
void *kcache_alloc_zero(struct kcache *c);
void kcache_free(struct kcache *c, void *p);

/* Bytes of frames held by all caches; for free(1). */
uint64_t kalloc_bytes(void);

#endif
