/*
 * timeout.h - calls at a time: one tree per hart, fired from the timer interrupt (or when a hart
 * enters the kernel late). struct timeout is in thread.h.
 */
#ifndef SCHED_TIMEOUT_H
#define SCHED_TIMEOUT_H

#include <stdbool.h>

#include "sched/thread.h"

void timeout_init(struct timeout *t, void (*fire)(struct timeout *t));
/* Arms `t` on this hart for `deadline_ns`; an armed one is moved. */
void timeout_set(struct timeout *t, uint64_t deadline_ns);
/* Disarms. Returns true if it had not fired; when false, fire() has returned or is not running
 * on another hart any more once this returns. */
bool timeout_cancel(struct timeout *t);
/* Fires what is due on this hart and asks for the next timer interrupt. */
void timeout_run(void);

#endif
