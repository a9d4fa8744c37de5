/*
 * pmap.c - page tables (Sv39) of one address space.
 *
 * Owns the tables of the user half: made on demand, freed by pmap_free_tables_locked() and
 * pmap_destroy(). The upper half of every root is copied from the kernel's, which never changes
 * after pmap_boot(). ASIDs and the TLB are in tlb.c.
 *
 *     root (1 GiB an entry) -> middle (2 MiB) -> leaf table (4 KiB)
 *
 * Entry points: pmap.h. Lock: pmap->lock for everything below the root; an entry that harts may be
 * walking is written with one store, tables are linked only when they are zeroed.
 */
#include "mem/pmap.h"

#include "abi/errno.h"
#include "abi/vm.h"
#include "arch/riscv/csr.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "lib/types.h"
#include "mem/page.h"
#include "mem/pmap_internal.h"

enum { ENTRIES = 512, ROOT_KERNEL = 256, ROOT_LEVEL = 2 };

struct pmap kernel_pmap = {.lock = SPINLOCK_INIT(RANK_PMAP)};

extern char __kernel_start[], __text_end[], __rodata_end[], __kernel_end[];

static unsigned level_shift(int level)
{
    return PAGE_SHIFT + 9 * (unsigned)level;
}

static unsigned slot_index(vaddr_t va, int level)
{
    return (unsigned)(va >> level_shift(level)) % ENTRIES;
}

static pte_t *table_of(pte_t pte)
{
    return paddr_to_kva(pte_paddr(pte));
}

static pte_t pte_read(const pte_t *slot)
{
    return __atomic_load_n(slot, __ATOMIC_RELAXED);
}

static pte_t *table_alloc(struct pmap *pm, enum page_use use)
{
    struct page *p = page_alloc_zero(use);
    if (!p)
        return NULL;
    pm->tables++;
    return page_kva(p);
}

int pmap_init(struct pmap *pm)
{
    *pm = (struct pmap){.lock = SPINLOCK_INIT(RANK_PMAP)};
    pte_t *root = table_alloc(pm, PAGE_KERNEL);
    if (!root)
        return -ENOMEM;
    const pte_t *kernel = paddr_to_kva(kernel_pmap.root);
    memcpy(root + ROOT_KERNEL, kernel + ROOT_KERNEL, (ENTRIES - ROOT_KERNEL) * sizeof(pte_t));
    pm->root = kva_to_paddr(root);
    return 0;
}

static void table_free(struct pmap *pm, pte_t *table)
{
    pm->tables--;
    page_put(page_from_paddr(kva_to_paddr(table)));
}

/* First entry of [slot, end) that is not empty, or end. */
static pte_t *next_entry(pte_t *slot, pte_t *end)
{
    for (; end - slot >= 8; slot += 8)
        if (slot[0] | slot[1] | slot[2] | slot[3] | slot[4] | slot[5] | slot[6] | slot[7])
            break;
    while (slot < end && !pte_read(slot))
        slot++;
    return slot;
}

void pmap_destroy(struct pmap *pm)
{
    pte_t *root = paddr_to_kva(pm->root);

    ASSERT(__atomic_load_n(&pm->active, __ATOMIC_ACQUIRE) == 0);
    pte_t *end = root + ROOT_KERNEL;
    for (pte_t *top = next_entry(root, end); top < end; top = next_entry(top + 1, end)) {
        pte_t *middle = table_of(*top), *last = middle + ENTRIES;
        for (pte_t *m = next_entry(middle, last); m < last; m = next_entry(m + 1, last))
            table_free(pm, table_of(*m));
        table_free(pm, middle);
    }
    table_free(pm, root);
    ASSERT(pm->tables == 0);
    tlb_forget(pm);
}

pte_t *pmap_lookup_locked(struct pmap *pm, vaddr_t va)
{
    const pte_t *root = paddr_to_kva(pm->root);
    pte_t top = root[slot_index(va, 2)];

    if (!top)
        return NULL;
    pte_t middle = table_of(top)[slot_index(va, 1)];
    return middle ? &table_of(middle)[slot_index(va, 0)] : NULL;
}

/* Makes what is missing of the tables above the slot. */
static pte_t *make_slot(struct pmap *pm, vaddr_t va, int use)
{
    pte_t *table = paddr_to_kva(pm->root);

    ASSERT(va < USER_END);
    for (int level = ROOT_LEVEL; level > 0; level--) {
        pte_t *slot = &table[slot_index(va, level)];
        if (!*slot) {
            pte_t *below = table_alloc(pm, (enum page_use)use);
            if (!below)
                return NULL;
            /* release: a walker that sees the table sees its zeros */
            __atomic_store_n(slot, pte_make(kva_to_paddr(below), PTE_V), __ATOMIC_RELEASE);
        }
        table = table_of(*slot);
    }
    return &table[slot_index(va, 0)];
}

pte_t *pmap_slot_locked(struct pmap *pm, vaddr_t va, int use)
{
    pte_t *slot = pmap_lookup_locked(pm, va);

    return likely(slot) ? slot : make_slot(pm, va, use);
}

void pmap_store_locked(struct pmap *pm, vaddr_t va, pte_t *slot, pte_t pte)
{
    pte_t old = pte_read(slot);

    __atomic_store_n(slot, pte, __ATOMIC_RELEASE);
    pm->resident += (uint64_t)(pte != 0) - (uint64_t)(old != 0);
    /* An entry that was not valid may be cached as such by some machines; the fault that follows
     * stores the same entry again, and then the fence is made. */
    if ((old & PTE_V) && (pte & PTE_V))
        tlb_fence_page(pm, va);
}

static vaddr_t next_boundary(vaddr_t va, int level)
{
    return ((va >> level_shift(level)) + 1) << level_shift(level);
}

int pmap_walk_locked(struct pmap *pm, vaddr_t start, vaddr_t end,
                     int (*fn)(struct pmap *pm, vaddr_t va, pte_t *slot, void *arg), void *arg)
{
    pte_t *root = paddr_to_kva(pm->root);

    for (vaddr_t va = start; va < end;) {
        pte_t top = root[slot_index(va, 2)];
        if (!top) {
            va = next_boundary(va, 2);
            continue;
        }
        pte_t *middle = table_of(top), *mid = &middle[slot_index(va, 1)];
        pte_t *used = next_entry(mid, middle + ENTRIES);
        if (used != mid) {
            va = ALIGN_DOWN(va, 1ul << level_shift(1)) + ((vaddr_t)(used - mid) << level_shift(1));
            continue;
        }
        vaddr_t stop = MIN(next_boundary(va, 1), end);
        pte_t *first = &table_of(*mid)[slot_index(va, 0)];
        pte_t *last = first + ((stop - va) >> PAGE_SHIFT);
        for (pte_t *slot = next_entry(first, last); slot < last;
             slot = next_entry(slot + 1, last)) {
            int result = fn(pm, va + ((vaddr_t)(slot - first) << PAGE_SHIFT), slot, arg);
            if (result)
                return result;
        }
        va = stop;
    }
    return 0;
}

static bool table_empty(pte_t *table)
{
    return next_entry(table, table + ENTRIES) == table + ENTRIES;
}

/* Unlinks the tables at `level` + 1 slots whose whole range lies in [low, high) and which are
 * empty; they are chained through their first word, as no hart may reuse them before the flush. */
static void unlink_tables(struct pmap *pm, int level, vaddr_t low, vaddr_t high, pte_t **chain)
{
    unsigned shift = level_shift(level);

    for (vaddr_t va = ALIGN_UP(low, 1ul << shift); va < high && high - va >= 1ul << shift;
         va += 1ul << shift) {
        pte_t *table = paddr_to_kva(pm->root);
        pte_t *slot = &table[slot_index(va, ROOT_LEVEL)];
        if (level < ROOT_LEVEL) {
            if (!*slot) {
                va = next_boundary(va, ROOT_LEVEL) - (1ul << shift);
                continue;
            }
            slot = &table_of(*slot)[slot_index(va, level)];
        }
        if (!*slot || !table_empty(table_of(*slot)))
            continue;
        pte_t *below = table_of(*slot);
        __atomic_store_n(slot, 0, __ATOMIC_RELEASE);
        /* the pointer is page-aligned: a late walker reads it as an entry that is not valid */
        below[0] = (pte_t)*chain;
        *chain = below;
    }
}

void pmap_free_tables_locked(struct pmap *pm, vaddr_t start, vaddr_t end, vaddr_t floor,
                             vaddr_t ceiling)
{
    pte_t *chain = NULL;

    for (int level = 1; level <= ROOT_LEVEL; level++) {
        uint64_t size = 1ul << level_shift(level);
        vaddr_t low = MAX(ALIGN_DOWN(start, size), floor);
        vaddr_t high = MIN(ALIGN_UP(end, size), ceiling);
        unlink_tables(pm, level, low, high, &chain);
    }
    if (!chain)
        return;

    struct tlb_batch all;
    tlb_batch_init(&all, pm);
    tlb_batch_all(&all);
    tlb_batch_flush(&all);
    while (chain) {
        pte_t *next = (pte_t *)chain[0];
        chain[0] = 0;
        table_free(pm, chain);
        chain = next;
    }
}

pte_t pmap_prot_bits(int prot)
{
    pte_t bits = PTE_U | PTE_A | PTE_D;

    if (prot & (ABI_PROT_READ | ABI_PROT_WRITE | ABI_PROT_EXEC))
        bits |= PTE_V | PTE_R; /* to write or to run implies to read */
    if (prot & ABI_PROT_WRITE)
        bits |= PTE_W;
    if (prot & ABI_PROT_EXEC)
        bits |= PTE_X;
    return bits;
}

/* Direct map with global 1 GiB pages; the gigabyte of the kernel image in 2 MiB pages, and where
 * the image lies in 4 KiB pages, so that text and constants are read-only and only text runs. */
enum { KERNEL_TABLES = 8 }; /* 2 MiB each: room for an image of 14 MiB */
static pte_t boot_root[ENTRIES] __attribute__((aligned(4096)));
static pte_t boot_middle[ENTRIES] __attribute__((aligned(4096)));
static pte_t boot_leaf[KERNEL_TABLES][ENTRIES] __attribute__((aligned(4096)));

#define KERNEL_RW (PTE_V | PTE_R | PTE_W | PTE_A | PTE_D | PTE_G)
#define KERNEL_RO (PTE_V | PTE_R | PTE_A | PTE_D | PTE_G)
#define KERNEL_RX (KERNEL_RO | PTE_X)

static pte_t image_bits(vaddr_t va)
{
    if (va < (vaddr_t)__kernel_start || va >= (vaddr_t)__rodata_end)
        return KERNEL_RW;
    return va < (vaddr_t)__text_end ? KERNEL_RX : KERNEL_RO;
}

void pmap_boot(void)
{
    vaddr_t first = ALIGN_DOWN((vaddr_t)__kernel_start, 1ul << level_shift(1));
    vaddr_t gigabyte = ALIGN_DOWN(first, 1ul << level_shift(2));
    unsigned leaves = 0;

    for (paddr_t pa = 0; pa < DIRECT_SIZE; pa += 1ul << level_shift(2))
        boot_root[slot_index(DIRECT_BASE + pa, 2)] = pte_make(pa, KERNEL_RW);
    for (unsigned i = 0; i < ENTRIES; i++) {
        vaddr_t va = gigabyte + ((vaddr_t)i << level_shift(1));
        boot_middle[i] = pte_make(va - DIRECT_BASE, KERNEL_RW);
        if (va < first || va >= (vaddr_t)__kernel_end)
            continue;
        ASSERT(leaves < KERNEL_TABLES);
        pte_t *leaf = boot_leaf[leaves++];
        for (unsigned j = 0; j < ENTRIES; j++)
            leaf[j] = pte_make(va + j * PAGE_SIZE - DIRECT_BASE, image_bits(va + j * PAGE_SIZE));
        boot_middle[i] = pte_make(kva_to_paddr(leaf), PTE_V);
    }
    boot_root[slot_index(gigabyte, 2)] = pte_make(kva_to_paddr(boot_middle), PTE_V);
    kernel_pmap.root = kva_to_paddr(boot_root);
    tlb_boot();
    pmap_boot_hart();
}
