/*
 * t_radix.c - radix trees against a plain array of entries, with failing allocations.
 * sources: kernel/lib/radix.c
 *
 * Indices come from clusters near 0, in the middle and at the top of the 64-bit range, so trees
 * grow, shrink and skip. Each operation is compared with the model; nodes are counted for leaks.
 */
#include <stdio.h>
#include <stdlib.h>
#include "lib/radix.h"
#include "lib/assert.h"
#include "abi/errno.h"

enum { ENTRIES = 600, STEPS = 60000 };

struct entry {
    uint64_t index;
    void *item;
    bool tag;
};

static struct entry model[ENTRIES];
static unsigned count;
static long nodes, budget = -1;
static uint64_t state = 88172645463325252ull;

static uint64_t rnd(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static void *node_alloc(size_t len)
{
    if (budget == 0)
        return NULL;
    if (budget > 0)
        budget--;
    nodes++;
    return malloc(len);
}

static void node_free(void *p)
{
    nodes--;
    free(p);
}

static const struct radix_ops ops = {node_alloc, node_free};

static uint64_t random_index(void)
{
    uint64_t r = rnd();
    switch (r >> 60) {
    case 0:
        return ~0ull - rnd() % 70;
    case 1:
        return (1ull << 40) + rnd() % 5000;
    case 2:
        return rnd();
    case 3:
        return 1ull << rnd() % 64;
    default:
        return rnd() % 300;
    }
}

static struct entry *find(uint64_t index)
{
    for (unsigned i = 0; i < count; i++)
        if (model[i].index == index)
            return &model[i];
    return NULL;
}

static struct entry *find_next(uint64_t index, bool tagged)
{
    struct entry *best = NULL;
    for (unsigned i = 0; i < count; i++) {
        if (model[i].index < index || (tagged && !model[i].tag))
            continue;
        if (!best || model[i].index < best->index)
            best = &model[i];
    }
    return best;
}

static void check_next(const struct radix *t, uint64_t index, bool tagged)
{
    uint64_t at = index;
    struct entry *e = find_next(index, tagged);
    void *item = tagged ? radix_next_tagged(t, &at) : radix_next(t, &at);
    ASSERT(item == (e ? e->item : NULL));
    ASSERT(at == (e ? e->index : index));
}

static void insert(struct radix *t, uint64_t index)
{
    struct entry *e = find(index);
    void *item = (void *)(uintptr_t)(rnd() | 1);
    long before = nodes;
    if (count == ENTRIES)
        return;
    budget = rnd() % 4 ? -1 : (long)(rnd() % 6);
    int error;
    if (rnd() % 2) {
        struct radix_preload pl;
        error = radix_preload(t, index, &pl);
        if (!error) {
            error = radix_insert_preload(t, index, item, &pl);
            radix_preload_drop(t, &pl);
        }
    } else {
        error = radix_insert(t, index, item);
    }
    if (error == -ENOMEM) {
        ASSERT(budget == 0 && nodes == before);
    } else if (e) {
        ASSERT(error == -EEXIST && nodes == before);
    } else {
        ASSERT(error == 0);
        model[count++] = (struct entry){index, item, false};
    }
    budget = -1;
}

static void remove_one(struct radix *t, uint64_t index)
{
    struct entry *e = find(index);
    ASSERT(radix_remove(t, index) == (e ? e->item : NULL));
    if (e)
        *e = model[--count];
}

static void step(struct radix *t)
{
    uint64_t index = count && rnd() % 2 ? model[rnd() % count].index : random_index();
    struct entry *e = find(index);
    switch (rnd() % 8) {
    case 0:
    case 1:
    case 2:
        insert(t, index);
        break;
    case 3:
    case 4:
        remove_one(t, index);
        break;
    case 5:
        radix_tag_set(t, index);
        if (e)
            e->tag = true;
        break;
    case 6:
        radix_tag_clear(t, index);
        if (e)
            e->tag = false;
        break;
    default:
        ASSERT(radix_lookup(t, index) == (e ? e->item : NULL));
        ASSERT(radix_tag_get(t, index) == (e && e->tag));
        check_next(t, index, false);
        check_next(t, index, true);
    }
    ASSERT(t->count == count && (count != 0) == (t->root != NULL));
}

int main(void)
{
    struct radix t;
    radix_init(&t, &ops);
    for (unsigned i = 0; i < STEPS; i++) {
        step(&t);
        if (i % 10000 == 9999) { /* empty it, one way or the other */
            if (i % 20000 == 9999) {
                while (count)
                    remove_one(&t, model[0].index);
            } else {
                radix_destroy(&t);
                count = 0;
            }
            ASSERT(nodes == 0 && t.root == NULL && t.count == 0);
        }
    }
    radix_destroy(&t);
    ASSERT(nodes == 0);
    printf("t_radix: ok\n");
    return 0;
}
