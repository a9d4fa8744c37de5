/*
 * sigdeliver.c - a thread on its way to user mode acts on its signals.
 *
 * The loop takes one thing at a time until nothing is left: being told to leave, a stop, a signal
 * (this thread's own faults first, so that the handler's frame shows the faulting instruction).
 * A signal with a handler changes the frame, so that user mode goes on in the handler; the next
 * one nests on top. Locks: p->lock to decide, none to act.
 *
 * An interrupted system call (-EINTR) is started again, by moving the program counter back to the
 * ecall and a0 to what it was, if no handler runs; or if the handler has SA_RESTART and the call is
 * not one of those that POSIX excludes.
 */
#include "abi/errno.h"
#include "abi/syscall.h"
#include "core/counter.h"
#include "lib/string.h"
#include "proc/internal.h"
#include "proc/signal.h"
#include "sched/sched.h"

/* --- interrupted calls --- */

static enum signal_restart restart_class(unsigned number)
{
    switch (number) {
    case SYS_sigreturn: /* what it returns is the interrupted program's a0 */
    case SYS_execve:
        return SIGNAL_RESTART_NONE;
    case SYS_nanosleep:
    case SYS_poll:
    case SYS_sigsuspend:
    case SYS_futex:
    case SYS_channel_call:
        return SIGNAL_RESTART_QUIET;
    default:
        return SIGNAL_RESTART_SA;
    }
}

void signal_call_interrupted(struct thread *t, unsigned number)
{
    t->sig_restart = (uint8_t)restart_class(number);
    t->syscall_a0 = t->tf.x[10];
    /* Another thread may have taken the signal: then this one has only to restart. */
    __atomic_store_n(&t->interrupted, 1, __ATOMIC_RELAXED);
}

static void settle_restart(struct thread *t, bool handler, uint32_t flags)
{
    bool again = !handler || (t->sig_restart == SIGNAL_RESTART_SA && (flags & ABI_SA_RESTART));

    if (t->sig_restart != SIGNAL_RESTART_NONE && again) {
        t->tf.sepc -= 4;
        t->tf.x[10] = t->syscall_a0;
    }
    t->sig_restart = SIGNAL_RESTART_NONE;
}

/* --- faults --- */

void signal_fault(struct thread *t, int sig, int code, const struct abi_fault_record *rec)
{
    struct process *p = t->proc;
    struct abi_fault_record own = {.addr = t->tf.sepc, .pc = t->tf.sepc};

    if (rec)
        own = *rec;
    own.signal = (uint32_t)sig;
    memcpy(t->fault_record, &own, sizeof(own));
    t->sig_code = code;
    spin_lock(&p->lock);
    if ((t->sig_mask & SIGNAL_BIT(sig)) || p->actions[sig].handler == ABI_SIG_IGN) {
        p->actions[sig].handler = ABI_SIG_DFL;
        t->sig_mask &= ~SIGNAL_BIT(sig);
    }
    t->sig_pending |= SIGNAL_BIT(sig);
    t->sig_fault |= SIGNAL_BIT(sig);
    signal_update_locked(p, t);
    spin_unlock(&p->lock);
}
_Static_assert(sizeof(struct abi_fault_record) == sizeof(((struct thread *)0)->fault_record),
               "a thread has room for one record");

/* --- delivery --- */

struct delivery {
    int sig; /* 0: nothing */
    bool fault;
    uint64_t mask; /* to go back to after the handler */
    struct abi_sigaction action;
    struct abi_siginfo info;
};

static int lowest(uint64_t set)
{
    return set ? __builtin_ctzl(set) : 0;
}

static int choose_locked(const struct process *p, const struct thread *t)
{
    uint64_t own = t->sig_pending & ~t->sig_mask;

    if (own & t->sig_fault)
        return lowest(own & t->sig_fault);
    return own ? lowest(own) : lowest(p->sig_pending & ~t->sig_mask);
}

static void take_locked(struct process *p, struct thread *t, struct delivery *d)
{
    int sig = choose_locked(p, t);
    uint64_t bit = SIGNAL_BIT(sig);

    memset(d, 0, sizeof(*d));
    d->sig = sig;
    if (!sig)
        return;
    d->info.signo = sig;
    if (t->sig_fault & bit) {
        d->fault = true;
        memcpy(&d->info.fault, t->fault_record, sizeof(d->info.fault));
        d->info.code = t->sig_code;
        d->info.addr = d->info.fault.addr;
        d->info.error = -d->info.fault.code;
    } else if (!(t->sig_pending & bit)) {
        d->info.pid = p->sig_sender;
    }
    if (t->sig_pending & bit)
        t->sig_pending &= ~bit;
    else
        p->sig_pending &= ~bit;
    t->sig_fault &= ~bit;
    d->action = p->actions[sig];
}

static bool has_handler(const struct delivery *d)
{
    return d->action.handler != ABI_SIG_DFL && d->action.handler != ABI_SIG_IGN;
}

/* The mask while the handler runs, and the one after. */
static void enter_handler_locked(struct process *p, struct thread *t, struct delivery *d)
{
    uint64_t before = t->sig_mask;

    d->mask = t->sig_mask_saved ? t->sig_saved_mask : before;
    t->sig_mask_saved = false;
    t->sig_mask |= d->action.mask;
    if (!(d->action.flags & ABI_SA_NODEFER))
        t->sig_mask |= SIGNAL_BIT(d->sig);
    signal_offer_locked(p, p->sig_pending & t->sig_mask & ~before, t);
    if (d->action.flags & ABI_SA_RESETHAND)
        p->actions[d->sig].handler = ABI_SIG_DFL;
}

static int killed_status(const struct delivery *d)
{
    return d->sig | (d->fault ? (d->info.error & 0x7fff) << 16 : 0);
}

static void stop_locked(struct process *p)
{
    struct list *pos;

    p->stopped = true;
    list_for_each (pos, &p->threads)
        signal_poke_locked(list_entry(pos, struct thread, proc_link));
}

static void tell_parent_stopped(struct process *p, int sig)
{
    struct process *parent;
    bool quiet;

    spin_lock(&process_tree_lock);
    parent = p->parent;
    if (parent) {
        p->stop_sig = sig;
        p->stop_report = true;
        spin_lock(&parent->lock);
        quiet = parent->actions[ABI_SIGCHLD].flags & ABI_SA_NOCLDSTOP;
        spin_unlock(&parent->lock);
        if (!quiet)
            signal_send(parent, ABI_SIGCHLD, p->pid);
        waitq_wake_all(&parent->child_waitq);
    }
    spin_unlock(&process_tree_lock);
}

/* The default action; no lock held on return. */
static void act_by_default(struct process *p, const struct delivery *d)
{
    enum signal_default what = signal_default_of(d->sig);
    bool stop = what == SIGNAL_STOP && !p->exiting;

    if (d->action.handler == ABI_SIG_IGN || (p->pid == PID_INIT && !d->fault))
        what = SIGNAL_IGNORE;
    if (what == SIGNAL_STOP && stop)
        stop_locked(p);
    spin_unlock(&p->lock);
    if (what == SIGNAL_TERMINATE)
        process_exit(killed_status(d));
    if (what == SIGNAL_STOP && stop)
        tell_parent_stopped(p, d->sig);
}

static void run_handler(struct thread *t, const struct delivery *d)
{
    counter_inc(COUNTER_signals);
    settle_restart(t, true, d->action.flags);
    if (sigframe_push(t, &d->action, &d->info, d->mask))
        process_exit(ABI_SIGSEGV);
}

/* Waits while the process is stopped. Says whether it was. */
static bool wait_stopped_locked(struct process *p, struct thread *t)
{
    bool was = p->stopped;

    while (p->stopped && !t->kill)
        waitq_wait(&p->stop_waitq, &p->lock, TIME_NEVER, WAIT_KILL, "stopped");
    return was;
}

/* With p->lock held and nothing to take: back from sigsuspend()'s mask, or done. True: done. */
static bool nothing_left_locked(struct process *p, struct thread *t)
{
    bool done = !t->sig_mask_saved;

    if (!done) {
        t->sig_mask = t->sig_saved_mask;
        t->sig_mask_saved = false;
    }
    signal_update_locked(p, t);
    return done;
}

/* One thing. False: nothing was left to do. */
static bool deliver_one(struct process *p, struct thread *t)
{
    struct delivery d;
    bool done;

    /* Without the lock: a thousand threads may leave at once. The status has been set. */
    if (__atomic_load_n(&t->kill, __ATOMIC_RELAXED))
        process_leave(0);
    spin_lock(&p->lock);
    if (wait_stopped_locked(p, t)) {
        spin_unlock(&p->lock);
        return true;
    }
    take_locked(p, t, &d);
    if (!d.sig) {
        done = nothing_left_locked(p, t);
        spin_unlock(&p->lock);
        return !done;
    }
    if (has_handler(&d)) {
        enter_handler_locked(p, t, &d);
        spin_unlock(&p->lock);
        run_handler(t, &d);
    } else {
        act_by_default(p, &d);
    }
    return true;
}

void signal_deliver(struct thread *t)
{
    while (deliver_one(t->proc, t))
        ;
    settle_restart(t, false, 0);
}
