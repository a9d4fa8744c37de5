/*
 * sigframe.c - the frame of a signal handler: onto the user stack and back.
 *
 * The handler is entered with the stack pointer at a struct abi_sigframe (16-byte aligned), a0 the
 * signal, a1 and a2 the addresses of siginfo and context, ra the restorer, which calls sigreturn()
 * with that stack pointer. Of what comes back nothing is trusted: sstatus is never taken from the
 * user, the program counter must be a user address, the mask loses what can't be masked, and
 * fcsr its unknown bits. A context that can't be read, or is wrong, ends the process.
 *
 * Floating-point registers are saved if the thread has used them; a handler that uses them first
 * leaves no trace, since the context then holds zeros.
 */
#include "abi/errno.h"
#include "lib/string.h"
#include "lib/types.h"
#include "proc/internal.h"
#include "proc/signal.h"
#include "sched/sched.h"
#include "vm/uaccess.h"

#define FCSR_BITS 0xfful

static uint64_t stack_for(const struct thread *t, const struct abi_sigaction *sa)
{
    uint64_t sp = t->tf.x[2];
    bool on_it = sp - t->altstack_base < t->altstack_size;

    if ((sa->flags & ABI_SA_ONSTACK) && t->altstack_size && !on_it)
        sp = t->altstack_base + t->altstack_size;
    return ALIGN_DOWN(sp - sizeof(struct abi_sigframe), 16);
}

static void context_save(struct thread *t, uint64_t mask, struct abi_ucontext *uc)
{
    memset(uc, 0, sizeof(*uc));
    uc->pc = t->tf.sepc;
    memcpy(uc->x, &t->tf.x[1], sizeof(uc->x));
    uc->mask = mask;
    if (!t->fp_used)
        return;
    sched_fp_save(t);
    memcpy(uc->f, t->fp.f, sizeof(uc->f));
    uc->fcsr = t->fp.fcsr;
}

int sigframe_push(struct thread *t, const struct abi_sigaction *sa, const struct abi_siginfo *info,
                  uint64_t mask)
{
    struct abi_sigframe frame;
    uint64_t sp = stack_for(t, sa);
    int err;

    frame.info = *info;
    context_save(t, mask, &frame.context);
    err = copy_to_user(sp, &frame, sizeof(frame));
    if (err)
        return err;
    t->tf.sepc = sa->handler;
    t->tf.x[1] = sa->restorer;
    t->tf.x[2] = sp;
    t->tf.x[10] = (uint64_t)info->signo;
    t->tf.x[11] = sp + offsetof(struct abi_sigframe, info);
    t->tf.x[12] = sp + offsetof(struct abi_sigframe, context);
    return 0;
}

static void context_restore(struct thread *t, const struct abi_ucontext *uc)
{
    struct process *p = t->proc;

    t->frame_written = 1;
    t->tf.sepc = uc->pc;
    memcpy(&t->tf.x[1], uc->x, sizeof(uc->x));
    if (t->fp_used) {
        memcpy(t->fp.f, uc->f, sizeof(uc->f));
        t->fp.fcsr = uc->fcsr & FCSR_BITS;
        sched_fp_reload(t);
    }
    spin_lock(&p->lock);
    t->sig_mask = uc->mask & SIGNAL_ALL & ~SIGNAL_UNMASKABLE;
    signal_update_locked(p, t);
    spin_unlock(&p->lock);
}

long signal_return(void)
{
    struct thread *t = current_thread();
    uint64_t sp = t->tf.x[2];
    struct abi_ucontext uc;
    int err = -EFAULT;

    if (IS_ALIGNED(sp, 16))
        err = copy_from_user(&uc, sp + offsetof(struct abi_sigframe, context), sizeof(uc));
    if (err || uc.pc >= USER_END) {
        signal_fault(t, ABI_SIGSEGV, ABI_SEGV_ACCERR, NULL);
        return -EFAULT;
    }
    context_restore(t, &uc);
    return (long)t->tf.x[10];
}
