/*
 * unmap.c - removing and protecting page table entries, with their frames.
 *
 * A frame of a private layer may be freed only after no hart can reach it any more, so entries are
 * cleared and their frames collected, then the TLBs are flushed, then the frames are given back: in
 * batches, under the pmap's lock.
 */
#include "vm/unmap.h"

#include "lib/types.h"
#include "mem/page.h"
#include "sched/sched.h"
#include "vm/vmo_page.h"

enum { BATCH = 32 };

struct gather {
    struct aspace *as;
    struct tlb_batch tlb;
    struct page *pages[BATCH];
    unsigned n;
};

static void gather_flush(struct gather *g)
{
    tlb_batch_flush(&g->tlb);
    for (unsigned i = 0; i < g->n; i++)
        page_put(g->pages[i]);
    g->n = 0;
}

static int clear_entry(struct pmap *pm, vaddr_t va, pte_t *slot, void *arg)
{
    struct gather *g = arg;
    pte_t pte = *slot;
    pmap_store_locked(pm, va, slot, 0);
    if (pte & PTE_V)
        tlb_batch_add(&g->tlb, va);
    if (pte & PTE_OWN) {
        g->pages[g->n++] = page_from_paddr(pte_paddr(pte));
        g->as->anon_pages--;
        __atomic_fetch_sub(&vm_anon_pages, 1, __ATOMIC_RELAXED);
    }
    if (g->n == BATCH)
        gather_flush(g);
    return 0;
}

void unmap_pages(struct aspace *as, vaddr_t start, vaddr_t end)
{
    struct gather g = {.as = as};
    tlb_batch_init(&g.tlb, &as->pmap);
    spin_lock(&as->pmap.lock);
    pmap_walk_locked(&as->pmap, start, end, clear_entry, &g);
    gather_flush(&g);
    spin_unlock(&as->pmap.lock);
}

struct protect {
    struct tlb_batch tlb;
    int prot;
};

static int protect_entry(struct pmap *pm, vaddr_t va, pte_t *slot, void *arg)
{
    struct protect *p = arg;
    pte_t old = *slot;
    pte_t bits = pmap_prot_bits(p->prot);
    bool own = old & PTE_OWN;
    bool sole = own && ref_read(&page_from_paddr(pte_paddr(old))->refs) == 1;
    if (!sole && !(old & PTE_W)) /* no entry gains write permission behind the dirty fault's back */
        bits &= ~(PTE_W | PTE_D);
    if (!own && !(bits & PTE_V))
        bits = 0; /* an object's page is found again in the object */
    pte_t pte = bits || own ? pte_make(pte_paddr(old), bits | (old & PTE_OWN)) : 0;
    if (pte == old)
        return 0;
    pmap_store_locked(pm, va, slot, pte);
    if ((old & PTE_V) && (old & PTE_RWX & ~pte))
        tlb_batch_add(&p->tlb, va);
    return 0;
}

void unmap_protect(struct aspace *as, vaddr_t start, vaddr_t end, int prot)
{
    struct protect p = {.prot = prot};
    tlb_batch_init(&p.tlb, &as->pmap);
    spin_lock(&as->pmap.lock);
    pmap_walk_locked(&as->pmap, start, end, protect_entry, &p);
    tlb_batch_flush(&p.tlb);
    spin_unlock(&as->pmap.lock);
}
