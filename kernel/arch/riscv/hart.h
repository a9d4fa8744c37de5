/*
 * hart.h - one hardware thread: what it runs, its counters, and how to reach it.
 *
 * harts[0..hart_count) are the ones that came up, index 0 the boot hart; `index` is ours, `hartid`
 * the firmware's. tp holds the current thread while in the kernel; this_hart() goes through it
 * and stays right until the next sleep or preempt_point().
 */
#ifndef ARCH_HART_H
#define ARCH_HART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct thread;

enum { HART_MAX = 8, HART_COUNTERS = 64 };
enum { THREAD_HART = 432 }; /* offset of thread->hart, asserted in sched/thread.h */

struct hart {
    uint32_t index;                   /* [I] */
    uint32_t hartid;                  /* [I] */
    struct thread *idle;              /* [I] its idle thread */
    struct thread *current;           /* [o] for others to peek at: panic, gdb */
    uint32_t online;                  /* [a] */
    uint32_t resched;                 /* [a] leave the current thread at the next chance */
    uint64_t idle_ns;                 /* [o] time spent in wfi */
    uint64_t counters[HART_COUNTERS]; /* [o] see core/counter.h */
    void *runq;                       /* [I] sched/sched.c */
    void *timeouts;                   /* [I] sched/timeout.c */
};

_Static_assert(offsetof(struct hart, idle) == 8, "boot.S");
_Static_assert(offsetof(struct hart, hartid) == 4, "boot.S");
_Static_assert(sizeof(struct hart) == 568, "boot.S");
_Static_assert(offsetof(struct hart, resched) == 28, "trap.S");

extern struct hart harts[HART_MAX];
extern uint32_t hart_count;

static inline struct thread *current_thread(void)
{
    struct thread *t;
    __asm__ volatile("mv %0, tp" : "=r"(t)); /* volatile: tp changes across a switch */
    return t;
}

static inline struct hart *this_hart(void)
{
    return *(struct hart **)((char *)current_thread() + THREAD_HART);
}

/* Boot hart, after board_init(): fills harts[] from the board; `boot` is its idle thread. */
void hart_init(struct thread *boot);

/* Makes hart `h` take a software interrupt; it returns from wfi or leaves user mode. */
void hart_kick(struct hart *h);

/* Starts every other hart of the device tree; each enters `entry(hart)` on the stack of its idle
 * thread, which is its current one. Waits until each has set `online`. */
void hart_start_others(void (*entry)(struct hart *h));

/* For panic: tells every other hart to stop for good. A hart obeys where it looks: at its next
 * interrupt, trap or spin on a lock. */
void hart_stop_others(void);
bool hart_stopping(void);
__attribute__((noreturn)) void hart_stop_self(void);

#endif
