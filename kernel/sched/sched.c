/*
 * sched.c - changing threads: the switch, waking, yielding, idling, interrupts without a trap.
 *
 * Owns the states of a thread and the switch between two. Who is next is runq.c's business, who
 * sleeps on what waitq.c's. Everything here runs with interrupts off, so a hart is never torn away
 * from the middle; other harts act on a thread only through its atomic `state` and the run queues.
 *
 *      sched_start        claim + put            take             on_hart
 *  NEW ----------> READY <------------ WAITING
 *                   |  ^                  ^
 *              take |  | yield            | wait_begin (waitq.c)
 *                   v  |                  |
 *                  RUNNING ---------------+----> EXITED
 *
 * A switch has two halves. The first half runs as the old thread: choose, change the address space,
 * save the registers. The second, sched_finish_switch(), runs as the new thread on its own stack:
 * only now the old one is completely off the hart (on_hart = 0, other harts may take it), and if it
 * has exited, its stack may be freed.
 */
#include "sched/sched.h"

#include "arch/riscv/csr.h"
#include "arch/riscv/hart.h"
#include "arch/riscv/switch.h"
#include "arch/riscv/time.h"
#include "core/counter.h"
#include "core/panic.h"
#include "core/spinlock.h"
#include "lib/assert.h"
#include "sched/internal.h"
#include "sched/timeout.h"
#include "sched/waitq.h"

static void (*serve_devices)(void);

/* mem/: zeroes one free frame ahead of need; false: nothing to do. Link symbol, may be absent. */
__attribute__((weak)) bool page_idle_zero(void);

static struct thread *make_idle(unsigned i)
{
    static const char names[HART_MAX][8] = {"idle/0", "idle/1", "idle/2", "idle/3",
                                            "idle/4", "idle/5", "idle/6", "idle/7"};
    struct thread *t = harts[i].idle;

    if (t)
        thread_setup(t, names[i]);
    else
        t = thread_create(names[i], NULL, NULL);
    if (!t)
        panic("no memory for the idle thread of hart %u", i);
    t->hart = &harts[i];
    t->on_hart = 1;
    t->state = THREAD_RUNNING;
    return t;
}

void sched_init(void)
{
    runq_boot();
    timeout_boot();
    if (!harts[0].idle)
        harts[0].idle = current_thread();
    for (unsigned i = 0; i < hart_count; i++)
        harts[i].idle = make_idle(i);
}

/* --- the switch --- */

static void account_leave(struct thread *t, uint64_t now)
{
    t->system_ns += now - t->run_start_ns;
    t->run_start_ns = now;
    t->slice_left_ns = t->slice_end_ns > now ? t->slice_end_ns - now : 0;
}

static void account_enter(struct thread *t, uint64_t now)
{
    t->run_start_ns = now;
    t->slice_end_ns = now + t->slice_left_ns;
}

void sched_account_user(struct thread *t)
{
    uint64_t now = time_now_ns();
    t->user_ns += now - t->run_start_ns;
    t->run_start_ns = now;
}

void sched_account_system(struct thread *t)
{
    uint64_t now = time_now_ns();
    t->system_ns += now - t->run_start_ns;
    t->run_start_ns = now;
}

void sched_finish_switch(void)
{
    struct hart *h = this_hart();
    struct thread *left = runq_of(h)->leaving;
    bool exited = __atomic_load_n(&left->state, __ATOMIC_ACQUIRE) == THREAD_EXITED;

    /* Everything the old thread did, its saved registers too, before others may take it. */
    __atomic_store_n(&left->on_hart, 0, __ATOMIC_RELEASE);
    if (exited)
        thread_put(left);
    runq_share(h);
}

/* From prev (which is WAITING, READY on a queue, EXITED or the idle thread) to next (taken). */
static void switch_threads(struct thread *prev, struct thread *next, uint64_t now)
{
    struct hart *h = next->hart;

    account_enter(next, now);
    __atomic_store_n(&next->state, THREAD_RUNNING, __ATOMIC_RELAXED);
    if (next == prev)
        return;
    thread_check_stack(prev);
    fpu_leave(prev);
    if (next->pmap != prev->pmap) {
        pmap_activate(next->pmap);
        pmap_deactivate(prev->pmap);
    }
    counter_inc(COUNTER_switches);
    runq_of(h)->leaving = prev;
    h->current = next;
    context_switch(prev, next);
    sched_finish_switch();
}

static struct thread *take_handoff(struct thread *t)
{
    struct thread *to = t->handoff;
    t->handoff = NULL;
    return to;
}

/* To whom the run queue gives the hart. */
static void switch_to_queued(struct thread *prev)
{
    struct hart *h = prev->hart;
    uint64_t now = time_now_ns();

    account_leave(prev, now);
    struct thread *next = runq_take(h, now);
    if (!next) {
        next = h->idle;
        __atomic_store_n(&next->on_hart, 1, __ATOMIC_RELEASE);
    }
    switch_threads(prev, next, now);
}

void sched_switch(void)
{
    struct thread *t = current_thread();

    if (t->handoff) {
        sched_switch_to(take_handoff(t));
        return;
    }
    lock_check_may_sleep();
    switch_to_queued(t);
}

void sched_switch_to(struct thread *t)
{
    struct thread *prev = current_thread();

    lock_check_may_sleep();
    ASSERT(t != prev);
    if (prev->handoff)
        runq_put(take_handoff(prev));
    if (!runq_bypass(prev->hart, t)) {
        runq_put(t);
        switch_to_queued(prev);
        return;
    }
    uint64_t now = time_now_ns();
    account_leave(prev, now);
    switch_threads(prev, t, now);
}

void sched_yield(void)
{
    struct thread *t = current_thread();

    lock_check_may_sleep();
    if (t == t->hart->idle)
        return;
    if (t->handoff) {
        runq_put(take_handoff(t));
        if (!sched_need_resched())
            return;
    }
    uint64_t now = time_now_ns();
    if (runq_put_current(t->hart, t, now))
        sched_switch();
    else if (now >= t->slice_end_ns)
        t->slice_end_ns = now + SLICE_NS;
}

/* --- starting and waking --- */

void sched_start(struct thread *t)
{
    ASSERT(t->state == THREAD_NEW);
    t->hart = this_hart();
    __atomic_store_n(&t->state, THREAD_READY, __ATOMIC_RELEASE);
    runq_put(t);
}

bool sched_claim(struct thread *t, enum wake_reason reason)
{
    uint32_t waiting = THREAD_WAITING;

    /* With wait_begin(): what the caller stored before (a condition, thread.interrupted) is seen by
     * a sleeper that becomes WAITING after our look. */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (__atomic_load_n(&t->state, __ATOMIC_ACQUIRE) != THREAD_WAITING)
        return false;
    if (reason == WAKE_SIGNAL &&
        (t->wait_flags == WAIT_UNINTR ||
         (t->wait_flags == WAIT_KILL && !__atomic_load_n(&t->kill, __ATOMIC_RELAXED))))
        return false;
    if (!__atomic_compare_exchange_n(&t->state, &waiting, THREAD_READY, false, __ATOMIC_ACQ_REL,
                                     __ATOMIC_RELAXED))
        return false;
    /* It is ours until we queue it: it cannot run, so it cannot read this too early. */
    t->wake = reason;
    return true;
}

void sched_ready(struct thread *t)
{
    runq_put(t);
}

void sched_ready_next(struct thread *t)
{
    struct thread *me = current_thread();

    if (me->handoff || me == me->hart->idle)
        runq_put(t);
    else
        me->handoff = t;
}

bool sched_wake(struct thread *t, enum wake_reason reason)
{
    if (!sched_claim(t, reason))
        return false;
    runq_put(t);
    return true;
}

/* --- interrupts and idling --- */

bool sched_need_resched(void)
{
    const struct thread *t = current_thread();
    return __atomic_load_n(&t->hart->resched, __ATOMIC_RELAXED) || t->handoff;
}

void sched_tick(void)
{
    struct thread *t = current_thread();

    timeout_run();
    if (t != t->hart->idle)
        runq_tick(t->hart, t, time_now_ns());
}

void sched_set_device_interrupts(void (*serve)(void))
{
    serve_devices = serve;
}

void sched_serve_interrupts(void)
{
    uint64_t pending = CSR_READ(sip) & CSR_READ(sie);

    if (!pending)
        return;
    counter_inc(COUNTER_interrupts);
    if (pending & SIE_SSIE) /* before the look at what it was sent for */
        CSR_CLEAR(sip, SIE_SSIE);
    if (hart_stopping()) /* a panic elsewhere */
        hart_stop_self();
    if (pending & (SIE_SSIE | SIE_STIE))
        sched_tick();
    if ((pending & SIE_SEIE) && serve_devices)
        serve_devices();
}

void preempt_point(void)
{
    lock_check_may_sleep();
    sched_serve_interrupts();
    if (sched_need_resched())
        sched_yield();
}

void sched_set_pmap(struct pmap *pm)
{
    struct thread *t = current_thread();
    struct pmap *old = t->pmap;

    if (pm == old)
        return;
    t->pmap = pm;
    pmap_activate(pm);
    pmap_deactivate(old);
}

/* Waits for an interrupt. With sstatus.SIE clear, wfi still ends when one is pending; it is then
 * served by the loop, as a plain call. */
static void idle_wait(struct hart *h)
{
    if (!runq_go_idle(h))
        return;
    uint64_t start = time_now_ns(), retired = CSR_READ(instret);
    cpu_wait();
    counter_add(COUNTER_idle_instret, CSR_READ(instret) - retired);
    h->idle_ns += time_now_ns() - start;
}

void sched_idle_loop(struct hart *h)
{
    ASSERT(current_thread() == h->idle);
    h->current = h->idle;
    for (;;) {
        sched_serve_interrupts();
        struct thread *next = runq_take(h, time_now_ns());
        if (next)
            switch_threads(h->idle, next, time_now_ns());
        else if (!page_idle_zero || !page_idle_zero())
            idle_wait(h);
    }
}
