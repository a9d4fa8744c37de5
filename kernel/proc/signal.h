/*
 * signal.h - signals: sending, default actions, handlers, stops.
 *
 * Pending sets stand in the process and in each thread; a thread looks at them on its way back to
 * user mode (thread->interrupted) and in interruptible sleeps. Lock: RANK_PROC.
 */
#ifndef PROC_SIGNAL_H
#define PROC_SIGNAL_H

#include <stdint.h>

#include "abi/proc.h"
#include "sched/thread.h"

struct process;

/* Sends `sig` (0: only checks) to one process / to all of a group. 0, -ESRCH, -EINVAL. Any lock
 * below RANK_PROC_TREE may be held. */
int signal_send(struct process *p, int sig, int32_t sender);
int signal_send_group(int32_t pgid, int sig, int32_t sender);

/* A fault of the calling thread that the kernel can't mend: delivers `sig` to this very thread; if
 * it is blocked or ignored, the process is killed. */
void signal_fault(struct thread *t, int sig, int code, const struct abi_fault_record *rec);

/* On the way to user mode with t->interrupted set: acts on pending signals; may not return. */
void signal_deliver(struct thread *t);

/* sigaction() and its kin: see syscall/sys_proc.c. */
long signal_action(int sig, const struct abi_sigaction *act, struct abi_sigaction *old);
long signal_mask(int how, const uint64_t *set, uint64_t *old);
long signal_return(void);
long signal_suspend(uint64_t mask);

#endif
