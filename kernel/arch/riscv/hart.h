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
#include <stdint.h>


struct thread;

enum { HART_MAX = 8, HART_COUNTERS = 64 };

struct hart {
    uint32_t index;          /* [I] */
    uint32_t hartid;         /* [I] */
    struct thread *idle;     /* [I] its idle thread */
    struct thread *current;  /* [o] for others to peek at: panic, gdb */
    uint32_t online;         /* [a] */
    uint32_t resched;        /* [a] leave the current thread at the next chance */
    uint64_t idle_ns;        /* [o] time spent in wfi */
    uint64_t counters[HART_COUNTERS]; /* [o] see core/counter.h */
    void *runq;              /* [I] sched/sched.c */
    void *timeouts;          /* [I] sched/timeout.c */
};

extern struct hart harts[HART_MAX];
extern uint32_t hart_count;

static inline struct thread *current_thread(void)
{
    struct thread *t;
    __asm__ volatile("mv %0, tp" : "=r"(t)); /* volatile: tp changes across a switch */
    return t;
}

struct hart *this_hart(void);

/* Makes hart `h` take a software interrupt; it returns from wfi or leaves user mode. */
void hart_kick(struct hart *h);

/* Starts every other hart of the device tree; each enters `entry(hart)` on its idle stack. */
void hart_start_others(void (*entry)(struct hart *h));

/* Stops every other hart for good; for panic. */
void hart_stop_others(void);

#endif
