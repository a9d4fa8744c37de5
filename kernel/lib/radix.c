/*
 * radix.c - radix trees; radix.h has the contract.
 *
 *        root (shift 6)           index = 130 = 2 * 64 + 2
 *        [0][1][2]...             slot 2 of the root, slot 2 of the leaf
 *         |     |
 *        leaf  leaf (shift 0)     a leaf's slots are the entries
 *
 * Invariants: a node is never empty; `present` has a bit exactly where slot[] is not NULL; an inner
 * node's tag bit is set exactly where the child has any tag; the root could not be replaced by its
 * slot 0 alone (removal lowers the tree again).
 */
#include "lib/radix.h"
#include "abi/errno.h"
#include "lib/assert.h"

/* The nodes from the root down to the leaf of one index. */
struct path {
    unsigned depth; /* nodes */
    struct radix_node *node[RADIX_LEVELS];
    unsigned slot[RADIX_LEVELS];
};

static unsigned slot_of(uint64_t index, unsigned shift)
{
    return (unsigned)(index >> shift) % RADIX_SLOTS;
}

/* Does a tree whose root has this shift reach the index? */
static bool covers(unsigned shift, uint64_t index)
{
    return shift + RADIX_BITS >= 64 || index >> (shift + RADIX_BITS) == 0;
}

void radix_init(struct radix *t, const struct radix_ops *ops)
{
    *t = (struct radix){.ops = ops};
}

/* Down to the leaf slot, if the leaf exists. */
static bool find_path(const struct radix *t, uint64_t index, struct path *path)
{
    struct radix_node *node = t->root;
    unsigned shift = t->shift;

    path->depth = 0;
    if (!node || !covers(shift, index))
        return false;
    for (;; shift -= RADIX_BITS) {
        unsigned slot = slot_of(index, shift);
        path->node[path->depth] = node;
        path->slot[path->depth++] = slot;
        if (shift == 0)
            return true;
        node = node->slot[slot];
        if (!node)
            return false;
    }
}

void **radix_slot(const struct radix *t, uint64_t index)
{
    struct radix_node *node = t->root;
    unsigned shift = t->shift;

    if (!node || !covers(shift, index))
        return NULL;
    for (; shift; shift -= RADIX_BITS) {
        node = node->slot[slot_of(index, shift)];
        if (!node)
            return NULL;
    }
    void **slot = &node->slot[slot_of(index, 0)];
    return *slot ? slot : NULL;
}

void *radix_lookup(const struct radix *t, uint64_t index)
{
    void **slot = radix_slot(t, index);
    return slot ? *slot : NULL;
}

/* How many new nodes an insertion at the index takes. */
static unsigned nodes_missing(const struct radix *t, uint64_t index)
{
    unsigned shift = t->root ? t->shift : 0;
    while (!covers(shift, index))
        shift += RADIX_BITS;
    if (!t->root)
        return shift / RADIX_BITS + 1;
    if (shift > t->shift) /* new roots, and a way of its own below the topmost */
        return (shift - t->shift) / RADIX_BITS + shift / RADIX_BITS;

    struct path path;
    if (find_path(t, index, &path))
        return 0;
    return shift / RADIX_BITS + 1 - path.depth;
}

static int preload_up_to(struct radix *t, struct radix_preload *pl, unsigned count)
{
    while (pl->count < count) {
        struct radix_node *node = t->ops->alloc(sizeof(*node));
        if (!node)
            return -ENOMEM;
        pl->node[pl->count++] = node;
    }
    return 0;
}

void radix_preload_drop(struct radix *t, struct radix_preload *pl)
{
    while (pl->count)
        t->ops->free(pl->node[--pl->count]);
}

int radix_preload(struct radix *t, uint64_t index, struct radix_preload *pl)
{
    unsigned shift = 0;
    while (!covers(shift, index))
        shift += RADIX_BITS;

    /* New roots up to the index and a way down to it, or one way down in a tree that is higher. */
    unsigned count = MAX(2 * shift / RADIX_BITS + 1, READ_ONCE(t->shift) / RADIX_BITS);
    pl->count = 0;
    int error = preload_up_to(t, pl, count);
    if (error)
        radix_preload_drop(t, pl);
    return error;
}

static struct radix_node *take_node(struct radix *t, struct radix_preload *pl)
{
    ASSERT(pl->count > 0);
    struct radix_node *node = pl->node[--pl->count];
    (void)t;
    *node = (struct radix_node){0};
    return node;
}

static void node_set(struct radix_node *node, unsigned slot, void *item, bool tagged)
{
    node->slot[slot] = item;
    node->present |= 1ul << slot;
    if (tagged)
        node->tag |= 1ul << slot;
}

/* Puts item at a free index with exactly the nodes that are missing, taken from pl. */
static int insert_with(struct radix *t, uint64_t index, void *item, struct radix_preload *pl)
{
    if (!t->root) {
        t->shift = 0;
        while (!covers(t->shift, index))
            t->shift += RADIX_BITS;
        t->root = take_node(t, pl);
    }
    while (!covers(t->shift, index)) {
        struct radix_node *up = take_node(t, pl);
        node_set(up, 0, t->root, t->root->tag != 0);
        t->root = up;
        t->shift += RADIX_BITS;
    }

    struct radix_node *node = t->root;
    for (unsigned shift = t->shift; shift; shift -= RADIX_BITS) {
        unsigned slot = slot_of(index, shift);
        if (!node->slot[slot])
            node_set(node, slot, take_node(t, pl), false);
        node = node->slot[slot];
    }
    node_set(node, slot_of(index, 0), item, false);
    t->count++;
    return 0;
}

int radix_insert_preload(struct radix *t, uint64_t index, void *item, struct radix_preload *pl)
{
    ASSERT(item);
    if (radix_lookup(t, index))
        return -EEXIST;
    int error = preload_up_to(t, pl, nodes_missing(t, index));
    if (error)
        return error;
    insert_with(t, index, item, pl);
    return 0;
}

int radix_insert(struct radix *t, uint64_t index, void *item)
{
    struct radix_preload pl = {.count = 0};
    int error = radix_insert_preload(t, index, item, &pl);
    radix_preload_drop(t, &pl);
    return error;
}

/* Clears the tag of the last slot of the path and of every node above that has none left. */
static void untag_path(struct path *path)
{
    for (unsigned i = path->depth; i-- > 0;) {
        path->node[i]->tag &= ~(1ul << path->slot[i]);
        if (path->node[i]->tag)
            return;
    }
}

/* Lowers the tree while slot 0 of the root is all there is. */
static void shrink_root(struct radix *t)
{
    while (t->root && t->shift && t->root->present == 1) {
        struct radix_node *old = t->root;
        t->root = old->slot[0];
        t->shift -= RADIX_BITS;
        t->ops->free(old);
    }
}

void *radix_remove(struct radix *t, uint64_t index)
{
    struct path path;
    if (!find_path(t, index, &path))
        return NULL;
    unsigned i = path.depth - 1;
    void *item = path.node[i]->slot[path.slot[i]];
    if (!item)
        return NULL;

    untag_path(&path);
    t->count--;
    for (;; i--) {
        struct radix_node *node = path.node[i];
        node->slot[path.slot[i]] = NULL;
        node->present &= ~(1ul << path.slot[i]);
        if (node->present)
            break;
        t->ops->free(node);
        if (i == 0) {
            t->root = NULL;
            return item;
        }
    }
    shrink_root(t);
    return item;
}

static uint64_t wanted(const struct radix_node *node, bool tagged)
{
    return tagged ? node->tag : node->present;
}

/*
 * First wanted entry at or after *index below the root. Walks down towards the index; where a node
 * has nothing at or after its slot, goes on behind that node's range, from the root again. Each
 * round either ends or leaves a whole node behind that had nothing, so there are few.
 */
static void *next_entry(const struct radix *t, uint64_t *index, bool tagged)
{
    uint64_t at = *index;

again:;
    const struct radix_node *node = t->root;
    unsigned shift = t->shift;
    if (!node || !covers(shift, at))
        return NULL;
    for (;; shift -= RADIX_BITS) {
        unsigned slot = slot_of(at, shift);
        uint64_t bits = wanted(node, tagged) >> slot;
        if (!bits) { /* nothing more in this node: on to the one behind it */
            if (shift + RADIX_BITS >= 64)
                return NULL;
            at = ((at >> (shift + RADIX_BITS)) + 1) << (shift + RADIX_BITS);
            if (at == 0)
                return NULL;
            goto again;
        }
        unsigned skip = (unsigned)__builtin_ctzl(bits);
        if (skip)
            at = ((at >> shift) + skip) << shift;
        slot += skip;
        if (shift == 0) {
            *index = at;
            return node->slot[slot];
        }
        node = node->slot[slot];
    }
}

void *radix_next(const struct radix *t, uint64_t *index)
{
    return next_entry(t, index, false);
}

void *radix_next_tagged(const struct radix *t, uint64_t *index)
{
    return next_entry(t, index, true);
}

void radix_tag_set(struct radix *t, uint64_t index)
{
    struct path path;
    if (!radix_lookup(t, index) || !find_path(t, index, &path))
        return;
    for (unsigned i = 0; i < path.depth; i++)
        path.node[i]->tag |= 1ul << path.slot[i];
}

void radix_tag_clear(struct radix *t, uint64_t index)
{
    struct path path;
    if (find_path(t, index, &path))
        untag_path(&path);
}

bool radix_tag_get(const struct radix *t, uint64_t index)
{
    struct path path;
    if (!find_path(t, index, &path))
        return false;
    return path.node[path.depth - 1]->tag >> path.slot[path.depth - 1] & 1;
}

bool radix_any_tagged(const struct radix *t)
{
    return t->root && t->root->tag;
}

/* Frees the nodes in post-order, going down again from the root for each: no recursion. */
void radix_destroy(struct radix *t)
{
    while (t->root) {
        struct radix_node *parent = NULL, *node = t->root;
        unsigned slot = 0;
        for (unsigned shift = t->shift; shift && node->present; shift -= RADIX_BITS) {
            slot = (unsigned)__builtin_ctzl(node->present);
            parent = node;
            node = node->slot[slot];
        }
        if (parent) {
            parent->slot[slot] = NULL;
            parent->present &= ~(1ul << slot);
        } else {
            t->root = NULL;
        }
        t->ops->free(node);
    }
    t->count = 0;
    t->shift = 0;
}
