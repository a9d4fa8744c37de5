/*
 * trapframe.h - what trap.S saves, and where.
 *
 * A trap from user mode saves into the frame at the start of struct thread; a trap from the kernel
 * (a fault in uaccess, an interrupt while idle) into one on the kernel stack. Offsets are
 * used by trap.S: TF_X(n) = 8 * n, the rest as asserted here.
 */
#ifndef ARCH_TRAPFRAME_H
#define ARCH_TRAPFRAME_H

#include <stddef.h>
#include <stdint.h>

struct trapframe {
    uint64_t x[32]; /* x[0] unused; x[10] to x[17] are a0 to a7 */
    uint64_t sepc;
    uint64_t sstatus;
    uint64_t scause;
    uint64_t stval;
};

/* The arguments of a system call: a0 to a5, in place in the frame. */
struct sysargs {
    uint64_t v[6];
};

static inline const struct sysargs *trapframe_sysargs(const struct trapframe *tf)
{
    return (const struct sysargs *)&tf->x[10];
}

_Static_assert(offsetof(struct trapframe, sepc) == 256, "trap.S");
_Static_assert(offsetof(struct trapframe, stval) == 280, "trap.S");
_Static_assert(sizeof(struct trapframe) == 288, "trap.S");

/* Floating-point registers of a thread, saved only if it used them (sstatus.FS dirty). */
struct fpstate {
    uint64_t f[32];
    uint64_t fcsr;
};

/* What a switch between kernel threads keeps: callee-saved registers (switch.S). */
struct context {
    uint64_t ra;
    uint64_t sp;
    uint64_t s[12];
};
_Static_assert(sizeof(struct context) == 112, "switch.S");

#endif
