/*
 * signal.c - sending signals: who gets it, what is dropped, who is woken.
 *
 * A signal is a bit in the process's pending set until some thread takes it (sigdeliver.c); sending
 * one that is pending changes nothing. The sender chooses one thread that does not block it, marks
 * it `interrupted` and wakes it if its sleep permits that. No wake-up is lost: see waitq.c. A
 * thread that runs on another hart is kicked and looks when it comes back to user mode.
 *
 * Decided at once: SIGKILL ends the process; a signal that continues takes pending stops away and
 * the other way round; one that is ignored by a thread that does not block it is dropped. init gets
 * only signals that it has a handler for. Lock: p->lock; process_tree_lock for groups.
 */
#include "proc/signal.h"

#include "abi/errno.h"
#include "arch/riscv/hart.h"
#include "core/counter.h"
#include "proc/internal.h"
#include "sched/sched.h"

#define STOP_SIGNALS                                                                               \
    (SIGNAL_BIT(ABI_SIGSTOP) | SIGNAL_BIT(ABI_SIGTSTP) | SIGNAL_BIT(ABI_SIGTTIN) |                 \
     SIGNAL_BIT(ABI_SIGTTOU))

enum signal_default signal_default_of(int sig)
{
    switch (sig) {
    case ABI_SIGCHLD:
    case ABI_SIGURG:
    case ABI_SIGIO:
    case ABI_SIGWINCH:
        return SIGNAL_IGNORE;
    case ABI_SIGSTOP:
    case ABI_SIGTSTP:
    case ABI_SIGTTIN:
    case ABI_SIGTTOU:
        return SIGNAL_STOP;
    case ABI_SIGCONT:
        return SIGNAL_CONTINUE;
    default:
        return SIGNAL_TERMINATE;
    }
}

void signal_poke_locked(struct thread *t)
{
    __atomic_store_n(&t->interrupted, 1, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_SEQ_CST); /* against wait_begin() in waitq.c */
    if (t == current_thread())
        return;
    switch (__atomic_load_n(&t->state, __ATOMIC_RELAXED)) {
    case THREAD_WAITING:
        if (t->wait_flags == WAIT_INTR || (t->wait_flags == WAIT_KILL && t->kill))
            sched_wake(t, WAKE_SIGNAL);
        break;
    case THREAD_RUNNING:
        hart_kick(t->hart);
        break;
    default:
        break;
    }
}

void signal_update_locked(struct process *p, struct thread *t)
{
    uint64_t deliverable = (t->sig_pending | p->sig_pending) & ~t->sig_mask;

    __atomic_store_n(&t->interrupted, deliverable || t->kill || p->stopped, __ATOMIC_RELAXED);
}

void signal_offer_locked(struct process *p, uint64_t set, const struct thread *t)
{
    struct list *pos;

    if (!set)
        return;
    list_for_each (pos, &p->threads) {
        struct thread *other = list_entry(pos, struct thread, proc_link);
        if (other != t && (set & ~other->sig_mask))
            signal_poke_locked(other);
    }
}

/* --- one process --- */

static bool ignored_locked(const struct process *p, int sig)
{
    uint64_t handler = p->actions[sig].handler;
    enum signal_default by_default = signal_default_of(sig);

    if (handler == ABI_SIG_IGN)
        return true;
    if (handler != ABI_SIG_DFL)
        return false;
    return by_default == SIGNAL_IGNORE || by_default == SIGNAL_CONTINUE || p->pid == PID_INIT;
}

/* A thread that does not block `sig`; the calling one if it is among them. */
static struct thread *receiver_locked(struct process *p, int sig)
{
    struct thread *me = current_thread();
    struct thread *found = NULL;
    struct list *pos;

    if (me->proc == p && !(me->sig_mask & SIGNAL_BIT(sig)) && !list_empty(&me->proc_link))
        return me;
    list_for_each (pos, &p->threads) {
        struct thread *t = list_entry(pos, struct thread, proc_link);
        if (t->sig_mask & SIGNAL_BIT(sig))
            continue;
        if (t->state == THREAD_WAITING && t->wait_flags == WAIT_INTR)
            return t;
        found = t;
    }
    return found;
}

/* What a stop or a continuation does at once, whatever its action is. */
static void settle_stops_locked(struct process *p, int sig)
{
    struct list *pos;
    uint64_t gone = 0;

    if (sig == ABI_SIGCONT)
        gone = STOP_SIGNALS;
    else if (STOP_SIGNALS & SIGNAL_BIT(sig))
        gone = SIGNAL_BIT(ABI_SIGCONT);
    if (!gone)
        return;
    p->sig_pending &= ~gone;
    list_for_each (pos, &p->threads)
        list_entry(pos, struct thread, proc_link)->sig_pending &= ~gone;
    if (sig == ABI_SIGCONT && p->stopped) {
        p->stopped = false;
        waitq_wake_all(&p->stop_waitq);
    }
}

static void send_locked(struct process *p, int sig, int32_t sender)
{
    struct thread *t;

    if (p->exiting)
        return;
    if (sig == ABI_SIGKILL) {
        if (p->pid != PID_INIT)
            process_begin_exit_locked(p, ABI_SIGKILL);
        return;
    }
    settle_stops_locked(p, sig);
    t = receiver_locked(p, sig);
    if (t && ignored_locked(p, sig))
        return;
    p->sig_pending |= SIGNAL_BIT(sig);
    p->sig_sender = sender;
    if (t)
        signal_poke_locked(t);
}

int signal_send(struct process *p, int sig, int32_t sender)
{
    if (sig < 0 || sig >= ABI_NSIG)
        return -EINVAL;
    if (sig == 0)
        return 0;
    spin_lock(&p->lock);
    send_locked(p, sig, sender);
    spin_unlock(&p->lock);
    return 0;
}

/* --- many --- */

/* To every process of the group, or with pgid -1 to all but init and the sender. */
static int send_many(int32_t pgid, int sig, int32_t sender)
{
    uint64_t pid = 0;
    struct process *p;
    int err = -ESRCH;

    if (sig < 0 || sig >= ABI_NSIG)
        return -EINVAL;
    spin_lock(&process_tree_lock);
    for (; (p = radix_next(&process_tree, &pid)); pid++) {
        bool chosen = pgid == -1 ? p->pid != PID_INIT && p->pid != sender : p->pgid == pgid;
        if (!chosen)
            continue;
        signal_send(p, sig, sender);
        err = 0;
    }
    spin_unlock(&process_tree_lock);
    return err;
}

int signal_send_group(int32_t pgid, int sig, int32_t sender)
{
    return pgid > 0 ? send_many(pgid, sig, sender) : -ESRCH;
}

void signal_console(int64_t pgrp, int sig)
{
    signal_send_group((int32_t)pgrp, sig, 0);
}

long signal_kill(int32_t pid, int sig)
{
    struct process *me = current_process();
    struct process *p;
    long err;

    if (sig < 0 || sig >= ABI_NSIG)
        return -EINVAL;
    if (pid == -1)
        return send_many(-1, sig, me->pid);
    if (pid <= 0)
        return pid == INT32_MIN ? -ESRCH : signal_send_group(pid ? -pid : me->pgid, sig, me->pid);
    p = process_find(pid);
    if (!p)
        return -ESRCH;
    err = signal_send(p, sig, me->pid);
    process_put(p);
    return err;
}
