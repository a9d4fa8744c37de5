/*
 * map.c - mmap, munmap, mprotect and the heap, on an address space.
 *
 * All hold as->lock for the change of regions and entries; structs that became needless are freed
 * after it is dropped, since giving up an object may sleep. Nothing is paged in here (except by
 * POPULATE and mlockall, after the lock is dropped).
 */
#include "abi/errno.h"
#include "lib/assert.h"
#include "lib/types.h"
#include "sched/sched.h"
#include "sched/thread.h"
#include "vm/aspace.h"
#include "vm/fault.h"
#include "vm/pageout.h"
#include "vm/pager.h"
#include "vm/region.h"
#include "vm/unmap.h"

/* Regions taken out of the tree, to be freed without the lock: a chain through node.left. */
struct dead_regions {
    struct region *first;
};

static void bury(struct dead_regions *dead, struct region *r)
{
    r->node.left = dead->first ? &dead->first->node : NULL;
    dead->first = r;
}

static void free_dead(struct dead_regions *dead)
{
    while (dead->first) {
        struct region *r = dead->first;
        struct rb_node *next = r->node.left;
        dead->first = next ? rb_entry(next, struct region, node) : NULL;
        region_free(r);
    }
}

static bool range_ok(vaddr_t addr, uint64_t len)
{
    return (addr & PAGE_MASK) == 0 && len > 0 && addr >= USER_BASE && addr < USER_END &&
           len <= USER_END - addr;
}

/* A window in the range may be neither unmapped nor changed. */
static bool touches_window(struct aspace *as, vaddr_t start, vaddr_t end)
{
    struct region *r = region_first_after(as, start);
    for (; r && r->start < end; r = region_next(r))
        if (r->kind == REGION_WINDOW)
            return true;
    return false;
}

/* Frees the page tables that served only the now empty range. */
static void free_tables(struct aspace *as, vaddr_t start, vaddr_t end)
{
    struct region *next = region_first_after(as, start);
    struct rb_node *n = next ? rb_prev(&next->node) : rb_last(&as->regions);
    vaddr_t floor = n ? rb_entry(n, struct region, node)->end : 0;
    vaddr_t ceiling = next ? next->start : USER_END;
    spin_lock(&as->pmap.lock);
    pmap_free_tables_locked(&as->pmap, start, end, floor, ceiling);
    spin_unlock(&as->pmap.lock);
}

/* Takes everything out of [start, end). */
static int unmap_locked(struct aspace *as, vaddr_t start, vaddr_t end, struct dead_regions *dead)
{
    if (touches_window(as, start, end))
        return -EBUSY;
    int err = region_split(as, start);
    if (!err)
        err = region_split(as, end);
    if (err)
        return err;
    struct region *r = region_first_after(as, start);
    if (!r || r->start >= end)
        return 0;
    unmap_pages(as, start, end);
    while (r && r->start < end) {
        struct region *next = region_next(r);
        region_remove(as, r);
        bury(dead, r);
        r = next;
    }
    free_tables(as, start, end);
    return 0;
}

int aspace_unmap(struct aspace *as, vaddr_t addr, uint64_t len)
{
    struct dead_regions dead = {NULL};
    len = ALIGN_UP(len, PAGE_SIZE);
    if (!range_ok(addr, len))
        return -EINVAL;
    mutex_lock(&as->lock);
    int err = unmap_locked(as, addr, addr + len, &dead);
    mutex_unlock(&as->lock);
    free_dead(&dead);
    return err;
}

/* Chooses the address of a new mapping, clearing the place if it is fixed. */
static int choose_place(struct aspace *as, const struct map_request *req, uint64_t len,
                        vaddr_t *addr, struct dead_regions *dead)
{
    bool noreplace = req->flags & ABI_MAP_FIXED_NOREPLACE;
    if ((req->flags & ABI_MAP_FIXED) || noreplace) {
        if (!range_ok(req->addr, len))
            return -EINVAL;
        struct region *r = region_first_after(as, req->addr);
        if (noreplace && r && r->start < req->addr + len)
            return -EEXIST;
        *addr = req->addr;
        return unmap_locked(as, *addr, *addr + len, dead);
    }
    vaddr_t hint = ALIGN_DOWN(req->addr, PAGE_SIZE);
    if (hint && range_ok(hint, len) && hint + len <= MMAP_TOP) {
        struct region *r = region_first_after(as, hint);
        if (!r || r->start >= hint + len) {
            *addr = hint;
            return 0;
        }
    }
    *addr = region_find_gap(as, len, MMAP_TOP);
    return *addr ? 0 : -ENOMEM;
}

/* The tables of a window are made at once: lending must not allocate. */
static int prepare_window(struct aspace *as, vaddr_t start, vaddr_t end)
{
    int err = 0;
    spin_lock(&as->pmap.lock);
    for (vaddr_t va = start; va < end && !err; va += PAGE_SIZE)
        if (!pmap_slot_locked(&as->pmap, va, PAGE_KERNEL))
            err = -ENOMEM;
    spin_unlock(&as->pmap.lock);
    return err;
}

/* More private memory than could ever be had is refused at once. */
static bool too_much(const struct map_request *req, uint64_t len)
{
    if (req->vmo || req->window || (req->flags & ABI_MAP_NORESERVE) ||
        !(req->prot & ABI_PROT_WRITE))
        return false;
    return len >> PAGE_SHIFT > page_total_count();
}

static int map_locked(struct aspace *as, const struct map_request *req, uint64_t len, vaddr_t *addr,
                      struct dead_regions *dead)
{
    if (as->n_regions >= ASPACE_REGIONS_MAX)
        return -ENOMEM;
    int err = choose_place(as, req, len, addr, dead);
    if (err)
        return err;
    struct region proto = {
        .start = *addr,
        .end = *addr + len,
        .kind = req->window ? REGION_WINDOW
                : req->vmo  ? REGION_OBJECT
                            : REGION_ANON,
        .prot = (uint8_t)req->prot,
        .prot_max = (uint8_t)req->prot_max,
        .flags = (uint8_t)(req->region_flags |
                           ((req->flags & ABI_MAP_TYPE) == ABI_MAP_SHARED ? REGION_SHARED : 0)),
        .vmo = req->vmo,
        .offset = req->vmo ? req->offset : 0,
        .session = req->window,
    };
    if (req->vmo) {
        spin_lock(&req->vmo->lock);
        proto.flush_error_seq = req->vmo->flush_error_seq;
        spin_unlock(&req->vmo->lock);
    }
    struct region *r = region_create(&proto);
    if (!r)
        return -ENOMEM;
    if (req->window) {
        err = prepare_window(as, proto.start, proto.end);
        if (!err)
            err = pager_session_set_window(req->window, *addr);
        if (err) {
            bury(dead, r);
            return err;
        }
    }
    region_insert(as, r);
    struct region *joined = region_join_left(as, r);
    if (joined)
        bury(dead, joined);
    return 0;
}

/* Touches every page of the range, as far as it is mapped and may be touched, up to the first that
 * fails: that error is left to a later fault, except for want of memory. The range may be much
 * longer than memory, with nothing to touch in it. */
static int populate(struct aspace *as, vaddr_t start, vaddr_t end)
{
    int err = 0;
    for (vaddr_t va = start, next; va < end && !err; va = next) {
        mutex_lock(&as->lock);
        struct region *r = region_first_after(as, va);
        vaddr_t r_start = r ? r->start : end, r_end = r ? r->end : end;
        unsigned prot = r && r->kind != REGION_WINDOW ? r->prot : 0;
        mutex_unlock(&as->lock);
        next = va + PAGE_SIZE;
        if (r_start > va) {
            next = r_start;
        } else if (!prot) {
            next = r_end;
        } else {
            struct abi_fault_record rec;
            unsigned access = prot & ABI_PROT_WRITE ? ABI_ACCESS_WRITE : ABI_ACCESS_READ;
            err = READ_ONCE(current_thread()->kill) ? -EINTR : vm_fault(as, va, access, &rec);
        }
        preempt_point();
    }
    return err == -ENOMEM || err == -EINTR ? err : 0;
}

int aspace_map(struct aspace *as, const struct map_request *req, vaddr_t *out)
{
    struct dead_regions dead = {NULL};
    if (req->len == 0 || req->len > USER_END || (req->offset & PAGE_MASK))
        return -EINVAL;
    uint64_t len = ALIGN_UP(req->len, PAGE_SIZE);
    if (req->offset + len < req->offset)
        return -EOVERFLOW;
    if (req->window && (len != pager_session_window_bytes(req->window) || req->offset))
        return -EINVAL;
    if (too_much(req, len))
        return -ENOMEM;
    mutex_lock(&as->lock);
    bool populate_now = as->lock_future || (req->flags & ABI_MAP_POPULATE);
    int err = map_locked(as, req, len, out, &dead);
    mutex_unlock(&as->lock);
    free_dead(&dead);
    if (!err && populate_now) {
        err = populate(as, *out, *out + len);
        if (err)
            (void)aspace_unmap(as, *out, len); /* all or nothing */
    }
    return err;
}

/* The whole range is mapped and may have `prot`. */
static int check_protect(struct aspace *as, vaddr_t start, vaddr_t end, int prot)
{
    struct region *r = region_first_after(as, start);
    for (vaddr_t va = start; va < end; va = r->end, r = region_next(r)) {
        if (!r || r->start > va)
            return -ENOMEM;
        if (r->kind == REGION_WINDOW)
            return -EBUSY;
        if (prot & ~r->prot_max)
            return -EACCES;
        if (r->end >= end)
            break;
    }
    return 0;
}

int aspace_protect(struct aspace *as, vaddr_t addr, uint64_t len, int prot)
{
    struct dead_regions dead = {NULL};
    len = ALIGN_UP(len, PAGE_SIZE);
    if ((addr & PAGE_MASK) || (prot & ~(ABI_PROT_READ | ABI_PROT_WRITE | ABI_PROT_EXEC)))
        return -EINVAL;
    if (len == 0)
        return 0;
    if (!range_ok(addr, len))
        return -ENOMEM;
    vaddr_t end = addr + len;
    mutex_lock(&as->lock);
    int err = check_protect(as, addr, end, prot);
    if (!err)
        err = region_split(as, addr);
    if (!err)
        err = region_split(as, end);
    if (!err) {
        struct region *r = region_first_after(as, addr);
        for (; r && r->start < end; r = region_next(r)) {
            r->prot = (uint8_t)prot;
            struct region *joined = region_join_left(as, r);
            if (joined)
                bury(&dead, joined);
        }
        if (r) {
            struct region *joined = region_join_left(as, r);
            if (joined)
                bury(&dead, joined);
        }
        unmap_protect(as, addr, end, prot);
    }
    mutex_unlock(&as->lock);
    free_dead(&dead);
    return err;
}

int aspace_lock_all(struct aspace *as, int flags)
{
    if (flags == 0 || (flags & ~(ABI_MCL_CURRENT | ABI_MCL_FUTURE)))
        return -EINVAL;
    mutex_lock(&as->lock);
    if (flags & ABI_MCL_FUTURE)
        as->lock_future = true;
    mutex_unlock(&as->lock);
    if (!(flags & ABI_MCL_CURRENT))
        return 0;
    vaddr_t va = 0;
    for (;;) {
        mutex_lock(&as->lock);
        struct region *r = region_first_after(as, va);
        vaddr_t start = r ? MAX(r->start, va) : 0, end = r ? r->end : 0;
        bool skip =
            r && (r->flags & REGION_STACK); /* a stack of many megabytes: only what is used */
        mutex_unlock(&as->lock);
        if (!r)
            return 0;
        int err = skip ? 0 : populate(as, start, end);
        if (err)
            return err;
        va = end;
    }
}

void aspace_init_brk(struct aspace *as, vaddr_t start)
{
    as->brk_start = as->brk = start;
}

/* Makes the heap's region end at new_end (page aligned, above old_end). */
static int grow_heap(struct aspace *as, vaddr_t old_end, vaddr_t new_end)
{
    struct region *next = region_first_after(as, old_end);
    uint64_t pages = (new_end - old_end) >> PAGE_SHIFT;
    if (new_end > MMAP_TOP || (next && next->start < new_end) || pages > page_total_count())
        return -ENOMEM;
    struct region *heap = aspace_find(as, old_end - 1);
    if (heap && (heap->flags & REGION_HEAP) && heap->end == old_end) {
        region_set_end(as, heap, new_end);
        return 0;
    }
    struct region proto = {
        .start = old_end,
        .end = new_end,
        .kind = REGION_ANON,
        .prot = ABI_PROT_READ | ABI_PROT_WRITE,
        .prot_max = ABI_PROT_READ | ABI_PROT_WRITE | ABI_PROT_EXEC,
        .flags = REGION_HEAP,
    };
    struct region *r = region_create(&proto);
    if (!r)
        return -ENOMEM;
    region_insert(as, r);
    return 0;
}

int aspace_set_brk(struct aspace *as, vaddr_t new_brk, bool eager)
{
    struct dead_regions dead = {NULL};
    int err = 0;
    mutex_lock(&as->lock);
    vaddr_t old = as->brk;
    vaddr_t old_end = ALIGN_UP(old, PAGE_SIZE), new_end = ALIGN_UP(new_brk, PAGE_SIZE);
    if (new_brk < as->brk_start || new_brk > MMAP_TOP)
        err = -ENOMEM;
    else if (eager && new_end > old_end && (new_end - old_end) >> PAGE_SHIFT > pageout_obtainable())
        err = -ENOMEM;
    else if (new_end > old_end)
        err = grow_heap(as, old_end, new_end);
    else if (new_end < old_end)
        err = unmap_locked(as, new_end, old_end, &dead);
    if (!err)
        as->brk = new_brk;
    bool populate_now = !err && new_end > old_end && (eager || as->lock_future);
    mutex_unlock(&as->lock);
    free_dead(&dead);
    if (populate_now) {
        err = populate(as, old_end, new_end);
        if (err)
            aspace_set_brk(as, old, false);
    }
    return err;
}
