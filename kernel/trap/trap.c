/*
 * trap.c - what a trap was for: fault or interrupt; and what is left to do before user
 * mode.
 *
 * Owns classification only: each case is handed on with one call. System calls do not come here:
 * trap.S calls syscall/table.c for them, and trap_user_work() if work is pending. Entered from
 * trap.S with interrupts off and the user's registers in t->tf. A fault of the kernel on user
 * memory is mended like the user's own (vm/fault.h) or ends in the fix-up of uaccess.S; any other
 * trap in the kernel is a panic. No lock is held on any way to user mode.
 */
#include "abi/errno.h"
#include "abi/proc.h"
#include "arch/riscv/csr.h"
#include "arch/riscv/hart.h"
#include "arch/riscv/trap.h"
#include "arch/riscv/uaccess.h"
#include "core/log.h"
#include "core/panic.h"
#include "core/spinlock.h"
#include "lib/types.h"
#include "proc/process.h"
#include "proc/signal.h"
#include "sched/sched.h"
#include "vm/fault.h"

enum { ILL_ILLOPC = 1, TRAP_BRKPT = 1, FAULT_PROT = ABI_SEGV_ACCERR };

static unsigned fault_access(uint64_t cause)
{
    switch (cause) {
    case CAUSE_FETCH_PAGE:
    case CAUSE_FETCH_ACCESS:
    case CAUSE_FETCH_MISALIGNED:
        return ABI_ACCESS_EXEC;
    case CAUSE_STORE_PAGE:
    case CAUSE_STORE_ACCESS:
    case CAUSE_STORE_MISALIGNED:
        return ABI_ACCESS_WRITE;
    }
    return ABI_ACCESS_READ;
}

/* A signal for a fault that no memory could mend. */
static void fault_signal(struct thread *t, int sig, int code)
{
    struct abi_fault_record rec = {
        .addr = t->tf.stval,
        .pc = t->tf.sepc,
        .access = fault_access(t->tf.scause),
        .signal = (uint32_t)sig,
    };
    signal_fault(t, sig, code, &rec);
}

static void page_fault(struct thread *t)
{
    struct abi_fault_record rec = {0};
    int code = 0;

    int err = vm_fault(t->proc->as, t->tf.stval, fault_access(t->tf.scause), &rec);
    if (err == 0 && t->tf.scause == CAUSE_FETCH_PAGE)
        __asm__ volatile("fence.i" : : : "memory");
    if (err == 0 || err == -EINTR) /* killed: trap_user_work() sees to it */
        return;
    int sig = vm_fault_signal(err, &code);
    signal_fault(t, sig, code, &rec);
}

static void illegal_instruction(struct thread *t)
{
    if ((t->tf.sstatus & SSTATUS_FS) == SSTATUS_FS_OFF)
        sched_fp_restore(t); /* perhaps it was a floating-point one: once more */
    else
        fault_signal(t, ABI_SIGILL, ILL_ILLOPC);
}

static void user_exception(struct thread *t)
{
    switch (t->tf.scause) {
    case CAUSE_FETCH_PAGE:
    case CAUSE_LOAD_PAGE:
    case CAUSE_STORE_PAGE:
        page_fault(t);
        return;
    case CAUSE_ILLEGAL:
        illegal_instruction(t);
        return;
    case CAUSE_BREAKPOINT:
        fault_signal(t, ABI_SIGTRAP, TRAP_BRKPT);
        return;
    case CAUSE_FETCH_MISALIGNED:
    case CAUSE_LOAD_MISALIGNED:
    case CAUSE_STORE_MISALIGNED:
        fault_signal(t, ABI_SIGBUS, ABI_BUS_ADRALN);
        return;
    case CAUSE_FETCH_ACCESS:
    case CAUSE_LOAD_ACCESS:
    case CAUSE_STORE_ACCESS:
        fault_signal(t, ABI_SIGSEGV, FAULT_PROT);
        return;
    }
    panic("trap from user mode with unknown cause %lx", t->tf.scause);
}

void trap_user_work(struct thread *t)
{
    for (;;) {
        if (__atomic_load_n(&t->interrupted, __ATOMIC_ACQUIRE))
            signal_deliver(t);
        else if (sched_need_resched())
            sched_yield();
        else
            return;
    }
}

/* The time of a fault, as that of a system call, is told apart from the program's only where the
 * thread leaves the hart: reading the clock twice would cost more than many a fault. */
void trap_user(struct thread *t)
{
    if (likely(!(t->tf.scause & CAUSE_INTERRUPT))) {
        user_exception(t);
        return;
    }
    sched_account_user(t);
    sched_serve_interrupts();
    sched_account_system(t);
}

/* --- traps in the kernel --- */

static __noreturn void kernel_trap_panic(const struct trapframe *tf)
{
    static const char names[32][5] = {"zero", "ra", "sp",  "gp",  "tp", "t0", "t1", "t2",
                                      "s0",   "s1", "a0",  "a1",  "a2", "a3", "a4", "a5",
                                      "a6",   "a7", "s2",  "s3",  "s4", "s5", "s6", "s7",
                                      "s8",   "s9", "s10", "s11", "t3", "t4", "t5", "t6"};

    log_print("\ntrap in the kernel: cause %lx at %lx, address %lx, status %lx", tf->scause,
              tf->sepc, tf->stval, tf->sstatus);
    for (int i = 1; i + 2 < 32; i += 3)
        log_print("  %-4s %016lx  %-4s %016lx  %-4s %016lx", names[i], tf->x[i], names[i + 1],
                  tf->x[i + 1], names[i + 2], tf->x[i + 2]);
    log_print("  %-4s %016lx", names[31], tf->x[31]);
    backtrace_print(tf->x[8]);
    panic("trap in the kernel: cause %lx at %lx", tf->scause, tf->sepc);
}

/* True: the faulting instruction may be tried again. */
static bool mend_user_access(const struct trapframe *tf)
{
    if (current_thread()->nofault > 0)
        return false;
    if (tf->scause != CAUSE_LOAD_PAGE && tf->scause != CAUSE_STORE_PAGE)
        return false;
    lock_check_may_sleep();
    return vm_fault_kernel(tf->stval, fault_access(tf->scause)) == 0;
}

void trap_kernel(struct trapframe *tf)
{
    if (tf->scause & CAUSE_INTERRUPT) {
        sched_serve_interrupts();
        return;
    }
    uint64_t fixup = uaccess_fixup(tf->sepc);
    if (!fixup || tf->stval >= USER_END)
        kernel_trap_panic(tf);
    if (!mend_user_access(tf))
        tf->sepc = fixup;
}
