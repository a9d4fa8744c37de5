/*
 * runq.c - the run queue of each hart: who waits for it, who is next, who moves elsewhere.
 *
 * Owns struct runq and the mask of idle harts. Two lists per hart: `ready` is the round robin;
 * `urgent` holds threads that slept before their slice was used up, which go first and displace a
 * running thread that is not urgent itself. As an urgent thread keeps spending the same slice over
 * its sleeps, it turns ordinary after 10 ms of work; and `ready` is served at the latest after
 * READY_PATIENCE_NS. So a server answers quickly between hogs, and no hog starves.
 *
 * Which hart: the last one if it is idle, else any idle one, else the last one. An idle hart
 * steals; a hart whose queue is longer than another's by two gives one away at the end of a slice.
 *
 * The on_hart rule: a thread that has just given its hart away may be woken before its registers
 * are saved. While thread.on_hart is set it may be queued only on that hart (which cannot take it
 * before it has completed the switch), and thieves pass it by.
 *
 * Idle harts: a hart sets its bit in idle_mask under its own lock, having found its queue empty;
 * who queues for it does so under the same lock, clears the bit and kicks it. A kick before wfi
 * makes wfi return at once, so none is lost.
 *
 * Lock: RANK_RUNQ per hart, never two at once.
 */
#include "arch/riscv/time.h"
#include "lib/assert.h"
#include "lib/types.h"
#include "sched/internal.h"
#include "sched/sched.h"
#include "sched/timeout.h"

#define READY_PATIENCE_NS (4 * SLICE_NS)

static struct runq runqs[HART_MAX];
static uint32_t idle_mask; /* [a] bit per hart that waits for work */

void runq_boot(void)
{
    for (unsigned i = 0; i < HART_MAX; i++) {
        spin_init(&runqs[i].lock, RANK_RUNQ);
        list_init(&runqs[i].urgent);
        list_init(&runqs[i].ready);
        harts[i].runq = &runqs[i];
    }
}

static uint32_t idle_harts(void)
{
    return __atomic_load_n(&idle_mask, __ATOMIC_SEQ_CST);
}

/* Clears the bit; says whether it was set. */
static bool idle_clear(const struct hart *h)
{
    uint32_t bit = 1u << h->index;
    return __atomic_fetch_and(&idle_mask, ~bit, __ATOMIC_SEQ_CST) & bit;
}

static uint32_t waiting_on(const struct runq *rq)
{
    return __atomic_load_n(&rq->len, __ATOMIC_SEQ_CST);
}

static void enqueue_locked(struct runq *rq, struct list *list, struct thread *t, uint64_t now)
{
    if (list == &rq->ready && list_empty(list))
        rq->ready_since_ns = now;
    list_add_tail(list, &t->runq_link);
    __atomic_store_n(&rq->len, rq->len + 1, __ATOMIC_SEQ_CST);
}

static void dequeue_locked(struct runq *rq, struct thread *t)
{
    list_del(&t->runq_link);
    __atomic_store_n(&rq->len, rq->len - 1, __ATOMIC_SEQ_CST);
}

static struct hart *choose_hart(const struct thread *t)
{
    struct hart *here = this_hart();
    uint32_t idle = idle_harts();

    if (__atomic_load_n(&t->on_hart, __ATOMIC_ACQUIRE) || idle >> t->hart->index & 1)
        return t->hart;
    if (current_thread() == here->idle)
        return here;
    return idle ? &harts[__builtin_ctz(idle)] : t->hart;
}

/* A sleeper goes on with the slice it had; a new one after a long sleep or when it is used up. */
static void refill_slice(struct thread *t, uint64_t now)
{
    bool spent = t->slice_left_ns < SLICE_LEAST_NS;

    t->urgent = !spent;
    if (spent || now - t->run_start_ns > SLICE_NS)
        t->slice_left_ns = SLICE_NS;
}

static void put_on(struct hart *h, struct thread *t, uint64_t now)
{
    struct hart *here = this_hart();
    struct runq *rq = runq_of(h);

    spin_lock(&rq->lock);
    enqueue_locked(rq, t->urgent ? &rq->urgent : &rq->ready, t, now);
    bool displace = t->urgent && !rq->current_urgent;
    bool kick = idle_clear(h) || displace || !rq->ticking;
    if (displace)
        __atomic_store_n(&h->resched, 1, __ATOMIC_RELAXED);
    if (h == here && !rq->ticking && current_thread() != h->idle) {
        rq->ticking = true;
        timer_request(current_thread()->slice_end_ns);
    }
    spin_unlock(&rq->lock);
    if (kick && h != here)
        hart_kick(h);
}

void runq_put(struct thread *t)
{
    uint64_t now = time_now_ns();

    refill_slice(t, now);
    put_on(choose_hart(t), t, now);
}

bool runq_put_current(struct hart *h, struct thread *t, uint64_t now)
{
    struct runq *rq = runq_of(h);

    spin_lock(&rq->lock);
    bool displaced = h->resched && t->slice_end_ns > now + SLICE_LEAST_NS;
    __atomic_store_n(&h->resched, 0, __ATOMIC_RELAXED);
    bool others = rq->len > 0;
    if (others) {
        if (!displaced) /* slice_left_ns follows from this when it is switched away */
            t->slice_end_ns = now + SLICE_NS;
        __atomic_store_n(&t->state, THREAD_READY, __ATOMIC_RELEASE);
        enqueue_locked(rq, &rq->ready, t, now);
        if (displaced) { /* from the tail to the head */
            list_del(&t->runq_link);
            list_add(&rq->ready, &t->runq_link);
        }
    }
    spin_unlock(&rq->lock);
    return others;
}

static void mark_on_hart(struct thread *t, struct hart *h)
{
    t->hart = h;
    __atomic_store_n(&t->on_hart, 1, __ATOMIC_RELEASE);
}

static struct thread *take_own_locked(struct runq *rq, uint64_t now)
{
    struct thread *t = list_first(&rq->urgent, struct thread, runq_link);
    bool late = !list_empty(&rq->ready) && now - rq->ready_since_ns > READY_PATIENCE_NS;

    rq->current_urgent = t != NULL || late;
    if (!t || late) {
        t = list_first(&rq->ready, struct thread, runq_link);
        rq->ready_since_ns = now;
    }
    if (t)
        dequeue_locked(rq, t);
    return t;
}

/* The first thread on a list that may run elsewhere. */
static struct thread *find_movable_locked(struct list *list)
{
    struct list *pos;

    list_for_each (pos, list) {
        struct thread *t = list_entry(pos, struct thread, runq_link);
        if (!__atomic_load_n(&t->on_hart, __ATOMIC_ACQUIRE))
            return t;
    }
    return NULL;
}

static struct thread *take_from(struct runq *rq)
{
    if (!waiting_on(rq))
        return NULL;
    spin_lock(&rq->lock);
    struct thread *t = find_movable_locked(&rq->urgent);
    if (!t)
        t = find_movable_locked(&rq->ready);
    if (t)
        dequeue_locked(rq, t);
    spin_unlock(&rq->lock);
    return t;
}

static struct thread *steal(const struct hart *h)
{
    for (unsigned i = 1; i < hart_count; i++) {
        struct thread *t = take_from(&runqs[(h->index + i) % hart_count]);
        if (t)
            return t;
    }
    return NULL;
}

struct thread *runq_take(struct hart *h, uint64_t now)
{
    struct runq *rq = runq_of(h);

    spin_lock(&rq->lock);
    __atomic_store_n(&h->resched, 0, __ATOMIC_RELAXED);
    struct thread *t = take_own_locked(rq, now);
    rq->ticking = t && rq->len > 0;
    bool ticking = rq->ticking;
    spin_unlock(&rq->lock);

    if (!t)
        t = steal(h);
    if (!t)
        return NULL;
    idle_clear(h);
    mark_on_hart(t, h);
    if (ticking)
        timer_request(now + t->slice_left_ns);
    return t;
}

bool runq_bypass(struct hart *h, struct thread *t)
{
    struct runq *rq = runq_of(h);

    if (__atomic_load_n(&t->on_hart, __ATOMIC_ACQUIRE))
        return false;
    if (waiting_on(rq) && (h->resched || t->slice_left_ns < SLICE_LEAST_NS))
        return false;
    if (t->slice_left_ns < SLICE_LEAST_NS)
        t->slice_left_ns = SLICE_NS;

    spin_lock(&rq->lock);
    rq->current_urgent = true;
    rq->ticking = rq->len > 0;
    bool ticking = rq->ticking;
    spin_unlock(&rq->lock);
    mark_on_hart(t, h);
    if (ticking)
        timer_request(time_now_ns() + t->slice_left_ns);
    return true;
}

/* Gives the thread that waited longest to a hart whose queue is shorter by two. */
static void give_away(struct hart *h)
{
    struct hart *to = NULL;
    uint32_t least = waiting_on(runq_of(h));

    for (unsigned i = 0; i < hart_count; i++) {
        if (&harts[i] == h || !__atomic_load_n(&runqs[i].active, __ATOMIC_RELAXED))
            continue;
        if (waiting_on(&runqs[i]) + 2 <= least) {
            least = waiting_on(&runqs[i]);
            to = &harts[i];
        }
    }
    struct thread *t = to ? take_from(runq_of(h)) : NULL;
    if (!t)
        return;
    t->urgent = false;
    put_on(to, t, time_now_ns());
}

void runq_tick(struct hart *h, struct thread *current, uint64_t now)
{
    struct runq *rq = runq_of(h);
    bool over = now >= current->slice_end_ns;

    spin_lock(&rq->lock);
    rq->ticking = rq->len > 0;
    bool ticking = rq->ticking;
    if (ticking && over)
        __atomic_store_n(&h->resched, 1, __ATOMIC_RELAXED);
    spin_unlock(&rq->lock);

    if (ticking && over)
        give_away(h);
    else if (ticking)
        timer_request(current->slice_end_ns);
}

static bool has_movable(struct runq *rq)
{
    if (!waiting_on(rq))
        return false;
    spin_lock(&rq->lock);
    bool movable = find_movable_locked(&rq->urgent) || find_movable_locked(&rq->ready);
    spin_unlock(&rq->lock);
    return movable;
}

bool runq_go_idle(struct hart *h)
{
    struct runq *rq = runq_of(h);

    __atomic_store_n(&rq->active, true, __ATOMIC_RELAXED);
    spin_lock(&rq->lock);
    bool empty = rq->len == 0;
    rq->current_urgent = false;
    if (empty)
        __atomic_fetch_or(&idle_mask, 1u << h->index, __ATOMIC_SEQ_CST);
    spin_unlock(&rq->lock);

    /* What was queued elsewhere before our bit could be seen, nobody will kick us for. What cannot
     * be moved now is offered by runq_share() when it can be. */
    for (unsigned i = 0; empty && i < hart_count; i++) {
        if (&runqs[i] != rq && has_movable(&runqs[i]))
            return false;
    }
    return empty;
}

void runq_share(struct hart *h)
{
    uint32_t idle = idle_harts() & ~(1u << h->index);

    if (!idle || !waiting_on(runq_of(h)))
        return;
    struct hart *to = &harts[__builtin_ctz(idle)];
    if (idle_clear(to))
        hart_kick(to);
}
