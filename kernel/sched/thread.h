/*
 * thread.h - a thread: the unit of scheduling, in the kernel and in user mode.
 *
 * Owns its kernel stack, saved registers and wait state. Its process (proc/process.h), if any, is
 * opaque here. The trap frame stands first, so that trap.S finds it at tp.
 *
 * States: RUNNING (on a hart) -> WAITING (by waitq_wait) -> READY (woken) -> RUNNING; EXITED.
 * `on_hart` is true from the switch to a thread until the switch away from it is complete: such a
 * thread may be queued only on the hart that it is on (sched.c).
 */
#ifndef SCHED_THREAD_H
#define SCHED_THREAD_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/riscv/hart.h"
#include "arch/riscv/trapframe.h"
#include "core/refcount.h"
#include "core/spinlock.h"
#include "lib/list.h"
#include "lib/rbtree.h"
#include "mem/pmap.h"

struct process;

enum thread_state { THREAD_NEW, THREAD_READY, THREAD_RUNNING, THREAD_WAITING, THREAD_EXITED };

enum { KSTACK_SIZE = 16384 };

/* What a thread is being woken for; stored by the waker that wins. */
enum wake_reason { WAKE_NONE, WAKE_EVENT, WAKE_TIMEOUT, WAKE_SIGNAL };

struct timeout {
    struct rb_node node;  /* [timeout] */
    uint64_t deadline_ns; /* [timeout] */
    struct hart *hart;    /* [timeout] on whose tree; NULL: not armed */
    void (*fire)(
        struct timeout *t); /* [I] runs with no lock held, interrupts off; must not sleep */
};

struct thread {
    struct trapframe tf;    /* [o] user registers while in the kernel; offset 0 */
    uint64_t kstack_top;    /* [I] offset 288, trap.S loads sp from it */
    uint32_t interrupted;   /* [a] look at signals before user mode; offset 296, trap.S */
    uint32_t frame_written; /* [o] by a system call, beyond its result; offset 300, trap.S */
    struct thread *handoff; /* [o] claimed; gets the hart when this thread leaves it (NULL: none);
                             * offset 304, trap.S */
    uint64_t call_number;   /* [o] of the last system call; offset 312, trap.S */
    struct context ctx;     /* [o] kernel registers while not running; offset 320 */
    struct hart *hart;      /* [o] hart that it runs on or ran on last; offset THREAD_HART */
    struct held_locks held_locks; /* [o] offset THREAD_HELD_LOCKS, for core/spinlock.c */
    uint32_t on_hart;             /* [a] see above */
    uint32_t state;               /* [a] enum thread_state */
    uint32_t wake;                /* [a] enum wake_reason */
    uint32_t wait_flags;          /* [o] WAIT_* of the present sleep */
    struct list runq_link;        /* [runq] */
    struct list wait_link;        /* [the wait queue's lock] */
    struct waitq *waitq;   /* [the wait queue's lock] queue that it is linked on; NULL: none */
    const char *wait_name; /* [o] what it waits for, for ps and ^P */
    struct timeout timer;  /* of the present sleep */

    struct process *proc;  /* [I] NULL: kernel thread */
    struct pmap *pmap;     /* [o] address space to activate */
    struct list proc_link; /* [proc] threads of the process */
    int32_t tid;           /* [I] */
    struct refcount refs;
    char name[24];         /* [I] */
    void (*entry)(void *); /* [I] of a kernel thread */
    void *arg;

    bool fp_used;      /* [o] it has used the unit: fp counts (fork copies it) */
    struct fpstate fp; /* [o] */

    uint64_t run_start_ns;                 /* [o] since when it runs, for accounting */
    uint64_t user_ns, system_ns, stall_ns; /* [o] */
    uint64_t faults, fills;                /* [o] */
    uint64_t slice_end_ns;                 /* [o] while running */
    uint64_t slice_left_ns;                /* [o] or [runq] while not */
    uint32_t urgent; /* [o] or [runq] woken before its slice was used: goes first */

    /* Signals (proc/signal.c) */
    uint64_t sig_pending;    /* [proc] */
    uint64_t sig_mask;       /* [o], read under proc */
    uint64_t sig_saved_mask; /* [o] for sigsuspend: the mask to go back to, if sig_mask_saved */
    bool sig_mask_saved;     /* [o] */
    uint8_t sig_restart;     /* [o] enum signal_restart (proc/signal.h) of an interrupted call */
    int32_t sig_code;        /* [o] si_code of the pending fault signal */
    uint64_t sig_fault;      /* [o] set of signals pending because of a fault of this thread */
    uint64_t syscall_a0;     /* [o] first argument of the interrupted call */
    uint64_t altstack_base, altstack_size; /* [o] */
    uint32_t kill;            /* [a] it must exit: process ended, or exec by another thread */
    uint64_t fault_record[8]; /* [o] struct abi_fault_record of the last failed fault */

    uint64_t stack_canary; /* [I] also at the bottom of the kernel stack */
    struct list all_link;  /* [THREADS] every thread, for ^P and gdb */
    uint32_t nofault;    /* [o] >0: a fault on user memory in the kernel fails at once (uaccess) */
    void *pager_session; /* [o] session it serves (a receiver), for deadlock checks */
    void *waits_for;     /* [session] pager session it waits on, for deadlock checks */
};
_Static_assert(offsetof(struct thread, kstack_top) == 288, "trap.S");
_Static_assert(offsetof(struct thread, interrupted) == 296, "trap.S");
_Static_assert(offsetof(struct thread, frame_written) == 300, "trap.S");
_Static_assert(offsetof(struct thread, handoff) == 304, "trap.S");
_Static_assert(offsetof(struct thread, call_number) == 312, "trap.S");
_Static_assert(offsetof(struct thread, ctx) == 320, "switch.S");
_Static_assert(offsetof(struct thread, hart) == THREAD_HART, "this_hart()");
_Static_assert(offsetof(struct thread, held_locks) == THREAD_HELD_LOCKS, "spinlock.c");

/* Makes a thread with a kernel stack, one reference, state NEW. NULL: out of memory. A kernel
 * thread runs entry(arg) and may return; a user thread's caller sets tf, proc, pmap, and uses
 * `entry` = the function that returns to user mode. */
struct thread *thread_create(const char *name, void (*entry)(void *), void *arg);

/* Makes and starts a kernel thread. 0 or -ENOMEM. */
int thread_start_kernel(const char *name, void (*entry)(void *), void *arg);

void thread_get(struct thread *t);
void thread_put(struct thread *t); /* the last put frees stack and struct */

/* Ends the calling thread (its reference held by the scheduler is given back). No lock held. */
__attribute__((noreturn)) void thread_exit_self(void);

/* Calls fn for every thread, under the list's lock; fn must not sleep. For ps, ^P. */
void thread_for_each(void (*fn)(struct thread *t, void *arg), void *arg);

#endif
