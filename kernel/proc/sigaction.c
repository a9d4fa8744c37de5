/*
 * sigaction.c - what a process says about its signals: actions, masks, alternate stack, alarm.
 *
 * Whatever makes a signal deliverable or not ends with signal_update_locked(), so that
 * thread->interrupted is true exactly when there is something to do. Lock: p->lock.
 */
#include "abi/errno.h"
#include "lib/types.h"
#include "proc/internal.h"
#include "proc/signal.h"
#include "sched/timeout.h"

enum {
    ACTION_FLAGS = ABI_SA_NOCLDSTOP | ABI_SA_SIGINFO | ABI_SA_ONSTACK | ABI_SA_RESTART |
                   ABI_SA_NODEFER | ABI_SA_RESETHAND,
    ALTSTACK_MIN = 2048, /* a frame takes 624 bytes */
};

static bool action_ignores(int sig, uint64_t handler)
{
    if (handler == ABI_SIG_IGN)
        return true;
    return handler == ABI_SIG_DFL &&
           (signal_default_of(sig) == SIGNAL_IGNORE || signal_default_of(sig) == SIGNAL_CONTINUE);
}

/* Pending signals that are now ignored are forgotten. */
static void forget_locked(struct process *p, int sig)
{
    struct list *pos;

    p->sig_pending &= ~SIGNAL_BIT(sig);
    list_for_each (pos, &p->threads)
        list_entry(pos, struct thread, proc_link)->sig_pending &= ~SIGNAL_BIT(sig);
}

long signal_action(int sig, const struct abi_sigaction *act, struct abi_sigaction *old)
{
    struct process *p = current_process();

    if (sig < 1 || sig >= ABI_NSIG)
        return -EINVAL;
    if (act && (SIGNAL_BIT(sig) & SIGNAL_UNMASKABLE))
        return -EINVAL;
    if (act && ((act->flags & ~(uint32_t)ACTION_FLAGS) || act->reserved))
        return -EINVAL;
    spin_lock(&p->lock);
    if (old)
        *old = p->actions[sig];
    if (act) {
        p->actions[sig] = *act;
        p->actions[sig].mask &= SIGNAL_ALL & ~SIGNAL_UNMASKABLE;
        if (action_ignores(sig, act->handler))
            forget_locked(p, sig);
        signal_update_locked(p, current_thread());
    }
    spin_unlock(&p->lock);
    return 0;
}

/* Sets the mask of the calling thread. A process-wide signal that it alone could have taken and now
 * blocks is offered to the others. */
static void set_mask_locked(struct process *p, struct thread *t, uint64_t mask)
{
    uint64_t given_up = p->sig_pending & mask & ~t->sig_mask;

    t->sig_mask = mask & SIGNAL_ALL & ~SIGNAL_UNMASKABLE;
    signal_update_locked(p, t);
    signal_offer_locked(p, given_up, t);
}

long signal_mask(int how, const uint64_t *set, uint64_t *old)
{
    struct thread *t = current_thread();
    struct process *p = t->proc;
    uint64_t mask = t->sig_mask;

    if (set && how != ABI_SIG_SETMASK && how != ABI_SIG_BLOCK && how != ABI_SIG_UNBLOCK)
        return -EINVAL;
    if (old)
        *old = mask;
    if (!set)
        return 0;
    if (how == ABI_SIG_SETMASK)
        mask = *set;
    else
        mask = how == ABI_SIG_BLOCK ? mask | *set : mask & ~*set;
    spin_lock(&p->lock);
    set_mask_locked(p, t, mask);
    spin_unlock(&p->lock);
    return 0;
}

uint64_t signal_pending(void)
{
    struct thread *t = current_thread();

    return (t->sig_pending | __atomic_load_n(&t->proc->sig_pending, __ATOMIC_RELAXED)) &
           t->sig_mask;
}

/* The mask goes back in sigdeliver.c: into the handler's frame, or at once if none runs. */
long signal_suspend(uint64_t mask)
{
    struct thread *t = current_thread();
    struct process *p = t->proc;
    struct waitq never;
    int err = 0;

    waitq_init(&never);
    spin_lock(&p->lock);
    t->sig_saved_mask = t->sig_mask;
    t->sig_mask_saved = true;
    set_mask_locked(p, t, mask);
    while (!err)
        err = waitq_wait(&never, &p->lock, TIME_NEVER, WAIT_INTR, "signal");
    spin_unlock(&p->lock);
    return -EINTR;
}

long signal_altstack(const struct abi_stack *ss, struct abi_stack *old)
{
    struct thread *t = current_thread();
    bool on_it = t->tf.x[2] - t->altstack_base < t->altstack_size;

    if (old) {
        *old = (struct abi_stack){.base = t->altstack_base, .size = t->altstack_size};
        old->flags = !t->altstack_size ? ABI_SS_DISABLE : on_it ? ABI_SS_ONSTACK : 0;
    }
    if (!ss)
        return 0;
    if (on_it)
        return -EPERM;
    if (ss->flags & ~(uint32_t)ABI_SS_DISABLE)
        return -EINVAL;
    if (!(ss->flags & ABI_SS_DISABLE)) {
        if (ss->size < ALTSTACK_MIN)
            return -ENOMEM;
        if (ss->base >= USER_END || ss->size > USER_END - ss->base)
            return -EINVAL;
    }
    t->altstack_base = ss->flags & ABI_SS_DISABLE ? 0 : ss->base;
    t->altstack_size = ss->flags & ABI_SS_DISABLE ? 0 : ss->size;
    return 0;
}

/* --- alarm --- */

/* Another hart may have set or cancelled the alarm just before the lock was had: not due then. */
static void alarm_fired(struct timeout *timeout)
{
    struct process *p = container_of(timeout, struct process, alarm);
    bool due;

    spin_lock(&p->lock);
    due = p->alarm_ns && p->alarm_ns <= time_now_ns();
    if (due)
        p->alarm_ns = 0;
    spin_unlock(&p->lock);
    if (due)
        signal_send(p, ABI_SIGALRM, 0);
}

void signal_init_process(struct process *p)
{
    timeout_init(&p->alarm, alarm_fired);
}

long signal_alarm(uint64_t ns)
{
    struct process *p = current_process();
    uint64_t now = time_now_ns();
    long left = 0;

    spin_lock(&p->lock);
    if (p->alarm_ns > now)
        left = (long)MIN(p->alarm_ns - now, (uint64_t)INT64_MAX);
    p->alarm_ns = ns ? time_after_ns(ns) : 0;
    timeout_set(&p->alarm, ns ? p->alarm_ns : TIME_NEVER);
    spin_unlock(&p->lock);
    return left;
}

void signal_exec_locked(struct process *p, struct thread *t)
{
    for (int sig = 1; sig < ABI_NSIG; sig++) {
        struct abi_sigaction *act = &p->actions[sig];
        uint64_t keep = act->handler == ABI_SIG_IGN ? ABI_SIG_IGN : ABI_SIG_DFL;
        *act = (struct abi_sigaction){.handler = keep};
    }
    t->altstack_base = t->altstack_size = 0;
    t->sig_mask_saved = false;
    signal_update_locked(p, t);
}
