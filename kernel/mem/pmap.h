/*
 * pmap.h - page tables (Sv39) of one address space, their ASID, and the TLB.
 *
 * What a pmap owns: the tables. What it does not: the frames (except that freeing is the caller's
 * work for PTE_OWN entries). All functions named _locked want pmap->lock. Raising a permission
 * needs no flush elsewhere (a stale entry only causes a spurious fault); lowering one does:
 * collect in a struct tlb_batch, flush once. A hart that does not run this pmap now is not
 * interrupted: it is marked in `stale` and flushes the ASID when it next runs it.
 */
#ifndef MEM_PMAP_H
#define MEM_PMAP_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/riscv/pte.h"
#include "core/spinlock.h"

struct pmap {
    struct spinlock lock; /* RANK_PMAP */
    paddr_t root;         /* [I] root table; upper half is the kernel's */
    uint64_t asid_gen;    /* [asid] asid is valid in this generation */
    uint16_t asid;        /* [asid] */
    uint32_t active;      /* [a] bit per hart that runs it now */
    uint32_t stale;       /* [a] bit per hart that must flush before running it */
    uint64_t tables;      /* [l] frames used for tables */
    uint64_t resident;    /* [l] leaf entries that name a frame (statistics) */
};

extern struct pmap kernel_pmap; /* for kernel threads: no user half */

/* Prepares an empty user half. 0 or -ENOMEM. */
int pmap_init(struct pmap *pm);
/* Frees the tables; the caller has removed every entry and no hart runs it. */
void pmap_destroy(struct pmap *pm);

/* Leaf slot of `va`, or NULL when no table is there. */
pte_t *pmap_lookup_locked(struct pmap *pm, vaddr_t va);
/* Leaf slot of `va`, making tables as needed; NULL when out of memory (`use` of the tables). */
pte_t *pmap_slot_locked(struct pmap *pm, vaddr_t va, int use);

/* Stores an entry so that this hart's next access sees it (fence as needed); counts resident.
 * If it lowers or changes a valid one, the caller adds va to a batch first. */
void pmap_store_locked(struct pmap *pm, vaddr_t va, pte_t *slot, pte_t pte);

/*
 * Calls fn(pm, va, slot, arg) for each non-zero leaf entry of [start, end), skipping absent tables;
 * stops at the first non-zero result and returns it.
 */
int pmap_walk_locked(struct pmap *pm, vaddr_t start, vaddr_t end,
                     int (*fn)(struct pmap *pm, vaddr_t va, pte_t *slot, void *arg), void *arg);

/* Frees tables that lie wholly in [floor, ceiling) and became useless by unmapping [start, end).
 * Flush first. */
void pmap_free_tables_locked(struct pmap *pm, vaddr_t start, vaddr_t end, vaddr_t floor,
                             vaddr_t ceiling);

/* Addresses of one pmap whose cached translations must go. */
struct tlb_batch {
    struct pmap *pm;
    vaddr_t start, end; /* half open; empty: start >= end */
    uint64_t pages;     /* added so far */
};
void tlb_batch_init(struct tlb_batch *b, struct pmap *pm);
void tlb_batch_add(struct tlb_batch *b, vaddr_t va);
/* Flushes on every hart that runs the pmap (waiting for them), marks the others stale, empties the
 * batch. May be called with spinlocks held; the pmap's lock may be held or not. */
void tlb_batch_flush(struct tlb_batch *b);

/* Makes `pm` the address space of this hart; called by the scheduler with interrupts off. */
void pmap_activate(struct pmap *pm);
/* Says that this hart no longer runs `pm` (called for the previous one after a switch). */
void pmap_deactivate(struct pmap *pm);

/* Turns PROT bits (ABI_PROT_*) into PTE_R/W/X|U|A|D|V bits for a leaf. */
pte_t pmap_prot_bits(int prot);

void pmap_boot(void);      /* once, on the boot hart, after page_init() */
void pmap_boot_hart(void); /* each other hart, first: the kernel's tables in place of boot.S's */

#endif
