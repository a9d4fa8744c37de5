/*
 * signal.h - signals: sending, default actions, handlers, stops.
 *
 * Pending sets stand in the process and in each thread; a thread looks at them on its way back to
 * user mode (thread->interrupted) and in interruptible sleeps. Lock: RANK_PROC.
 *
 * A signal that would be ignored is dropped when sent. SIGKILL acts when sent: every thread is told
 * to leave. All others act when a thread of the process comes by signal_deliver().
 */
#ifndef PROC_SIGNAL_H
#define PROC_SIGNAL_H

#include <stdint.h>

#include "abi/proc.h"
#include "sched/thread.h"

struct process;

/* What becomes of a system call that ended with -EINTR (thread->sig_restart). */
enum signal_restart {
    SIGNAL_RESTART_NONE = 0,  /* the trap was no interrupted call */
    SIGNAL_RESTART_QUIET = 1, /* started again only if no handler runs */
    SIGNAL_RESTART_SA = 2,    /* also if the handler has SA_RESTART */
};

/* Sends `sig` (0: only checks) to one process / to all of a group. 0, -ESRCH, -EINVAL. Any lock
 * below RANK_PROC may be held for the first, below RANK_PROC_TREE for the others. */
int signal_send(struct process *p, int sig, int32_t sender);
int signal_send_group(int32_t pgid, int sig, int32_t sender);
/* kill() with its four meanings of pid. */
long signal_kill(int32_t pid, int sig);
/* The console's hook: ^C. */
void signal_console(int64_t pgrp, int sig);

/* A fault of the calling thread that the kernel can't mend: delivers `sig` to this very thread; if
 * it is blocked or ignored, the process is killed. Takes effect in signal_deliver(). */
void signal_fault(struct thread *t, int sig, int code, const struct abi_fault_record *rec);

/* On the way to user mode with t->interrupted set: acts on pending signals; may not return. */
void signal_deliver(struct thread *t);

/* trap.S: the call `number` ended with -EINTR; a0 still holds its first argument. */
void signal_call_interrupted(struct thread *t, unsigned number);

/* sigaction() and its kin: see syscall/sys_proc.c. Kernel pointers. */
long signal_action(int sig, const struct abi_sigaction *act, struct abi_sigaction *old);
long signal_mask(int how, const uint64_t *set, uint64_t *old);
uint64_t signal_pending(void);
long signal_suspend(uint64_t mask);
long signal_altstack(const struct abi_stack *ss, struct abi_stack *old);
/* alarm(): nanoseconds left of the one before. */
long signal_alarm(uint64_t ns);

/* sigreturn(): the context at the stack pointer becomes the frame. The value for a0. */
long signal_return(void);

#endif
