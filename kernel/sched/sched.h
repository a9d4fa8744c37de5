/*
 * sched.h - which thread runs on which hart, and when.
 *
 * One run queue per hart, round robin with a slice of 10 ms; idle harts steal. A thread leaves its
 * hart by sleeping, at preempt_point(), or on the way back to user mode when its slice is over
 * or somebody more urgent was woken. Switching to another address space activates its pmap.
 */
#ifndef SCHED_SCHED_H
#define SCHED_SCHED_H

#include <stdbool.h>

#include "sched/thread.h"

void sched_init(void);                        /* boot hart */
__attribute__((noreturn)) void sched_idle_loop(struct hart *h); /* each hart's last call at boot */

/* Makes a NEW thread ready. */
void sched_start(struct thread *t);

/* Wakes `t` if it is WAITING, for `reason`; says whether this call did it. Any lock below
 * RANK_TIMEOUT may be held. */
bool sched_wake(struct thread *t, enum wake_reason reason);

/* Gives the hart away; the caller has set its state (sleep) or stays ready (yield). No spinlock. */
void sched_switch(void);
void sched_yield(void);

/* As sched_wake(), but if `t` may run here, runs it at once in place of the caller, who goes WAITING as
 * prepared: the direct hand-over between faulter and pager. Falls back to sched_wake + switch. */
void sched_switch_to(struct thread *t);

/* Lets others run if the slice is over or an interrupt is pending. No lock may be held. For long
 * loops in the kernel. */
void preempt_point(void);

/* Called on the way back to user mode and by timer interrupts. */
bool sched_need_resched(void);
void sched_tick(void);

/* FP unit: called by the trap code before returning to a user thread / at first use. */
void sched_fp_restore(struct thread *t);

#endif
