/*
 * radix.h - a radix tree from a 64-bit index to a pointer, with one tag bit for each entry.
 *
 * 64-way nodes; the tree is only as high as its largest index needs. Each node knows which of its
 * slots are used and which lead to a tagged entry, so searching for the next (tagged) entry skips
 * what is empty. NULL cannot be stored. The caller's lock guards the tree; nothing here sleeps
 * except what the given allocator does.
 *
 * Insertion under a spinlock: radix_preload() before taking it (may sleep, as the allocator does),
 * then radix_insert_preload(), then radix_preload_drop() after letting go. A failed insertion
 * leaves the tree as it was.
 */
#ifndef LIB_RADIX_H
#define LIB_RADIX_H

#include "lib/types.h"

enum {
    RADIX_BITS = 6,
    RADIX_SLOTS = 1 << RADIX_BITS,
    RADIX_LEVELS = 11, /* 11 * 6 bits cover 64 */
};

struct radix_node {
    uint64_t present; /* bit i: slot[i] is used */
    uint64_t tag;     /* bit i: slot[i] is, or leads to, a tagged entry */
    void *slot[RADIX_SLOTS];
};

struct radix_ops {
    void *(*alloc)(size_t len_bytes); /* NULL: out of memory */
    void (*free)(void *p);
};

struct radix {
    struct radix_node *root;
    unsigned shift; /* of the root: it tells indices apart by bits [shift, shift + 6) */
    uint64_t count; /* entries */
    const struct radix_ops *ops;
};

struct radix_preload {
    unsigned count;
    struct radix_node *node[2 * RADIX_LEVELS];
};

void radix_init(struct radix *t, const struct radix_ops *ops);

/* Frees every node; what the entries point at is the caller's. The tree is empty afterwards. */
void radix_destroy(struct radix *t);

void *radix_lookup(const struct radix *t, uint64_t index);

/* Address of the entry's pointer for replacing it in place (never with NULL); NULL: no entry. */
void **radix_slot(const struct radix *t, uint64_t index);

/* The same, where `before` is the answer for index - 1 (or NULL). */
static inline void **radix_next_slot(const struct radix *t, uint64_t index, void **before)
{
    if (!before || index % RADIX_SLOTS == 0)
        return radix_slot(t, index);
    return before[1] ? before + 1 : NULL;
}

/* 0, -ENOMEM, or -EEXIST when the index is taken. */
int __must_check radix_insert(struct radix *t, uint64_t index, void *item);

/*
 * Fills `pl` with nodes for one insertion at the index. 0 or -ENOMEM (then nothing is held). Called
 * without the lock: should the tree grow meanwhile, the insertion asks the allocator for the rest.
 */
int __must_check radix_preload(struct radix *t, uint64_t index, struct radix_preload *pl);
int __must_check radix_insert_preload(struct radix *t, uint64_t index, void *item,
                                      struct radix_preload *pl);
void radix_preload_drop(struct radix *t, struct radix_preload *pl);

/* Takes the entry out and returns it; NULL: there was none. Never allocates. */
void *radix_remove(struct radix *t, uint64_t index);

/* First entry at or after *index; its index goes to *index. NULL (and *index as it was): none. */
void *radix_next(const struct radix *t, uint64_t *index);
void *radix_next_tagged(const struct radix *t, uint64_t *index);

/* Setting or clearing the tag of an index without an entry does nothing. */
void radix_tag_set(struct radix *t, uint64_t index);
void radix_tag_clear(struct radix *t, uint64_t index);
bool radix_tag_get(const struct radix *t, uint64_t index);
bool radix_any_tagged(const struct radix *t);

#endif
