/*
 * tlb.c - address space numbers, the address space of each hart, and remote flushes.
 *
 * ASIDs. A pmap gets one when it is first activated and keeps it for a generation. When all are
 * used, a new generation begins: numbers are handed out from the start again, except those that
 * harts are using at that instant, which pass into the new generation; each hart flushes its whole
 * TLB before it uses a number of the new generation (flush_all). ASID 0 is the kernel's. A hart
 * activates:   running[h] = pm;  fence;  read generation A roll-over does:   generation++; fence;
 * read running[*] so either the hart sees the new generation and asks for a number under the lock,
 * or the roll-over sees what the hart runs and keeps its number (both orders of two seq_cst stores
 * and loads).
 *
 * Shootdown. Someone lowers an entry of pm while hart h goes in or out of user mode:
 *     flusher:   store PTE;  fence;  stale |= harts not active;  fence;  read active again
 *     hart h:    active |= h;  fence;  read and clear stale;  flush if it was set
 * All are seq_cst. If h misses our mark in `stale`, its setting of `active` came before our second
 * read of it, so h is sent a remote fence. If h was active at the first read and left since, it is
 * sent one too (the fence flushes by ASID, whether the hart runs pm or not). A hart that sets
 * `active` after our marks flushes before it walks: it can cache only the new PTE. The remote fence
 * is made by the firmware in machine mode and interrupts any kernel code, so it may be awaited with
 * spinlocks held.
 */
#include "arch/riscv/csr.h"
#include "arch/riscv/hart.h"
#include "arch/riscv/sbi.h"
#include "core/counter.h"
#include "lib/assert.h"
#include "lib/bitmap.h"
#include "lib/types.h"
#include "mem/pmap_internal.h"

enum { ASID_MAX = 65536, BATCH_PAGES_MAX = 32 };

static struct spinlock lock = SPINLOCK_INIT(RANK_ASID);
static uint64_t generation = 1;                    /* [a] written under lock */
static uint32_t asid_count;                        /* [I] */
static uint32_t asid_next;                         /* [lock] */
static uint64_t asid_kept[BITMAP_WORDS(ASID_MAX)]; /* [lock] numbers carried over the roll-over */
static struct pmap *running[HART_MAX];             /* [a] */
static uint32_t flush_all[HART_MAX];               /* [a] */

static uint32_t all_harts(void)
{
    return (1u << hart_count) - 1;
}

void tlb_boot(void)
{
    uint64_t old = CSR_READ(satp);
    CSR_WRITE(satp, old | 0xfffful << SATP_ASID_SHIFT);
    asid_count = (uint32_t)(CSR_READ(satp) >> SATP_ASID_SHIFT & 0xffff) + 1;
    CSR_WRITE(satp, old);
    sfence_all();
    asid_next = 1;
}

void pmap_boot_hart(void)
{
    CSR_WRITE(satp, SATP_MAKE(kernel_pmap.root, 0));
    sfence_all();
}

static void roll_over_locked(void)
{
    __atomic_store_n(&generation, generation + 1, __ATOMIC_SEQ_CST);
    for (uint32_t i = 0; i < BITMAP_WORDS(ASID_MAX); i++)
        asid_kept[i] = 0;
    for (uint32_t h = 0; h < hart_count; h++) {
        struct pmap *pm = __atomic_load_n(&running[h], __ATOMIC_SEQ_CST);
        if (pm && pm->asid_gen == generation - 1) {
            __atomic_store_n(&pm->asid_gen, generation, __ATOMIC_RELEASE);
            bitmap_set(asid_kept, pm->asid);
        } else if (pm && pm->asid_gen == generation) {
            bitmap_set(asid_kept, pm->asid); /* runs on two harts */
        }
        __atomic_store_n(&flush_all[h], 1, __ATOMIC_RELEASE);
    }
    asid_next = 1;
}

static void asid_take(struct pmap *pm)
{
    spin_lock(&lock);
    if (pm->asid_gen != generation) {
        while (asid_next < asid_count && bitmap_test(asid_kept, asid_next))
            asid_next++;
        if (asid_next >= asid_count)
            roll_over_locked();
        if (pm->asid_gen != generation) {
            while (bitmap_test(asid_kept, asid_next))
                asid_next++;
            pm->asid = (uint16_t)asid_next++;
            __atomic_store_n(&pm->asid_gen, generation, __ATOMIC_RELEASE);
        }
    }
    spin_unlock(&lock);
}

static bool asid_single(void)
{
    return asid_count <= 2 * HART_MAX; /* too few to hand out: flush at every switch */
}

void pmap_activate(struct pmap *pm)
{
    uint32_t h = this_hart()->index, bit = 1u << h;

    if (pm == &kernel_pmap) {
        CSR_WRITE(satp, SATP_MAKE(pm->root, 0));
        return;
    }
    __atomic_store_n(&running[h], pm, __ATOMIC_SEQ_CST);
    __atomic_fetch_or(&pm->active, bit, __ATOMIC_SEQ_CST);
    if (asid_single()) {
        CSR_WRITE(satp, SATP_MAKE(pm->root, 0));
        sfence_all();
        return;
    }
    if (__atomic_load_n(&pm->asid_gen, __ATOMIC_SEQ_CST) !=
        __atomic_load_n(&generation, __ATOMIC_SEQ_CST))
        asid_take(pm);

    /* flush after leaving the old space: until then its walker may still fill the TLB */
    CSR_WRITE(satp, SATP_MAKE(pm->root, pm->asid));
    if (__atomic_exchange_n(&flush_all[h], 0, __ATOMIC_ACQ_REL))
        sfence_all();
    if (__atomic_load_n(&pm->stale, __ATOMIC_SEQ_CST) & bit) {
        __atomic_fetch_and(&pm->stale, ~bit, __ATOMIC_SEQ_CST);
        sfence_asid(pm->asid);
    }
}

void pmap_deactivate(struct pmap *pm)
{
    uint32_t h = this_hart()->index;
    struct pmap *me = pm;

    if (pm == &kernel_pmap)
        return;
    __atomic_compare_exchange_n(&running[h], &me, NULL, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
    __atomic_fetch_and(&pm->active, ~(1u << h), __ATOMIC_SEQ_CST);
}

void tlb_forget(struct pmap *pm)
{
    for (uint32_t h = 0; h < hart_count; h++)
        ASSERT(__atomic_load_n(&running[h], __ATOMIC_RELAXED) != pm);
}

void tlb_fence_page(struct pmap *pm, vaddr_t va)
{
    sfence_page(va, pm->asid);
}

void tlb_batch_init(struct tlb_batch *b, struct pmap *pm)
{
    *b = (struct tlb_batch){.pm = pm, .start = UINT64_MAX};
}

void tlb_batch_add(struct tlb_batch *b, vaddr_t va)
{
    va = ALIGN_DOWN(va, PAGE_SIZE);
    b->start = MIN(b->start, va);
    b->end = MAX(b->end, va + PAGE_SIZE);
    b->pages++;
}

void tlb_batch_all(struct tlb_batch *b)
{
    b->start = 0;
    b->end = USER_END;
}

static void flush_local(const struct tlb_batch *b, bool few)
{
    counter_inc(COUNTER_tlb_local);
    if (!few) {
        sfence_asid(b->pm->asid);
        return;
    }
    for (vaddr_t va = b->start; va < b->end; va += PAGE_SIZE)
        sfence_page(va, b->pm->asid);
}

static void flush_remote(const struct tlb_batch *b, uint32_t harts_mask, bool few)
{
    uint64_t mask = 0;

    for (uint32_t h = 0; h < hart_count; h++) {
        if (harts_mask & 1u << h && harts[h].hartid < 64)
            mask |= 1ul << harts[h].hartid;
    }
    counter_inc(COUNTER_tlb_shootdowns);
    long err = sbi_remote_sfence_asid(mask, 0, few ? b->start : 0, few ? b->end - b->start : ~0ul,
                                      b->pm->asid);
    if (err)
        panic("remote fence of harts %lx refused by the firmware: %ld", mask, err);
}

void tlb_batch_flush(struct tlb_batch *b)
{
    struct pmap *pm = b->pm;
    uint32_t self = 1u << this_hart()->index;
    bool few = b->end - b->start <= BATCH_PAGES_MAX * PAGE_SIZE;

    if (b->start >= b->end)
        return;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    uint32_t targets = __atomic_load_n(&pm->active, __ATOMIC_SEQ_CST);
    if (targets || __atomic_load_n(&pm->asid_gen, __ATOMIC_SEQ_CST)) { /* else: never run */
        uint32_t rest = all_harts() & ~targets & ~self;
        if (rest)
            __atomic_fetch_or(&pm->stale, rest, __ATOMIC_SEQ_CST);
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
        targets |= __atomic_load_n(&pm->active, __ATOMIC_SEQ_CST);
        flush_local(b, few);
        if (targets & ~self)
            flush_remote(b, targets & ~self, few);
    }
    tlb_batch_init(b, pm);
}
