/*
 * internal.h - what the files of sched/ know of each other and nobody else needs.
 */
#ifndef SCHED_INTERNAL_H
#define SCHED_INTERNAL_H

#include "arch/riscv/time.h"
#include "core/spinlock.h"
#include "lib/list.h"
#include "sched/thread.h"

/* A thread may run this long while others wait for its hart; with less than the least left it
 * counts as having used it up. */
#define SLICE_NS       (10 * NS_PER_MS)
#define SLICE_LEAST_NS (SLICE_NS / 8)

/* Threads that are READY for one hart. runq.c */
struct runq {
    struct spinlock lock;    /* RANK_RUNQ */
    struct list urgent;      /* [l] woken with some of their slice left; served first */
    struct list ready;       /* [l] the round robin */
    uint32_t len;            /* [l] threads on both; others peek */
    bool current_urgent;     /* [l] the running thread is not to be displaced by an urgent one */
    bool ticking;            /* [l] the end of the running thread's slice has been timed */
    bool active;             /* [a] the hart schedules */
    uint64_t ready_since_ns; /* [l] since when `ready` waits for its turn */
    struct thread *leaving;  /* [o] from the switch to sched_finish_switch() */
} __attribute__((aligned(64)));

static inline struct runq *runq_of(const struct hart *h)
{
    return h->runq;
}

void runq_boot(void);
/* Queues a READY thread that was asleep or is new, on the hart where it runs soonest. */
void runq_put(struct thread *t);
/* Queues the running thread at the end of the round robin (its slice is over) or at its head.
 * False: nobody else waits here; it goes on. */
bool runq_put_current(struct hart *h, struct thread *t, uint64_t now);
/* Takes the next thread to run on this hart: from its own queue, else from another's. It is marked
 * as being on the hart. NULL: nothing to run. */
struct thread *runq_take(struct hart *h, uint64_t now);
/* Marks a claimed thread, which is on no queue, as being on this hart. False: it is still leaving
 * another, or others have waited here long enough. */
bool runq_bypass(struct hart *h, struct thread *t);
/* Times the running thread's slice if somebody waits; ends it if it is over. */
void runq_tick(struct hart *h, struct thread *current, uint64_t now);
/* Says that this hart is idle: false if there is something to do after all. */
bool runq_go_idle(struct hart *h);
/* Lets an idle hart come and steal if something waits on `h`. */
void runq_share(struct hart *h);

/* thread.c: fills the fields of a zeroed thread that are the same for all, and lists it. Also for
 * the boot threads, which arch made. */
void thread_setup(struct thread *t, const char *name);
/* Panics if the stack of `t` has been overrun. */
void thread_check_stack(const struct thread *t);

/* sched.c: what is left to do of a switch once the new thread runs; its first call. */
void sched_finish_switch(void);

/* fpu.c: saves the registers if they are dirty and turns the unit off for `t`. */
void fpu_leave(struct thread *t);

/* waitq.c: fire() of thread.timer. */
void wait_timed_out(struct timeout *timer);

#endif
