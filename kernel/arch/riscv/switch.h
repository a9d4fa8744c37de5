/*
 * switch.h - the two pieces of assembly under the scheduler: changing threads, and moving the
 * floating-point registers (switch.S).
 *
 * Both take plain pointers into struct thread, which is two floors up: context_switch() finds the
 * saved registers at offset 320 (asserted in sched/thread.h).
 */
#ifndef ARCH_SWITCH_H
#define ARCH_SWITCH_H

#include "arch/riscv/trapframe.h"

struct thread;

/* Saves ra, sp and s0 to s11 in from->ctx, makes `to` the current thread (tp), loads the same
 * registers from to->ctx and returns there: to a new thread's first function by ctx.ra. */
void context_switch(struct thread *from, struct thread *to);

/* Store and load f0 to f31 and fcsr. Both first turn the unit on (sstatus.FS); the value that user
 * mode gets back is the trap frame's. */
void fp_save(struct fpstate *fp);
void fp_load(const struct fpstate *fp);

#endif
