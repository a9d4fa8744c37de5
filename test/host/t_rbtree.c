/*
 * t_rbtree.c - red-black trees against a sorted array, with a summary in every node.
 * sources: kernel/lib/rbtree.c
 *
 * Random insertions, removals and changes in place; after each the colour rules, the order, the
 * parent links and the summaries (largest weight below, number of nodes) are checked.
 */
#include <stdio.h>
#include <stdlib.h>
#include "lib/rbtree.h"
#include "lib/assert.h"

enum { KEYS = 400, STEPS = 20000, CHECK_EVERY = 37 };

struct item {
    struct rb_node node;
    unsigned key;
    unsigned weight;
    unsigned max;  /* summary */
    unsigned size; /* summary */
    bool in;
};

static struct item items[KEYS];
static unsigned seed = 12345;

static unsigned rnd(unsigned n)
{
    seed = seed * 1103515245u + 12345u;
    return (seed >> 8) % n;
}

static struct item *item_of(struct rb_node *n)
{
    return n ? rb_entry(n, struct item, node) : NULL;
}

static void item_update(struct rb_node *n)
{
    struct item *it = item_of(n), *l = item_of(n->left), *r = item_of(n->right);
    it->max = it->weight;
    it->size = 1;
    if (l) {
        it->max = MAX(it->max, l->max);
        it->size += l->size;
    }
    if (r) {
        it->max = MAX(it->max, r->max);
        it->size += r->size;
    }
}

static const struct rb_augment augment = {item_update};

static void insert(struct rb_root *root, struct item *it, bool with_summary)
{
    struct rb_node **link = &root->node, *parent = NULL;
    while (*link) {
        parent = *link;
        link = it->key < item_of(parent)->key ? &parent->left : &parent->right;
    }
    rb_link(&it->node, parent, link);
    if (with_summary)
        rb_insert_augmented(root, &it->node, &augment);
    else
        rb_insert(root, &it->node);
    it->in = true;
}

/* Black height; checks everything below n. */
static unsigned check_below(struct rb_node *n, struct rb_node *parent, bool with_summary)
{
    if (!n)
        return 1;
    ASSERT(rb_parent(n) == parent);
    ASSERT(!(rb_is_red(n) && (rb_is_red(n->left) || rb_is_red(n->right))));
    unsigned l = check_below(n->left, n, with_summary);
    unsigned r = check_below(n->right, n, with_summary);
    ASSERT(l == r);
    if (with_summary) {
        struct item *it = item_of(n), was = *it;
        item_update(n);
        ASSERT(it->max == was.max && it->size == was.size);
    }
    return l + !rb_is_red(n);
}

static void check(struct rb_root *root, bool with_summary)
{
    check_below(root->node, NULL, with_summary);
    ASSERT(!rb_is_red(root->node));
    struct rb_node *pos = rb_first(root), *prev = NULL;
    for (unsigned i = 0; i < KEYS; i++) {
        if (!items[i].in)
            continue;
        ASSERT(pos == &items[i].node && rb_prev(pos) == prev);
        prev = pos;
        pos = rb_next(pos);
    }
    ASSERT(pos == NULL && rb_last(root) == prev);
}

static void run(bool with_summary)
{
    struct rb_root root = RB_ROOT_INIT;
    for (unsigned i = 0; i < KEYS; i++)
        items[i] = (struct item){.key = i};
    for (unsigned step = 0; step < STEPS; step++) {
        struct item *it = &items[rnd(KEYS)];
        if (!it->in) {
            it->weight = rnd(1000);
            insert(&root, it, with_summary);
        } else if (rnd(3) || !with_summary) {
            if (with_summary)
                rb_erase_augmented(&root, &it->node, &augment);
            else
                rb_erase(&root, &it->node);
            it->in = false;
        } else {
            it->weight = rnd(1000);
            rb_update_path(&root, &it->node, &augment);
        }
        if (step % CHECK_EVERY == 0)
            check(&root, with_summary);
    }
    for (unsigned i = 0; i < KEYS; i++) {
        if (!items[i].in)
            continue;
        if (with_summary)
            rb_erase_augmented(&root, &items[i].node, &augment);
        else
            rb_erase(&root, &items[i].node);
        items[i].in = false;
        check(&root, with_summary);
    }
    ASSERT(rb_empty(&root));
}

int main(void)
{
    run(false);
    run(true);
    printf("t_rbtree: ok\n");
    return 0;
}
