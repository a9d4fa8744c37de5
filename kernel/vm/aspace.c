/*
 * aspace.c - address spaces: birth, death, fork.
 *
 * Mapping calls are in map.c and aspace_ops.c. An address space is shared by the threads of a
 * process (one reference each process) and briefly by others who look at it.
 */
#include "vm/aspace.h"

#include "abi/errno.h"
#include "core/panic.h"
#include "lib/assert.h"
#include "lib/types.h"
#include "mem/kalloc.h"
#include "sched/sched.h"
#include "vm/pageout.h"
#include "vm/region.h"
#include "vm/unmap.h"
#include "vm/vmo_page.h"

static struct kcache aspace_cache = KCACHE_INIT("aspace", struct aspace);

struct aspace *aspace_create(void)
{
    struct aspace *as = kcache_alloc_zero(&aspace_cache);
    if (!as)
        return NULL;
    if (pmap_init(&as->pmap)) {
        kcache_free(&aspace_cache, as);
        return NULL;
    }
    mutex_init(&as->lock, RANK_ASPACE);
    ref_init(&as->refs, 1);
    return as;
}

void aspace_get(struct aspace *as)
{
    ref_get(&as->refs);
}

void aspace_put(struct aspace *as)
{
    if (!ref_put(&as->refs))
        return;
    unmap_pages(as, 0, USER_END);
    struct rb_node *n;
    while ((n = rb_first(&as->regions))) {
        struct region *r = rb_entry(n, struct region, node);
        region_remove(as, r);
        region_free(r);
    }
    ASSERT(as->anon_pages == 0);
    pmap_destroy(&as->pmap);
    kcache_free(&aspace_cache, as);
}

struct fork_copy {
    struct aspace *to;
    struct tlb_batch tlb; /* of the parent */
    bool no_memory;
};

/* Shares one page of a private layer: read-only in both until one of them stores. */
static int share_entry(struct pmap *from, vaddr_t va, pte_t *slot, void *arg)
{
    struct fork_copy *c = arg;
    pte_t pte = *slot;
    if (!(pte & PTE_OWN))
        return 0; /* pages of objects are found again in the object */
    pte_t *copy = pmap_slot_locked(&c->to->pmap, va, PAGE_ANON);
    if (!copy) {
        c->no_memory = true;
        return 1;
    }
    if (pte & PTE_W) {
        pte &= ~(PTE_W | PTE_D);
        pmap_store_locked(from, va, slot, pte);
        tlb_batch_add(&c->tlb, va);
    }
    page_get(page_from_paddr(pte_paddr(pte)));
    pmap_store_locked(&c->to->pmap, va, copy, pte);
    c->to->anon_pages++;
    __atomic_fetch_add(&vm_anon_pages, 1, __ATOMIC_RELAXED);
    return 0;
}

/* Copies the private layer of one region; the parent's lock is held, the child is ours alone. */
static int copy_layer(struct aspace *from, struct aspace *to, const struct region *r)
{
    struct fork_copy c = {.to = to};
    tlb_batch_init(&c.tlb, &from->pmap);
    spin_lock(&from->pmap.lock);
    spin_lock_nested(&to->pmap.lock); /* nobody else knows the child yet */
    pmap_walk_locked(&from->pmap, r->start, r->end, share_entry, &c);
    spin_unlock(&to->pmap.lock);
    tlb_batch_flush(&c.tlb);
    spin_unlock(&from->pmap.lock);
    return c.no_memory ? -ENOMEM : 0;
}

static int copy_region(struct aspace *from, struct aspace *to, struct region *r)
{
    if (r->kind == REGION_WINDOW)
        return 0;
    struct region *copy = region_create(r);
    if (!copy)
        return -ENOMEM;
    region_insert(to, copy);
    if (r->flags & REGION_SHARED)
        return 0;
    return copy_layer(from, to, r);
}

struct aspace *aspace_fork(struct aspace *from)
{
    struct aspace *to = aspace_create();
    if (!to)
        return NULL;
    int err = 0;
    mutex_lock(&from->lock);
    to->brk_start = from->brk_start;
    to->brk = from->brk;
    for (struct region *r = region_first_after(from, 0); r && !err; r = region_next(r))
        err = copy_region(from, to, r);
    mutex_unlock(&from->lock);
    if (err) {
        aspace_put(to);
        return NULL;
    }
    return to;
}

uint64_t aspace_resident_pages(struct aspace *as)
{
    return READ_ONCE(as->pmap.resident);
}

void vm_init(void)
{
    pageout_init();
}
