/*
 * aspace_ops.c - msync, madvise, mincore, and what pmap(1) shows of an address space.
 *
 * None of them holds as->lock while waiting: they take a user of the object at the address where
 * they are, drop the lock, work, and look the next address up again.
 */
#include "abi/errno.h"
#include "abi/pager.h"
#include "arch/riscv/time.h"
#include "lib/string.h"
#include "lib/types.h"
#include "vm/aspace.h"
#include "vm/fault.h"
#include "vm/pageout.h"
#include "vm/region.h"
#include "vm/unmap.h"
#include "vm/vmo_page.h"

#define SYNC_DEADLINE_NS (5 * NS_PER_SEC)
#define SYNC_PER_PAGE_NS (20 * NS_PER_MS) /* many scattered pages take a slow disk longer */

/* One mapped piece of a range: what an operation needs after the lock is dropped. */
struct piece {
    vaddr_t start, end;
    struct vmo *vmo; /* one user, to be put; NULL: anonymous */
    uint64_t offset; /* of start in the object */
    unsigned flags;  /* REGION_* */
    uint8_t kind;
};

/* Finds the piece of [va, end). False: nothing mapped at or after va below end. */
static bool piece_next(struct aspace *as, vaddr_t va, vaddr_t end, struct piece *p)
{
    mutex_lock(&as->lock);
    struct region *r = region_first_after(as, va);
    bool found = r && r->start < end;
    if (found) {
        p->start = MAX(va, r->start);
        p->end = MIN(end, r->end);
        p->vmo = r->vmo;
        p->offset = r->offset + (p->start - r->start);
        p->flags = r->flags;
        p->kind = r->kind;
        if (p->vmo)
            vmo_get(p->vmo);
    }
    mutex_unlock(&as->lock);
    return found;
}

static void piece_put(struct piece *p)
{
    if (p->vmo)
        vmo_put(p->vmo);
}

static int sync_piece(struct piece *p, int flags)
{
    if (!p->vmo || !(p->flags & REGION_SHARED))
        return 0;
    if (flags & ABI_MS_ASYNC) {
        pageout_kick(p->vmo);
        return 0;
    }
    uint64_t end = p->offset + (p->end - p->start);
    uint64_t pages = MIN(READ_ONCE(p->vmo->n_dirty), (end - p->offset) >> PAGE_SHIFT);
    uint64_t limit_ns = SYNC_DEADLINE_NS + pages * SYNC_PER_PAGE_NS;
    int err = vmo_sync(p->vmo, p->offset, end, time_after_ns(limit_ns));
    if (!err && (flags & ABI_MS_INVALIDATE))
        vmo_drop_clean(p->vmo, p->offset >> PAGE_SHIFT, end >> PAGE_SHIFT);
    return err;
}

/* An earlier failure of write-back that this mapper has not been told yet. */
static int unseen_error(struct aspace *as, vaddr_t va)
{
    int err = 0;
    mutex_lock(&as->lock);
    struct region *r = aspace_find(as, va);
    if (r && r->vmo && (r->flags & REGION_SHARED)) {
        spin_lock(&r->vmo->lock);
        if (r->flush_error_seq != r->vmo->flush_error_seq)
            err = r->vmo->flush_error;
        r->flush_error_seq = r->vmo->flush_error_seq;
        spin_unlock(&r->vmo->lock);
    }
    mutex_unlock(&as->lock);
    return err;
}

int aspace_sync(struct aspace *as, vaddr_t addr, uint64_t len, int flags)
{
    int both = ABI_MS_ASYNC | ABI_MS_SYNC, err = 0;
    if ((addr & PAGE_MASK) || (flags & ~(both | ABI_MS_INVALIDATE)) || (flags & both) == both)
        return -EINVAL;
    len = ALIGN_UP(len, PAGE_SIZE);
    if (addr >= USER_END || len > USER_END - addr)
        return -ENOMEM;
    struct piece p;
    vaddr_t va = addr, end = addr + len;
    bool hole = false;
    while (va < end && piece_next(as, va, end, &p)) {
        hole |= p.start > va;
        int e = sync_piece(&p, flags);
        piece_put(&p);
        int seen = flags & ABI_MS_ASYNC ? 0 : unseen_error(as, p.start);
        if (!err)
            err = e ? e : seen;
        va = p.end;
    }
    hole |= va < end;
    return err ? err : hole ? -ENOMEM : 0;
}

/* Asks for the pages of the piece ahead of need. */
static void will_need(struct piece *p)
{
    uint64_t first = p->offset >> PAGE_SHIFT;
    uint64_t n = (p->end - p->start) >> PAGE_SHIFT;
    for (uint64_t i = 0; p->vmo && i < n; i++) {
        struct page *page;
        if (page_available_count() < page_total_count() / 16 ||
            vmo_get_page(p->vmo, first + i, VMO_GET_KILLABLE, &page))
            return;
        page_put(page);
    }
}

static void set_advice(struct aspace *as, const struct piece *p, int advice)
{
    mutex_lock(&as->lock);
    struct region *r = aspace_find(as, p->start);
    if (r) {
        r->flags &= (uint8_t) ~(REGION_SEQUENTIAL | REGION_RANDOM);
        if (advice == ABI_MADV_SEQUENTIAL)
            r->flags |= REGION_SEQUENTIAL;
        else if (advice == ABI_MADV_RANDOM)
            r->flags |= REGION_RANDOM;
    }
    mutex_unlock(&as->lock);
}

static int advise_piece(struct aspace *as, struct piece *p, int advice)
{
    if (p->kind == REGION_WINDOW)
        return -EBUSY;
    if (advice == ABI_MADV_WILLNEED) {
        will_need(p);
    } else if (advice == ABI_MADV_DONTNEED) {
        mutex_lock(&as->lock);
        struct region *r = aspace_find(as, p->start);
        if (r && r->kind != REGION_WINDOW)
            unmap_pages(as, p->start, MIN(p->end, r->end));
        mutex_unlock(&as->lock);
    } else {
        set_advice(as, p, advice);
    }
    return 0;
}

int aspace_advise(struct aspace *as, vaddr_t addr, uint64_t len, int advice)
{
    if ((addr & PAGE_MASK) || advice < ABI_MADV_NORMAL || advice > ABI_MADV_DONTNEED)
        return -EINVAL;
    len = ALIGN_UP(len, PAGE_SIZE);
    if (addr >= USER_END || len > USER_END - addr)
        return -ENOMEM;
    struct piece p;
    vaddr_t va = addr, end = addr + len;
    bool hole = false;
    int err = 0;
    while (!err && va < end && piece_next(as, va, end, &p)) {
        hole |= p.start > va;
        err = advise_piece(as, &p, advice);
        piece_put(&p);
        va = p.end;
    }
    hole |= va < end;
    return err ? err : hole ? -ENOMEM : 0;
}

/* Bits for one page; as->lock is held. */
static unsigned char core_bits(struct aspace *as, struct region *r, vaddr_t va)
{
    unsigned char bits = 0;
    spin_lock(&as->pmap.lock);
    pte_t *slot = pmap_lookup_locked(&as->pmap, va);
    if (slot && (*slot & (PTE_V | PTE_OWN)))
        bits = *slot & PTE_OWN ? 3 : 1;
    spin_unlock(&as->pmap.lock);
    if (bits != 3 && r->vmo) {
        enum page_state s = vmo_page_state(r->vmo, (r->offset + (va - r->start)) >> PAGE_SHIFT);
        bits = (unsigned char)(page_state_resident(s) | page_state_dirty(s) << 1);
    }
    return bits;
}

int aspace_mincore(struct aspace *as, vaddr_t addr, uint64_t pages, unsigned char *vec)
{
    int err = 0;
    if (addr & PAGE_MASK)
        return -EINVAL;
    mutex_lock(&as->lock);
    for (uint64_t i = 0; i < pages && !err; i++) {
        vaddr_t va = addr + (i << PAGE_SHIFT);
        struct region *r = aspace_find(as, va);
        if (r)
            vec[i] = core_bits(as, r, va);
        else
            err = -ENOMEM;
    }
    mutex_unlock(&as->lock);
    return err;
}

struct count {
    uint64_t resident, own;
};

static int count_entry(struct pmap *pm, vaddr_t va, pte_t *slot, void *arg)
{
    struct count *c = arg;
    (void)pm;
    (void)va;
    c->resident++;
    c->own += (*slot & PTE_OWN) != 0;
    return 0;
}

static void name_region(const struct region *r, char *buf, size_t len)
{
    const char *fixed = r->kind == REGION_WINDOW   ? "[window]"
                        : r->flags & REGION_STACK  ? "[stack]"
                        : r->flags & REGION_HEAP   ? "[heap]"
                        : r->vmo && r->vmo->ops    ? NULL
                        : r->flags & REGION_SHARED ? "[shared]"
                                                   : "[anon]";
    if (fixed)
        strlcpy(buf, fixed, len);
    else if (r->vmo->ops->name)
        r->vmo->ops->name(r->vmo, buf, len);
}

static void describe(struct aspace *as, struct region *r, struct info_region *out)
{
    struct count c = {0, 0};
    memset(out, 0, sizeof(*out));
    spin_lock(&as->pmap.lock);
    pmap_walk_locked(&as->pmap, r->start, r->end, count_entry, &c);
    spin_unlock(&as->pmap.lock);
    out->start = r->start;
    out->end = r->end;
    out->object = r->vmo ? r->vmo->id : 0;
    out->offset = r->offset;
    out->resident_pages = c.resident;
    out->private_pages = c.own;
    out->prot = r->prot;
    out->flags = (r->flags & REGION_SHARED ? ABI_MAP_SHARED : ABI_MAP_PRIVATE) |
                 (r->kind == REGION_ANON ? ABI_MAP_ANON : 0);
    name_region(r, out->name, sizeof(out->name));
}

uint64_t aspace_info(struct aspace *as, struct info_region *out, uint64_t max)
{
    uint64_t n = 0;
    mutex_lock(&as->lock);
    for (struct region *r = region_first_after(as, 0); r; r = region_next(r)) {
        if (n < max)
            describe(as, r, &out[n]);
        n++;
    }
    mutex_unlock(&as->lock);
    return n;
}
