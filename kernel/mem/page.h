/*
 * page.h - frames of memory: one struct page per 4 KiB, the free lists, and the reserves.
 *
 * Every frame has a reference count; page_put() of the last reference frees it. Allocation never
 * waits: it returns NULL, and the caller returns an error or waits for page-out (vm/pageout.h)
 * holding no lock. Free frames below a mark are kept for those who clean memory:
 *   PAGE_ANON    memory of one process only; leaves what all below are kept besides
 *                RESERVE_FILE, so that the text of programs always finds room
 *   PAGE_USER    pages of files; leaves RESERVE_KERNEL + RESERVE_PAGER frames
 *   PAGE_KERNEL  kernel structures; leaves RESERVE_PAGER frames
 *   PAGE_URGENT  work that frees memory (page-out, pagers); takes the last
 * Lock: RANK_PAGE. Order-n blocks (2^n frames, aligned) exist for kernel stacks and rings.
 */
#ifndef MEM_PAGE_H
#define MEM_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/riscv/pte.h"
#include "core/refcount.h"
#include "lib/list.h"

enum page_use { PAGE_ANON, PAGE_USER, PAGE_KERNEL, PAGE_URGENT };

struct vmo;

struct page {
    struct refcount refs; /* [a] 0: free */
    uint8_t state;        /* [vmo] enum page_state (vm/page_state.h) while in an object */
    uint8_t order;        /* [page] of a free or allocated block's first frame */
    uint16_t flags;       /* [vmo] VM_PAGE_*, vm/vmo.h */
    struct vmo *vmo;      /* [vmo] object that holds it; NULL: none */
    uint64_t index;       /* [vmo] page number in the object */
    struct list link;     /* [page] free list; [lru] reclaim list */
    void *txn;            /* [vmo] open transaction of a FILLING or FLUSHING page */
    uint32_t version;     /* [vmo] counts changes from clean to dirty */
    uint32_t wired;       /* [vmo] holders that forbid reclaim */
    uint32_t on_lru;      /* [lru] linked on the reclaim list */
    uint32_t reserved;    /* rounds the struct up to a cache line */
};
_Static_assert(sizeof(struct page) == 64, "a struct page is one cache line");

/* Allocates one frame, contents undefined, one reference held by the caller; NULL: none left. */
struct page *page_alloc(enum page_use use);

/* The same, filled with zeros (from the pool zeroed while idle, if there is one). */
struct page *page_alloc_zero(enum page_use use);

/* 2^order frames, aligned to their size; freed by page_put() of the first. */
struct page *page_alloc_order(enum page_use use, unsigned order);

static inline void page_get(struct page *p)
{
    ref_get(&p->refs);
}

/* Gives a reference back; the last one frees the frame. Takes RANK_PAGE. */
void page_put(struct page *p);

extern struct page *page_array; /* [I] one for each frame from page_base on */
extern uint64_t page_base;      /* [I] frame number */
extern uint64_t page_span;      /* [I] frames */

enum { PAGE_ORDER_HOLE = 0xff }; /* `order` where there is no memory of ours */

/* NULL: not a frame of ours. */
static inline struct page *page_from_paddr(paddr_t pa)
{
    uint64_t index = (pa >> PAGE_SHIFT) - page_base;

    if (index >= page_span || page_array[index].order == PAGE_ORDER_HOLE)
        return NULL;
    return &page_array[index];
}

static inline paddr_t page_paddr(const struct page *p)
{
    return (page_base + (uint64_t)(p - page_array)) << PAGE_SHIFT;
}

static inline void *page_kva(const struct page *p)
{
    return paddr_to_kva(page_paddr(p));
}

/* Free frames now; frames in all; the mark that PAGE_ANON leaves. */
uint64_t page_free_count(void);
uint64_t page_total_count(void);
uint64_t page_reserve_count(void);
/* Frames that PAGE_ANON may still take. */
uint64_t page_available_count(void);

/* Called once at boot with the memory ranges of the device tree less what is in use. */
void page_init(void);

/* Clears one free frame for page_alloc_zero(); for idle harts. False: enough are clean. */
bool page_idle_zero(void);

/* Walks the free lists and counts: 0 or the number of faults found (printed). For kcheck(). */
int page_check(void);

#endif
