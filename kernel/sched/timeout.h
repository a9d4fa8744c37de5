/*
 * timeout.h - calls at a time: one tree per hart, fired from the timer interrupt (or when a hart
 * enters the kernel late). struct timeout is in thread.h. Lock: RANK_TIMEOUT, one per hart; fire()
 * runs without it.
 */
#ifndef SCHED_TIMEOUT_H
#define SCHED_TIMEOUT_H

#include <stdbool.h>

#include "sched/thread.h"

void timeout_init(struct timeout *t, void (*fire)(struct timeout *t));

/* Arms `t` on this hart for `deadline_ns` (TIME_NEVER: it only disarms); an armed one is moved.
 * Calls on one timeout must not race each other, but may race fire(), which may re-arm. */
void timeout_set(struct timeout *t, uint64_t deadline_ns);

/* Disarms, and waits for a fire() running on another hart to return, so hold no lock that fire()
 * takes. True: it had not fired. After the return it is neither armed nor running (except in the
 * fire() that calls this) and `t` may be freed. */
bool timeout_cancel(struct timeout *t);

/* As timeout_cancel() but never waits: false also when fire() may be running now. For callers that
 * hold a lock which fire() takes. */
bool timeout_try_cancel(struct timeout *t);

/* Fires what is due on this hart and asks for the next timer interrupt. */
void timeout_run(void);

/* For sched.c. timeout_boot(): prepares the trees, once. timer_request(): asks for a timer
 * interrupt on this hart no later than `ns`; kept until the next timeout_run(). */
void timeout_boot(void);
void timer_request(uint64_t ns);

#endif
