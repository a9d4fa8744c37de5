/*
 * check.c - kcheck() for objects, address spaces and pager sessions; see check.h.
 *
 * Takes the same locks as everybody else, so it may run any time; counts that are kept without the
 * lock (frames lent, in flight) are compared only where the lock makes them exact.
 */
#include "vm/check.h"

#include "core/log.h"
#include "lib/types.h"
#include "vm/aspace.h"
#include "vm/pager_txn.h"
#include "vm/region.h"
#include "vm/vmo_page.h"

#define FAULT(faults, ...)                                                                         \
    do {                                                                                           \
        log_print("kcheck: " __VA_ARGS__);                                                         \
        ++(faults);                                                                                \
    } while (0)

struct sums {
    uint64_t resident, dirty, flushing;
};

static int check_page(struct vmo *vmo, struct page *page, uint64_t index, struct sums *s)
{
    int faults = 0;
    bool tagged = radix_tag_get(&vmo->pages, index);
    s->resident++;
    s->dirty += page_state_dirty(page->state);
    s->flushing += page->state == PAGE_FLUSHING || page->state == PAGE_REDIRTY;
    if (page->vmo != vmo || page->index != index)
        FAULT(faults, "object %lu page %lu: names object %p page %lu", vmo->id, index,
              (void *)page->vmo, page->index);
    if (ref_read(&page->refs) == 0)
        FAULT(faults, "object %lu page %lu: free frame", vmo->id, index);
    if (page->state == PAGE_ABSENT || page->state >= PAGE_FAILED)
        FAULT(faults, "object %lu page %lu: state %u", vmo->id, index, page->state);
    if (tagged != (page->state == PAGE_DIRTY))
        FAULT(faults, "object %lu page %lu: tag %d, %s", vmo->id, index, tagged,
              page_state_name(page->state));
    if (page->txn && page->state != PAGE_FILLING && page->state != PAGE_FLUSHING &&
        page->state != PAGE_REDIRTY)
        FAULT(faults, "object %lu page %lu: transaction, %s", vmo->id, index,
              page_state_name(page->state));
    return faults;
}

static int check_vmo(struct vmo *vmo, void *arg)
{
    struct sums s = {0, 0, 0};
    uint64_t index = 0, mappings = 0;
    int faults = 0;
    void *entry;
    spin_lock(&vmo->lock);
    for (; (entry = radix_next(&vmo->pages, &index)); index++)
        if (!vmo_entry_is_code(entry))
            faults += check_page(vmo, entry, index, &s);
    for (struct rb_node *n = rb_first(&vmo->mappings); n; n = rb_next(n)) {
        struct region *r = rb_entry(n, struct region, vmo_node);
        mappings++;
        if (r->vmo != vmo || r->start >= r->end)
            FAULT(faults, "object %lu: mapping %lx-%lx does not name it", vmo->id, r->start,
                  r->end);
    }
    if (s.resident != vmo->n_resident || s.dirty != vmo->n_dirty || s.flushing != vmo->n_flushing)
        FAULT(faults, "object %lu: counts %lu %lu %lu, found %lu %lu %lu", vmo->id, vmo->n_resident,
              vmo->n_dirty, vmo->n_flushing, s.resident, s.dirty, s.flushing);
    if (mappings != vmo->n_mappings || vmo->refs < mappings + vmo->dirty_held)
        FAULT(faults, "object %lu: %lu mappings, found %lu, users %u", vmo->id, vmo->n_mappings,
              mappings, vmo->refs);
    if (vmo->ops && vmo->n_dirty > 0 && !(vmo->dirty_held && vmo->work_linked))
        FAULT(faults, "object %lu: dirty, but not on the work list", vmo->id);
    spin_unlock(&vmo->lock);
    *(int *)arg += faults;
    return 0;
}

int vmo_check_all(void)
{
    int faults = 0;
    vmo_for_each(check_vmo, &faults);
    return faults;
}

struct entry_check {
    struct region *r;
    uint64_t own;
    int faults;
};

static int check_entry(struct pmap *pm, vaddr_t va, pte_t *slot, void *arg)
{
    struct entry_check *c = arg;
    struct page *page = page_from_paddr(pte_paddr(*slot));
    (void)pm;
    c->own += (*slot & PTE_OWN) != 0;
    if (!page || ref_read(&page->refs) == 0)
        FAULT(c->faults, "%lx: entry %lx names a free frame", va, *slot);
    else if (c->r->kind == REGION_ANON && !(*slot & PTE_OWN))
        FAULT(c->faults, "%lx: anonymous entry %lx without owner", va, *slot);
    else if ((*slot & PTE_LENT) && c->r->kind != REGION_WINDOW)
        FAULT(c->faults, "%lx: lent frame outside a window", va);
    else if ((*slot & PTE_W) && !(*slot & PTE_OWN) && c->r->kind == REGION_OBJECT &&
             c->r->vmo->ops && page->state != PAGE_DIRTY && page->state != PAGE_REDIRTY)
        FAULT(c->faults, "%lx: writable, but the page is %s", va, page_state_name(page->state));
    return 0;
}

int aspace_check(struct aspace *as)
{
    struct entry_check c = {NULL, 0, 0};
    int faults = 0;
    vaddr_t end = 0;
    uint64_t n = 0;
    mutex_lock(&as->lock);
    for (struct region *r = region_first_after(as, 0); r; r = region_next(r)) {
        n++;
        if (r->start < end || r->start >= r->end || r->gap_before != r->start - end)
            FAULT(faults, "region %lx-%lx after %lx, gap %lx", r->start, r->end, end,
                  r->gap_before);
        end = r->end;
        c.r = r;
        struct vmo *vmo = r->vmo;
        if (vmo)
            spin_lock(&vmo->lock); /* page states hold still */
        spin_lock(&as->pmap.lock);
        pmap_walk_locked(&as->pmap, r->start, r->end, check_entry, &c);
        spin_unlock(&as->pmap.lock);
        if (vmo)
            spin_unlock(&vmo->lock);
    }
    if (n != as->n_regions)
        FAULT(faults, "%lu regions counted, %lu found", as->n_regions, n);
    if (c.own != as->anon_pages)
        FAULT(faults, "%lu private pages counted, %lu found", as->anon_pages, c.own);
    mutex_unlock(&as->lock);
    return faults + c.faults;
}

static unsigned list_length(const struct list *l)
{
    unsigned n = 0;
    for (const struct list *e = l->next; e != l; e = e->next)
        n++;
    return n;
}

static void check_session(struct pager_session *s, void *arg)
{
    int faults = 0;
    unsigned open = 0, free_slots = 0;
    spin_lock(&s->lock);
    for (uint32_t i = 0; i < s->n_slots; i++) {
        open += s->txns[i].state == TXN_OPEN || s->txns[i].state == TXN_CANCELLED;
        free_slots += s->txns[i].state == TXN_FREE;
    }
    if (open != s->n_open || open != list_length(&s->open_txns) ||
        free_slots != list_length(&s->free_txns))
        FAULT(faults, "session %u: %u open, %u counted, %u free", s->id, open, s->n_open,
              free_slots);
    spin_unlock(&s->lock);
    *(int *)arg += faults;
}

int pager_check_all(void)
{
    int faults = 0;
    pager_session_each(check_session, &faults);
    return faults;
}
