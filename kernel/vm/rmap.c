/*
 * rmap.c - the mappings of an object: an interval tree of regions by page number.
 *
 * Lock: the caller's vmo->lock guards the tree and the bounds of the regions in it; the pmap lock
 * of each region's address space is taken inside. A region stays valid while it is in the tree, and
 * leaves it under vmo->lock before its address space goes away.
 */
#include "vm/rmap.h"

#include "lib/assert.h"
#include "lib/types.h"

static uint64_t first_page(const struct region *r)
{
    return r->offset >> PAGE_SHIFT;
}

static uint64_t end_page(const struct region *r)
{
    return first_page(r) + ((r->end - r->start) >> PAGE_SHIFT);
}

static struct region *from_node(struct rb_node *n)
{
    return rb_entry(n, struct region, vmo_node);
}

static void update_end_max(struct rb_node *n)
{
    struct region *r = from_node(n);
    uint64_t max = end_page(r);
    if (n->left)
        max = MAX(max, from_node(n->left)->vmo_end_max);
    if (n->right)
        max = MAX(max, from_node(n->right)->vmo_end_max);
    r->vmo_end_max = max;
}

static const struct rb_augment by_end = {.update = update_end_max};

void rmap_insert(struct vmo *vmo, struct region *r)
{
    struct rb_node **link = &vmo->mappings.node, *parent = NULL;
    ASSERT(spin_held(&vmo->lock));
    while (*link) {
        parent = *link;
        link = first_page(r) < first_page(from_node(parent)) ? &parent->left : &parent->right;
    }
    r->vmo_end_max = end_page(r);
    rb_link(&r->vmo_node, parent, link);
    rb_insert_augmented(&vmo->mappings, &r->vmo_node, &by_end);
    vmo->n_mappings++;
}

void rmap_remove(struct vmo *vmo, struct region *r)
{
    ASSERT(spin_held(&vmo->lock));
    rb_erase_augmented(&vmo->mappings, &r->vmo_node, &by_end);
    vmo->n_mappings--;
}

/* Leftmost region of the subtree that ends after page `first`. */
static struct region *leftmost_ending_after(struct rb_node *n, uint64_t first)
{
    while (n) {
        if (n->left && from_node(n->left)->vmo_end_max > first)
            n = n->left;
        else if (end_page(from_node(n)) > first)
            return from_node(n);
        else if (n->right && from_node(n->right)->vmo_end_max > first)
            n = n->right;
        else
            return NULL;
    }
    return NULL;
}

/* Next region in order that ends after page `first`. */
static struct region *next_ending_after(struct region *r, uint64_t first)
{
    struct rb_node *n = &r->vmo_node;
    if (n->right && from_node(n->right)->vmo_end_max > first)
        return leftmost_ending_after(n->right, first);
    for (;;) {
        struct rb_node *parent = rb_parent(n);
        if (!parent)
            return NULL;
        if (n == parent->left) {
            if (end_page(from_node(parent)) > first)
                return from_node(parent);
            if (parent->right && from_node(parent->right)->vmo_end_max > first)
                return leftmost_ending_after(parent->right, first);
        }
        n = parent;
    }
}

void rmap_each(struct vmo *vmo, uint64_t first, uint64_t n,
               void (*fn)(struct region *r, uint64_t first, uint64_t end, void *arg), void *arg)
{
    uint64_t end = n > UINT64_MAX - first ? UINT64_MAX : first + n;
    struct region *r = leftmost_ending_after(vmo->mappings.node, first);
    for (; r && first_page(r) < end; r = next_ending_after(r, first))
        fn(r, MAX(first, first_page(r)), MIN(end, end_page(r)), arg);
}

static vaddr_t page_to_va(const struct region *r, uint64_t page)
{
    return r->start + ((page - first_page(r)) << PAGE_SHIFT);
}

static int clear_entry(struct pmap *pm, vaddr_t va, pte_t *slot, void *arg)
{
    if (!(*slot & PTE_OWN)) {
        pmap_store_locked(pm, va, slot, 0);
        tlb_batch_add(arg, va);
    }
    return 0;
}

static int protect_entry(struct pmap *pm, vaddr_t va, pte_t *slot, void *arg)
{
    if (!(*slot & PTE_OWN) && (*slot & PTE_W)) {
        pmap_store_locked(pm, va, slot, *slot & ~(PTE_W | PTE_D));
        tlb_batch_add(arg, va);
    }
    return 0;
}

static int age_entry(struct pmap *pm, vaddr_t va, pte_t *slot, void *arg)
{
    if (!(*slot & PTE_OWN) && (*slot & PTE_A)) {
        /* Atomic: the hardware may set A and D meanwhile. */
        __atomic_fetch_and(slot, ~PTE_A, __ATOMIC_RELAXED);
        *(bool *)arg = true;
    }
    (void)pm;
    (void)va;
    return 0;
}

/* Applies fn to the entries of one region's part and flushes once. */
static void change_region(struct region *r, uint64_t first, uint64_t end,
                          int (*fn)(struct pmap *, vaddr_t, pte_t *, void *))
{
    struct pmap *pm = &r->as->pmap;
    struct tlb_batch batch;
    tlb_batch_init(&batch, pm);
    spin_lock(&pm->lock);
    pmap_walk_locked(pm, page_to_va(r, first), page_to_va(r, end), fn, &batch);
    spin_unlock(&pm->lock);
    tlb_batch_flush(&batch);
}

static void unmap_region(struct region *r, uint64_t first, uint64_t end, void *arg)
{
    (void)arg;
    change_region(r, first, end, clear_entry);
}

static void protect_region(struct region *r, uint64_t first, uint64_t end, void *arg)
{
    (void)arg;
    if (r->flags & REGION_SHARED) /* private regions map objects read-only anyway */
        change_region(r, first, end, protect_entry);
}

static void age_region(struct region *r, uint64_t first, uint64_t end, void *arg)
{
    struct pmap *pm = &r->as->pmap;
    spin_lock(&pm->lock);
    pmap_walk_locked(pm, page_to_va(r, first), page_to_va(r, end), age_entry, arg);
    spin_unlock(&pm->lock);
}

void rmap_unmap(struct vmo *vmo, uint64_t first, uint64_t n)
{
    rmap_each(vmo, first, n, unmap_region, NULL);
}

void rmap_write_protect(struct vmo *vmo, uint64_t first, uint64_t n)
{
    rmap_each(vmo, first, n, protect_region, NULL);
}

bool rmap_test_accessed(struct vmo *vmo, uint64_t index)
{
    bool accessed = false;
    rmap_each(vmo, index, 1, age_region, &accessed);
    return accessed;
}
