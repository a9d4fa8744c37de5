/*
 * trap.h - the border between user mode and the kernel (trap.S), and what it calls.
 */
#ifndef ARCH_TRAP_H
#define ARCH_TRAP_H

#include "arch/riscv/trapframe.h"

struct thread;

/* Prepares this hart to take traps; tp is its idle thread. */
void trap_init_hart(void);

/* Goes to user mode with the registers in the frame of the current thread. Also the last step of a
 * new user thread. Acts first on signals and on the need to reschedule (trap/trap.c). */
__attribute__((noreturn)) void trap_return(void);

/* sstatus of a thread about to see user mode for the first time: interrupts on, FP unit off. */
#define TRAP_SSTATUS_USER 0x20ul

/* Called by trap.S; in trap/trap.c. */
void trap_user(struct thread *t); /* anything but a system call */
void trap_syscall(struct thread *t);
void trap_kernel(struct trapframe *tf);
void trap_user_work(struct thread *t); /* before every return to user mode, if work is pending */

#endif
