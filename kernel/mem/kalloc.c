/*
 * kalloc.c - kernel heap: slab caches over frames.
 *
 * Owns slabs: blocks of 1, 2 or 4 frames that begin with a struct slab and hold objects of one
 * cache. Each frame of a slab points back at it (page->txn), which is how kfree() finds the cache;
 * a frame of a large allocation has txn NULL. A free object holds the link to the next in its first
 * word. Objects freed last wait in the cache's magazine, so a free and an allocation in turn touch
 * no slab.
 *
 * In SAN=1 builds each object has a redzone behind it and freed objects go through a queue before
 * they are used again; this file is not instrumented, as it writes links into poisoned objects.
 * Lock: one per cache, RANK_KALLOC; frames are taken and given back while it is held.
 */
#include "mem/kalloc.h"

#include "lib/assert.h"
#include "lib/string.h"
#include "lib/types.h"
#include "mem/page.h"
#include "core/san.h"

enum {
    SLAB_MAGIC = 0x51ab51ab,
    MAGAZINE_MAX = 16,
    QUARANTINE_MAX = CONFIG_SAN ? 64 : 0,
    REDZONE = CONFIG_SAN ? 16 : 0,
    HEAP_MAX = 2048, /* larger sizes take whole frames */
    PAGE_TAG = 0x4b, /* page->state of the frames of this file */
};

struct slab {
    struct list link;     /* [l] on cache->partial or ->full */
    struct kcache *cache; /* [I] */
    void *free;           /* [l] objects, linked by their first word */
    uint32_t in_use;      /* [l] magazine included */
    uint32_t total;       /* [I] */
    uint32_t magic;
    uint32_t pad[5];
};
_Static_assert(sizeof(struct slab) == 64, "objects begin at a cache line");

static uint64_t heap_frames; /* [a] */

static void **link_of(void *object)
{
    return (void **)object;
}

static uint32_t stride(const struct kcache *c)
{
    return ALIGN_UP(MAX(c->size, 16u), 16u) + REDZONE;
}

/* Frames in a slab: enough that at most an eighth or so is lost. */
static unsigned slab_order(const struct kcache *c)
{
    uint32_t size = stride(c);
    return size <= 512 ? 0 : size <= 1040 ? 1 : 2;
}

static struct page *frames_alloc(unsigned order, void *slab_or_null)
{
    struct page *p = page_alloc_order(PAGE_KERNEL, order);
    if (!p)
        return NULL;
    for (unsigned i = 0; i < 1u << order; i++) {
        p[i].txn = slab_or_null ? page_kva(p) : NULL;
        p[i].state = PAGE_TAG;
    }
    __atomic_fetch_add(&heap_frames, 1ul << order, __ATOMIC_RELAXED);
    return p;
}

static void frames_free(struct page *p)
{
    __atomic_fetch_sub(&heap_frames, 1ul << p->order, __ATOMIC_RELAXED);
    for (unsigned i = 0; i < 1u << p->order; i++) {
        p[i].txn = NULL;
        p[i].state = 0;
    }
    page_put(p);
}

static struct slab *slab_create(struct kcache *c)
{
    unsigned order = slab_order(c);
    struct page *p = frames_alloc(order, c);
    if (!p)
        return NULL;

    struct slab *s = page_kva(p);
    uint32_t size = stride(c);
    char *first = (char *)(s + 1);
    *s = (struct slab){.cache = c, .magic = SLAB_MAGIC};
    s->total = (uint32_t)((PAGE_SIZE << order) - sizeof(*s)) / size;
    for (uint32_t i = s->total; i-- > 0;) {
        void *object = first + (size_t)i * size;
        *link_of(object) = s->free;
        s->free = object;
    }
    san_poison(first, (PAGE_SIZE << order) - sizeof(*s), SAN_REDZONE);
    list_add(&c->partial, &s->link);
    c->slabs++;
    return s;
}

static struct slab *slab_of(const void *object)
{
    const struct page *p = page_from_paddr(kva_to_paddr(object));
    if (!p || p->state != PAGE_TAG)
        panic("kfree of %p, which is not from this heap", object);
    struct slab *s = p->txn;
    if (s && s->magic != SLAB_MAGIC)
        panic("slab of %p overwritten", object);
    return s;
}

static void ready_locked(struct kcache *c)
{
    if (c->ready)
        return;
    list_init(&c->partial);
    list_init(&c->full);
    c->ready = 1;
}

static void *slab_take_locked(struct kcache *c)
{
    struct slab *s = list_first(&c->partial, struct slab, link);
    if (!s && !(s = slab_create(c)))
        return NULL;

    void *object = s->free;
    s->free = *link_of(object);
    if (++s->in_use == s->total) {
        list_del(&s->link);
        list_add(&c->full, &s->link);
    }
    return object;
}

static void slab_give_locked(struct kcache *c, void *object)
{
    struct slab *s = slab_of(object);

    if (s->in_use-- == s->total) {
        list_del(&s->link);
        list_add(&c->partial, &s->link);
    }
    *link_of(object) = s->free;
    s->free = object;
    if (s->in_use == 0) {
        list_del(&s->link);
        c->slabs--;
        s->magic = 0;
        frames_free(page_from_paddr(kva_to_paddr(s)));
    }
}

static void *alloc_bytes(struct kcache *c, size_t size)
{
    spin_lock(&c->lock);
    ready_locked(c);
    void *object = QUARANTINE_MAX ? NULL : c->magazine;
    if (object) {
        c->magazine = *link_of(object);
        c->magazine_len--;
    } else {
        object = slab_take_locked(c);
    }
    if (object)
        c->in_use++;
    spin_unlock(&c->lock);
    if (object)
        san_unpoison(object, size);
    return object;
}

/* The magazine is a stack; with a quarantine it is a queue whose oldest goes back to its slab. */
static void magazine_put_locked(struct kcache *c, void *object)
{
    *link_of(object) = c->magazine;
    c->magazine = object;
    c->magazine_len++;
    if (c->magazine_len <= (QUARANTINE_MAX ? QUARANTINE_MAX : MAGAZINE_MAX))
        return;

    uint32_t keep = QUARANTINE_MAX ? QUARANTINE_MAX / 2 : MAGAZINE_MAX / 2;
    void *last = c->magazine;
    for (uint32_t i = 1; i < keep; i++)
        last = *link_of(last);
    void *rest = *link_of(last);
    *link_of(last) = NULL;
    c->magazine_len = keep;
    while (rest) {
        void *next = *link_of(rest);
        slab_give_locked(c, rest);
        rest = next;
    }
}

static void free_object(struct kcache *c, void *object)
{
    san_check_free(object);
    san_poison(object, ALIGN_UP(c->size, 8u), SAN_FREED);
    spin_lock(&c->lock);
    c->in_use--;
    magazine_put_locked(c, object);
    spin_unlock(&c->lock);
}

void *kcache_alloc(struct kcache *c)
{
    return alloc_bytes(c, c->size);
}

void *kcache_alloc_zero(struct kcache *c)
{
    void *p = kcache_alloc(c);
    if (p)
        memset(p, 0, c->size);
    return p;
}

void kcache_free(struct kcache *c, void *p)
{
    struct slab *s = slab_of(p);
    if (!s || s->cache != c)
        panic("object %p freed to cache %s, which it is not from", p, c->name);
    free_object(c, p);
}

#define HEAP_CACHE(n)                                                                              \
    {                                                                                              \
        .name = "heap-" #n, .size = (n), .lock = SPINLOCK_INIT(RANK_KALLOC)                        \
    }
static struct kcache heap[] = {
    HEAP_CACHE(16),  HEAP_CACHE(32),   HEAP_CACHE(48),   HEAP_CACHE(64),   HEAP_CACHE(96),
    HEAP_CACHE(128), HEAP_CACHE(192),  HEAP_CACHE(256),  HEAP_CACHE(384),  HEAP_CACHE(512),
    HEAP_CACHE(768), HEAP_CACHE(1024), HEAP_CACHE(1536), HEAP_CACHE(2048),
};

void *kalloc(size_t size)
{
    if (size > HEAP_MAX) {
        unsigned order = 0;
        while (order < 11 && PAGE_SIZE << order < size)
            order++;
        struct page *p = frames_alloc(order, NULL);
        return p ? page_kva(p) : NULL;
    }
    struct kcache *c = heap;
    while (c->size < size)
        c++;
    return alloc_bytes(c, MAX(size, (size_t)1));
}

void *kzalloc(size_t size)
{
    void *p = kalloc(size);
    if (p)
        memset(p, 0, size);
    return p;
}

void kfree(void *p)
{
    if (!p)
        return;
    struct slab *s = slab_of(p);
    if (s)
        free_object(s->cache, p);
    else
        frames_free(page_from_paddr(kva_to_paddr(p)));
}

uint64_t kalloc_bytes(void)
{
    return __atomic_load_n(&heap_frames, __ATOMIC_RELAXED) * PAGE_SIZE;
}
