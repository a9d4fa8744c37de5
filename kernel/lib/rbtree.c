/*
 * rbtree.c - red-black trees; rbtree.h has the contract.
 *
 * Rules kept: the root is black, a red node has no red child, every way down from a node passes the
 * same number of black nodes. Mirror cases share code: child(n, side) and the opposite side.
 *
 * Summaries: a rotation does not change which nodes hang below its place, so only the two nodes
 * that turned are recomputed. Insertion and removal recompute the way from the changed place to the
 * root once, before rebalancing.
 */
#include "lib/rbtree.h"

enum side { LEFT, RIGHT };

static struct rb_node **child(struct rb_node *n, enum side side)
{
    return side == LEFT ? &n->left : &n->right;
}

static enum side other(enum side side)
{
    return side == LEFT ? RIGHT : LEFT;
}

static void set_parent(struct rb_node *n, struct rb_node *parent)
{
    n->parent_red = (uintptr_t)parent | (n->parent_red & 1);
}

static void set_red(struct rb_node *n, bool red)
{
    n->parent_red = (n->parent_red & ~(uintptr_t)1) | red;
}

static void update(struct rb_node *n, const struct rb_augment *aug)
{
    if (aug)
        aug->update(n);
}

void rb_update_path(struct rb_root *root, struct rb_node *node, const struct rb_augment *aug)
{
    (void)root;
    if (!aug)
        return;
    for (; node; node = rb_parent(node))
        aug->update(node);
}

/* Makes whatever points at `from` (its parent or the root) point at `to`. */
static void replace_in_parent(struct rb_root *root, struct rb_node *from, struct rb_node *to)
{
    struct rb_node *parent = rb_parent(from);
    if (!parent)
        root->node = to;
    else if (parent->left == from)
        parent->left = to;
    else
        parent->right = to;
}

/* Turns n down to `side`; its child on the other side comes up. Colours stay with the nodes. */
static void rotate(struct rb_root *root, struct rb_node *n, enum side side,
                   const struct rb_augment *aug)
{
    struct rb_node *up = *child(n, other(side));
    struct rb_node *inner = *child(up, side);

    *child(n, other(side)) = inner;
    if (inner)
        set_parent(inner, n);
    replace_in_parent(root, n, up);
    set_parent(up, rb_parent(n));
    *child(up, side) = n;
    set_parent(n, up);
    update(n, aug);
    update(up, aug);
}

void rb_insert_augmented(struct rb_root *root, struct rb_node *node, const struct rb_augment *aug)
{
    struct rb_node *parent;

    rb_update_path(root, node, aug);
    while ((parent = rb_parent(node)) && rb_is_red(parent)) {
        struct rb_node *grand = rb_parent(parent); /* exists: a red node is not the root */
        enum side side = grand->left == parent ? LEFT : RIGHT;
        struct rb_node *uncle = *child(grand, other(side));

        if (rb_is_red(uncle)) {
            set_red(parent, false);
            set_red(uncle, false);
            set_red(grand, true);
            node = grand;
            continue;
        }
        if (node == *child(parent, other(side))) {
            rotate(root, parent, side, aug);
            parent = node;
        }
        set_red(parent, false);
        set_red(grand, true);
        rotate(root, grand, other(side), aug);
        break;
    }
    set_red(root->node, false);
}

void rb_insert(struct rb_root *root, struct rb_node *node)
{
    rb_insert_augmented(root, node, NULL);
}

/* The place `node` (maybe NULL) below parent is one black short: mend it. */
static void erase_rebalance(struct rb_root *root, struct rb_node *node, struct rb_node *parent,
                            const struct rb_augment *aug)
{
    while (parent && !rb_is_red(node)) {
        enum side side = parent->left == node ? LEFT : RIGHT;
        struct rb_node *sibling = *child(parent, other(side)); /* exists: the other way is longer */

        if (rb_is_red(sibling)) {
            set_red(sibling, false);
            set_red(parent, true);
            rotate(root, parent, side, aug);
            sibling = *child(parent, other(side));
        }
        if (!rb_is_red(sibling->left) && !rb_is_red(sibling->right)) {
            set_red(sibling, true);
            node = parent;
            parent = rb_parent(node);
            continue;
        }
        if (!rb_is_red(*child(sibling, other(side)))) {
            set_red(*child(sibling, side), false);
            set_red(sibling, true);
            rotate(root, sibling, other(side), aug);
            sibling = *child(parent, other(side));
        }
        set_red(sibling, rb_is_red(parent));
        set_red(parent, false);
        set_red(*child(sibling, other(side)), false);
        rotate(root, parent, side, aug);
        return;
    }
    if (node)
        set_red(node, false);
}

/* Puts `next`, the successor of node and already unhooked, in node's place with its colour. */
static void take_place(struct rb_root *root, struct rb_node *node, struct rb_node *next)
{
    *next = *node;
    replace_in_parent(root, node, next);
    if (next->left)
        set_parent(next->left, next);
    if (next->right)
        set_parent(next->right, next);
}

void rb_erase_augmented(struct rb_root *root, struct rb_node *node, const struct rb_augment *aug)
{
    /* `gone` leaves its place: node itself, or its successor when node has two children. */
    struct rb_node *gone = node;
    if (node->left && node->right) {
        gone = node->right;
        while (gone->left)
            gone = gone->left;
    }

    struct rb_node *up = gone->left ? gone->left : gone->right;
    struct rb_node *parent = rb_parent(gone);
    bool was_red = rb_is_red(gone);

    replace_in_parent(root, gone, up);
    if (up)
        set_parent(up, parent);
    if (gone != node) {
        take_place(root, node, gone);
        if (parent == node)
            parent = gone;
    }
    rb_update_path(root, parent, aug);
    if (!was_red)
        erase_rebalance(root, up, parent, aug);
}

void rb_erase(struct rb_root *root, struct rb_node *node)
{
    rb_erase_augmented(root, node, NULL);
}

static struct rb_node *outermost(struct rb_node *n, enum side side)
{
    while (n && *child(n, side))
        n = *child(n, side);
    return n;
}

struct rb_node *rb_first(const struct rb_root *root)
{
    return outermost(root->node, LEFT);
}

struct rb_node *rb_last(const struct rb_root *root)
{
    return outermost(root->node, RIGHT);
}

static struct rb_node *step(const struct rb_node *node, enum side side)
{
    struct rb_node *n = (struct rb_node *)(uintptr_t)node;
    if (*child(n, side))
        return outermost(*child(n, side), other(side));
    struct rb_node *parent = rb_parent(n);
    while (parent && n == *child(parent, side)) {
        n = parent;
        parent = rb_parent(n);
    }
    return parent;
}

struct rb_node *rb_next(const struct rb_node *node)
{
    return step(node, RIGHT);
}

struct rb_node *rb_prev(const struct rb_node *node)
{
    return step(node, LEFT);
}
