/*
 * rbtree.h - intrusive red-black trees, optionally with a summary in each node.
 *
 * The caller owns the nodes, the order and the lock. To insert: walk down from root->node as in a
 * plain binary tree, call rb_link() on the empty place found, then rb_insert(). No allocation, no
 * recursion; every operation is O(log n).
 *
 * Summaries ("augmented" trees): the callback computes one node's summary from the node itself and
 * its two children. The _augmented calls keep the summaries of all nodes right through insertion,
 * removal and rotations; rb_update_path() does so after a node changed in place. A tree uses either
 * the plain calls or the augmented ones, never both.
 */
#ifndef LIB_RBTREE_H
#define LIB_RBTREE_H

#include "lib/types.h"

struct rb_node {
    uintptr_t parent_red; /* parent's address; bit 0: this node is red */
    struct rb_node *left;
    struct rb_node *right;
};

struct rb_root {
    struct rb_node *node;
};

struct rb_augment {
    void (*update)(struct rb_node *node);
};

#define RB_ROOT_INIT                                                                               \
    {                                                                                              \
        NULL                                                                                       \
    }
#define rb_entry(ptr, type, member) container_of(ptr, type, member)

static inline struct rb_node *rb_parent(const struct rb_node *n)
{
    return (struct rb_node *)(n->parent_red & ~(uintptr_t)1);
}

static inline bool rb_is_red(const struct rb_node *n)
{
    return n && (n->parent_red & 1);
}

static inline bool rb_empty(const struct rb_root *root)
{
    return root->node == NULL;
}

/* Hangs a new node, red and without children, on the empty place *link below parent. */
static inline void rb_link(struct rb_node *node, struct rb_node *parent, struct rb_node **link)
{
    node->parent_red = (uintptr_t)parent | 1;
    node->left = NULL;
    node->right = NULL;
    *link = node;
}

/* Rebalances after rb_link(). */
void rb_insert(struct rb_root *root, struct rb_node *node);
void rb_insert_augmented(struct rb_root *root, struct rb_node *node, const struct rb_augment *aug);

/* Takes node out. Its own fields are left undefined. */
void rb_erase(struct rb_root *root, struct rb_node *node);
void rb_erase_augmented(struct rb_root *root, struct rb_node *node, const struct rb_augment *aug);

/* Recomputes the summaries of node and of all its ancestors. */
void rb_update_path(struct rb_root *root, struct rb_node *node, const struct rb_augment *aug);

/* In order; NULL past the end. */
struct rb_node *rb_first(const struct rb_root *root);
struct rb_node *rb_last(const struct rb_root *root);
struct rb_node *rb_next(const struct rb_node *node);
struct rb_node *rb_prev(const struct rb_node *node);

/* pos is a struct rb_node *; do not erase it inside. */
#define rb_for_each(pos, root) for (pos = rb_first(root); pos; pos = rb_next(pos))

#endif
