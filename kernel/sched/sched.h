/*
 * sched.h - which thread runs on which hart, and when.
 *
 * One run queue per hart, round robin with a slice of 10 ms; idle harts steal. A thread leaves its
 * hart by sleeping, at preempt_point(), or on the way back to user mode when its slice is over
 * or somebody more urgent was woken. Switching to another address space activates its pmap. The
 * timer is programmed only for timeouts and while somebody waits for the hart. docs/sched.md tells
 * the rules; lock: RANK_RUNQ, one per hart, never two at once.
 *
 * The trap code does, for an interrupt from user mode:
 *     sched_serve_interrupts();
 * and last, for every return to user mode:
 *     while (sched_need_resched()) sched_yield();
 */
#ifndef SCHED_SCHED_H
#define SCHED_SCHED_H

#include <stdbool.h>

#include "sched/thread.h"

/* Boot hart, before secondary harts start: run queues and an idle thread for each hart
 * (harts[i].idle; one that is already set is kept). The caller goes on as the boot hart's idle
 * thread. */
void sched_init(void);
__attribute__((noreturn)) void sched_idle_loop(struct hart *h); /* each hart's last call at boot */

/* Makes a NEW thread ready. */
void sched_start(struct thread *t);

/* Wakes `t` if it is WAITING, for `reason`; says whether this call did it. Any lock below
 * RANK_RUNQ may be held. The caller keeps `t` from being freed. */
bool sched_wake(struct thread *t, enum wake_reason reason);

/*
 * sched_wake() in two halves, for a direct hand-over: sched_claim() makes a WAITING thread READY
 * without queueing it (false: somebody else was first); whoever claimed it must pass it to one of
 * sched_ready() (queue it), sched_ready_next(), sched_switch_to() or waitq_wait_to().
 */
bool sched_claim(struct thread *t, enum wake_reason reason);
void sched_ready(struct thread *t);
/* Queues a claimed thread for which the caller is about to wait: when the caller sleeps next, `t`
 * gets its hart directly; if it goes back to user mode or yields instead, `t` is queued then. One
 * at a time: a second one is queued at once. */
void sched_ready_next(struct thread *t);

/* Gives the hart away; the caller has set its state (sleep) or was queued. No spinlock held. */
void sched_switch(void);
/* Lets others run: at the end of the queue, or at its head with the rest of the slice if somebody
 * urgent asked. No spinlock held. */
void sched_yield(void);

/* As sched_switch(), but runs the claimed `t` at once, on this hart and past the run queue: the
 * direct hand-over between faulter and pager. Where that cannot be (`t` is still leaving another
 * hart) it is queued and this is a sched_switch(). */
void sched_switch_to(struct thread *t);

/* Lets others run if the slice is over or an interrupt is pending. No spinlock may be held. For
 * long loops in the kernel. */
void preempt_point(void);

/* Serves what is pending of software, timer and device interrupts, without a trap. Trap code calls
 * it for an interrupt from user mode. No lock may be held. */
void sched_serve_interrupts(void);
/* The function that serves device interrupts, handed down by dev/irq.c. */
void sched_set_device_interrupts(void (*serve)(void));

/* True when the current thread should let others run before it goes back to user mode. */
bool sched_need_resched(void);
/* Fires timeouts, ends the slice, programs the timer: part of sched_serve_interrupts(). */
void sched_tick(void);

/* Makes `pm` the calling thread's address space (exec; exit: &kernel_pmap). */
void sched_set_pmap(struct pmap *pm);

/*
 * The floating-point unit of user threads. It is off (sstatus.FS in the trap frame) until first
 * use; the illegal-instruction trap with FS off calls sched_fp_restore() and tries again. A switch
 * away saves the registers if they are dirty and turns the unit off again.
 */
void sched_fp_restore(struct thread *t); /* t is the current thread */
/* Makes t->fp current (for fork, signal frames); t is the current thread or not running. */
void sched_fp_save(struct thread *t);
/* Says that t->fp was rewritten (or zeroed, for exec): the registers are stale. Current thread. */
void sched_fp_reload(struct thread *t);

/* Time stamps at the border of user mode, if the trap code cares to call them: without, all of a
 * thread's time is system_ns. */
void sched_account_user(struct thread *t);   /* just came from user mode */
void sched_account_system(struct thread *t); /* about to go to user mode */

#endif
