/*
 * region.c - the tree of regions of one address space, ordered by address.
 *
 * Each region knows the free gap before it; the tree keeps the largest gap of every subtree, so
 * that finding room is logarithmic in the number of regions. as->lock guards everything here,
 * together with vmo->lock where a region of an object changes its bounds.
 */
#include "vm/region.h"

#include "abi/errno.h"
#include "lib/assert.h"
#include "lib/types.h"
#include "mem/kalloc.h"
#include "vm/rmap.h"
#include "vm/writeback.h"

static struct kcache region_cache = KCACHE_INIT("region", struct region);

static struct region *from_node(struct rb_node *n)
{
    return n ? rb_entry(n, struct region, node) : NULL;
}

static void update_gap_max(struct rb_node *n)
{
    struct region *r = from_node(n);
    uint64_t max = r->gap_before;
    if (n->left)
        max = MAX(max, from_node(n->left)->gap_max);
    if (n->right)
        max = MAX(max, from_node(n->right)->gap_max);
    r->gap_max = max;
}

static const struct rb_augment by_gap = {.update = update_gap_max};

struct region *region_create(const struct region *proto)
{
    struct region *r = kcache_alloc(&region_cache);
    if (!r)
        return NULL;
    *r = *proto;
    if (r->vmo)
        vmo_get(r->vmo);
    return r;
}

void region_free(struct region *r)
{
    struct vmo *vmo = r->vmo;
    kcache_free(&region_cache, r);
    if (vmo)
        vmo_put(vmo);
}

struct region *region_next(struct region *r)
{
    return from_node(rb_next(&r->node));
}

static struct region *region_prev(struct region *r)
{
    return from_node(rb_prev(&r->node));
}

/* Recomputes the gap before r from its left neighbour. */
static void refresh_gap(struct aspace *as, struct region *r)
{
    if (!r)
        return;
    struct region *prev = region_prev(r);
    r->gap_before = r->start - (prev ? prev->end : 0);
    rb_update_path(&as->regions, &r->node, &by_gap);
}

static void insert_in_tree(struct aspace *as, struct region *r)
{
    struct rb_node **link = &as->regions.node, *parent = NULL;
    while (*link) {
        parent = *link;
        link = r->start < from_node(parent)->start ? &parent->left : &parent->right;
    }
    r->gap_before = 0;
    r->gap_max = 0;
    rb_link(&r->node, parent, link);
    rb_insert_augmented(&as->regions, &r->node, &by_gap);
    refresh_gap(as, r);
    refresh_gap(as, region_next(r));
    as->n_regions++;
    as->last = NULL;
}

static void remove_from_tree(struct aspace *as, struct region *r)
{
    struct region *next = region_next(r);
    rb_erase_augmented(&as->regions, &r->node, &by_gap);
    refresh_gap(as, next);
    as->n_regions--;
    as->last = NULL;
}

void region_insert(struct aspace *as, struct region *r)
{
    ASSERT(r->start < r->end);
    r->as = as;
    insert_in_tree(as, r);
    as->mapped_pages += (r->end - r->start) >> PAGE_SHIFT;
    if (r->vmo) {
        spin_lock(&r->vmo->lock);
        rmap_insert(r->vmo, r);
        spin_unlock(&r->vmo->lock);
    }
}

void region_remove(struct aspace *as, struct region *r)
{
    remove_from_tree(as, r);
    as->mapped_pages -= (r->end - r->start) >> PAGE_SHIFT;
    if (r->vmo) {
        spin_lock(&r->vmo->lock);
        rmap_remove(r->vmo, r);
        if (r->vmo->n_mappings == 0 && (r->vmo->binding || r->vmo->dirty_held))
            writeback_note(r->vmo, true);
        spin_unlock(&r->vmo->lock);
    }
}

struct region *region_first_after(struct aspace *as, vaddr_t addr)
{
    struct rb_node *n = as->regions.node;
    struct region *best = NULL;
    while (n) {
        struct region *r = from_node(n);
        if (r->end > addr) {
            best = r;
            n = n->left;
        } else {
            n = n->right;
        }
    }
    return best;
}

struct region *aspace_find(struct aspace *as, vaddr_t addr)
{
    struct region *r = as->last;
    if (r && addr >= r->start && addr < r->end)
        return r;
    r = region_first_after(as, addr);
    if (!r || r->start > addr)
        return NULL;
    as->last = r;
    return r;
}

/* Moves the bounds of r, in both trees. The order among regions does not change. */
static void set_bounds(struct aspace *as, struct region *r, vaddr_t start, vaddr_t end)
{
    struct vmo *vmo = r->vmo;
    as->mapped_pages += ((end - start) >> PAGE_SHIFT) - ((r->end - r->start) >> PAGE_SHIFT);
    if (vmo) {
        spin_lock(&vmo->lock);
        rmap_remove(vmo, r);
    }
    r->offset += start - r->start;
    r->start = start;
    r->end = end;
    if (vmo) {
        rmap_insert(vmo, r);
        spin_unlock(&vmo->lock);
    }
    refresh_gap(as, r);
    refresh_gap(as, region_next(r));
    as->last = NULL;
}

int region_split(struct aspace *as, vaddr_t addr)
{
    struct region *r = region_first_after(as, addr);
    if (!r || r->start >= addr)
        return 0;
    struct region *right = as->n_regions < ASPACE_REGIONS_MAX ? region_create(r) : NULL;
    if (!right)
        return -ENOMEM;
    right->start = addr;
    right->end = r->end;
    right->offset = r->offset + (addr - r->start);
    /* In this order: whoever takes pages out of mappings has only the object's lock and must
     * find a region for each entry at any time. For a moment he finds two. */
    region_insert(as, right);
    set_bounds(as, r, r->start, addr);
    return 0;
}

static bool joinable(const struct region *a, const struct region *b)
{
    return a->end == b->start && a->kind == b->kind && a->kind != REGION_WINDOW &&
           a->prot == b->prot && a->prot_max == b->prot_max && a->flags == b->flags &&
           a->vmo == b->vmo && (!a->vmo || a->offset + (a->end - a->start) == b->offset);
}

struct region *region_join_left(struct aspace *as, struct region *r)
{
    struct region *left = region_prev(r);
    if (!left || !joinable(left, r))
        return NULL;
    set_bounds(as, r, left->start, r->end); /* first: see region_split() */
    region_remove(as, left);
    return left;
}

void region_set_end(struct aspace *as, struct region *r, vaddr_t end)
{
    set_bounds(as, r, r->start, end);
}

/* Highest gap of len bytes before a region of the subtree, below `below`. Depth: the tree's height.
 */
static vaddr_t search(struct rb_node *n, uint64_t len, vaddr_t below)
{
    if (!n || from_node(n)->gap_max < len)
        return 0;
    vaddr_t found = search(n->right, len, below);
    if (found)
        return found;
    struct region *r = from_node(n);
    vaddr_t low = MAX(r->start - r->gap_before, USER_BASE);
    vaddr_t high = MIN(r->start, below);
    if (high >= low && high - low >= len)
        return high - len;
    return search(n->left, len, below);
}

vaddr_t region_find_gap(struct aspace *as, uint64_t len, vaddr_t below)
{
    struct region *last = from_node(rb_last(&as->regions));
    vaddr_t low = last ? last->end : USER_BASE;
    if (low < below && below - low >= len)
        return below - len;
    return search(as->regions.node, len, below);
}
