/*
 * timeout.c - calls at a time: a red-black tree of deadlines per hart, and this hart's timer.
 *
 * Owns the trees and what the timer was last asked for. A timeout is armed on the tree of the hart
 * that armed it and fires there, in timeout_run(), with no lock held; it may be cancelled from
 * any hart. Lock: RANK_TIMEOUT, one per tree, never two at once.
 *
 * The life of one timeout: idle (hart NULL) -> armed (hart set, in that tree) -> firing (the tree's
 * `firing` points at it, hart NULL) -> idle. `firing` is set before hart is cleared, both under
 * the lock, so who reads hart NULL and then finds it firing nowhere knows that fire() is over.
 * After fire() nothing here touches the timeout: its owner may free it once timeout_cancel() is
 * back.
 *
 * The timer is only ever moved to earlier until it fires: a cancelled deadline costs at most one
 * early interrupt, cheaper than programming the timer at each cancel.
 */
#include "sched/timeout.h"

#include "arch/riscv/csr.h"
#include "arch/riscv/time.h"
#include "core/spinlock.h"
#include "lib/assert.h"
#include "lib/types.h"

struct timeouts {
    struct spinlock lock;
    struct rb_root root;    /* [l] by deadline; equal ones in order of arming */
    struct timeout *firing; /* [a] written under l; only its identity is used */
    uint64_t programmed_ns; /* [o] what the hart's timer was asked for */
} __attribute__((aligned(64)));

static struct timeouts trees[HART_MAX];

static struct timeouts *tree_of(const struct hart *h)
{
    return h->timeouts;
}

void timeout_boot(void)
{
    for (unsigned i = 0; i < HART_MAX; i++) {
        spin_init(&trees[i].lock, RANK_TIMEOUT);
        trees[i].programmed_ns = TIME_NEVER;
        harts[i].timeouts = &trees[i];
    }
}

void timeout_init(struct timeout *t, void (*fire)(struct timeout *t))
{
    *t = (struct timeout){.fire = fire};
}

static void tree_insert(struct timeouts *tree, struct timeout *t)
{
    struct rb_node **link = &tree->root.node, *parent = NULL;

    while (*link) {
        parent = *link;
        struct timeout *other = rb_entry(parent, struct timeout, node);
        link = t->deadline_ns < other->deadline_ns ? &parent->left : &parent->right;
    }
    rb_link(&t->node, parent, link);
    rb_insert(&tree->root, &t->node);
}

void timer_request(uint64_t ns)
{
    struct timeouts *tree = tree_of(this_hart());

    if (ns >= tree->programmed_ns)
        return;
    tree->programmed_ns = ns;
    time_set_interrupt(ns);
}

/* Takes `t` off whatever tree it is on; says whether it was on one. */
static bool disarm(struct timeout *t)
{
    /* The hart may fire it between the look and the lock: look again under the lock. fire() may
     * even have armed it on the tree of the same hart once more, which is just as well. */
    for (;;) {
        struct hart *h = __atomic_load_n(&t->hart, __ATOMIC_ACQUIRE);
        if (!h)
            return false;
        struct timeouts *tree = tree_of(h);
        spin_lock(&tree->lock);
        bool armed = t->hart == h;
        if (armed) {
            rb_erase(&tree->root, &t->node);
            __atomic_store_n(&t->hart, NULL, __ATOMIC_RELEASE);
        }
        spin_unlock(&tree->lock);
        if (armed)
            return true;
    }
}

void timeout_set(struct timeout *t, uint64_t deadline_ns)
{
    struct hart *h = this_hart();
    struct timeouts *tree = tree_of(h);

    disarm(t);
    if (deadline_ns == TIME_NEVER)
        return;
    spin_lock(&tree->lock);
    t->deadline_ns = deadline_ns;
    tree_insert(tree, t);
    __atomic_store_n(&t->hart, h, __ATOMIC_RELEASE);
    spin_unlock(&tree->lock);
    timer_request(deadline_ns);
}

/* The hart on which fire() of `t` runs now, other than this one; NULL: none. */
static struct hart *firing_elsewhere(const struct timeout *t)
{
    for (unsigned i = 0; i < hart_count; i++) {
        if (&harts[i] != this_hart() && __atomic_load_n(&trees[i].firing, __ATOMIC_ACQUIRE) == t)
            return &harts[i];
    }
    return NULL;
}

bool timeout_try_cancel(struct timeout *t)
{
    return disarm(t) && !firing_elsewhere(t);
}

bool timeout_cancel(struct timeout *t)
{
    bool pending = disarm(t);

    /* fire() may have armed it again before it returned. */
    while (firing_elsewhere(t)) {
        pending |= disarm(t);
        cpu_relax();
    }
    pending |= disarm(t);
    return pending;
}

/* Takes the first timeout due by `now` off the tree, marked as firing; NULL: none is due. */
static struct timeout *take_due(struct timeouts *tree, uint64_t now)
{
    struct timeout *t = NULL;

    spin_lock(&tree->lock);
    struct rb_node *first = rb_first(&tree->root);
    if (first && rb_entry(first, struct timeout, node)->deadline_ns <= now) {
        t = rb_entry(first, struct timeout, node);
        rb_erase(&tree->root, first);
        __atomic_store_n(&tree->firing, t, __ATOMIC_RELEASE);
        __atomic_store_n(&t->hart, NULL, __ATOMIC_RELEASE);
    }
    spin_unlock(&tree->lock);
    return t;
}

static uint64_t first_deadline(struct timeouts *tree)
{
    spin_lock(&tree->lock);
    struct rb_node *first = rb_first(&tree->root);
    uint64_t ns = first ? rb_entry(first, struct timeout, node)->deadline_ns : TIME_NEVER;
    spin_unlock(&tree->lock);
    return ns;
}

void timeout_run(void)
{
    struct timeouts *tree = tree_of(this_hart());
    uint64_t now = time_now_ns();

    for (struct timeout *t = take_due(tree, now); t; t = take_due(tree, now)) {
        t->fire(t);
        __atomic_store_n(&tree->firing, NULL, __ATOMIC_RELEASE);
    }
    tree->programmed_ns = first_deadline(tree);
    time_set_interrupt(tree->programmed_ns);
}
