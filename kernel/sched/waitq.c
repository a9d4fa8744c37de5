/*
 * waitq.c - sleeping on a queue, and being woken exactly once.
 *
 * Owns the wait side of a thread: its link, its reason, the timer of its sleep. The queue is
 * guarded by the lock of the condition. Three parties may end a sleep: a waker who holds that lock,
 * the timer on any hart, a signal. Each tries the same compare-and-swap of thread.state from
 * WAITING to READY (sched_claim()); the one that wins stores the reason and queues the thread. So a
 * thread is queued once however many want it awake.
 *
 * Why no wake-up is lost: the sleeper links itself and becomes WAITING while it holds the
 * condition's lock. Who changes the condition takes that lock, so it comes either before the
 * sleeper's test (then the sleeper sees the change) or after (then it finds a WAITING thread).
 * A waker may win before the sleeper has even left its hart: the thread is then queued on that
 * hart, and sched_switch() finds it there, perhaps as the very next to run.
 *
 * Why no signal is lost: the sender stores thread.interrupted, then looks at the state; the sleeper
 * stores WAITING, then looks at `interrupted`. With a full fence between the two on both sides at
 * least one sees the other.
 *
 * Who takes the link off the queue: a waker under the lock, at once; after a time-out or a signal
 * the sleeper itself, when it has the lock again. A waker that meets such a thread, already claimed
 * by another, unlinks it and goes on to the next, so its wake-up is not spent on one who leaves.
 */
#include "sched/waitq.h"

#include "abi/errno.h"
#include "lib/assert.h"
#include "lib/types.h"
#include "sched/internal.h"
#include "sched/sched.h"
#include "sched/timeout.h"

void waitq_init(struct waitq *q)
{
    list_init(&q->waiters);
}

void wait_timed_out(struct timeout *timer)
{
    /* The thread cannot go away: it cancels this timer, and so waits for us, before it leaves. */
    sched_wake(container_of(timer, struct thread, timer), WAKE_TIMEOUT);
}

static bool wait_forbidden(const struct thread *t, unsigned flags)
{
    if (flags == WAIT_UNINTR)
        return false;
    if (__atomic_load_n(&t->kill, __ATOMIC_RELAXED))
        return true;
    return flags == WAIT_INTR && __atomic_load_n(&t->interrupted, __ATOMIC_RELAXED);
}

/* Takes back WAITING, unless somebody has claimed the thread already. */
static bool wait_revoke(struct thread *t)
{
    uint32_t waiting = THREAD_WAITING;
    return __atomic_compare_exchange_n(&t->state, &waiting, THREAD_RUNNING, false, __ATOMIC_ACQ_REL,
                                       __ATOMIC_RELAXED);
}

static void wait_begin(struct thread *t, struct waitq *q, unsigned flags, const char *name)
{
    ASSERT(!t->waitq);
    t->wait_flags = flags;
    t->wait_name = name;
    t->wake = WAKE_NONE;
    t->waitq = q;
    list_add_tail(&q->waiters, &t->wait_link);
    __atomic_store_n(&t->state, THREAD_WAITING, __ATOMIC_SEQ_CST);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static void wait_end(struct thread *t)
{
    if (t->waitq) {
        list_del(&t->wait_link);
        t->waitq = NULL;
    }
    t->wait_name = NULL;
}

/* What the sleep returns. A signal's waker may have meant an earlier sleep: then nothing happened.
 */
static int wait_result(const struct thread *t)
{
    switch (t->wake) {
    case WAKE_TIMEOUT:
        return -ETIMEDOUT;
    case WAKE_SIGNAL:
        return wait_forbidden(t, t->wait_flags) ? -EINTR : 0;
    default:
        return 0;
    }
}

int waitq_wait_to(struct waitq *q, struct spinlock *l, uint64_t deadline_ns, unsigned flags,
                  const char *name, struct thread *to)
{
    struct thread *t = current_thread();

    ASSERT(t != t->hart->idle);
    wait_begin(t, q, flags, name);
    if (wait_forbidden(t, flags) && wait_revoke(t)) {
        wait_end(t);
        if (to)
            sched_ready(to);
        return -EINTR;
    }
    if (deadline_ns != TIME_NEVER)
        timeout_set(&t->timer, deadline_ns);
    spin_unlock(l);

    if (to)
        sched_switch_to(to);
    else
        sched_switch();

    /* Before the lock: nothing that fires this timer needs it, but the rule is to hold none. */
    if (deadline_ns != TIME_NEVER)
        timeout_cancel(&t->timer);
    spin_lock(l);
    wait_end(t);
    return wait_result(t);
}

int waitq_wait(struct waitq *q, struct spinlock *l, uint64_t deadline_ns, unsigned flags,
               const char *name)
{
    return waitq_wait_to(q, l, deadline_ns, flags, name, NULL);
}

struct thread *waitq_take_one(struct waitq *q)
{
    while (!waitq_empty(q)) {
        struct thread *t = list_first(&q->waiters, struct thread, wait_link);
        list_del(&t->wait_link);
        t->waitq = NULL;
        if (sched_claim(t, WAKE_EVENT))
            return t;
    }
    return NULL;
}

bool waitq_wake_one(struct waitq *q)
{
    struct thread *t = waitq_take_one(q);
    if (t)
        sched_ready(t);
    return t != NULL;
}

bool waitq_wake_next(struct waitq *q)
{
    struct thread *t = waitq_take_one(q);
    if (t)
        sched_ready_next(t);
    return t != NULL;
}

unsigned waitq_wake_all(struct waitq *q)
{
    unsigned n = 0;
    while (waitq_wake_one(q))
        n++;
    return n;
}

int sleep_until(uint64_t deadline_ns, unsigned flags)
{
    struct spinlock lock;
    struct waitq q;

    spin_init(&lock, RANK_WAIT);
    waitq_init(&q);
    spin_lock(&lock);
    int err = 0;
    while (!err && time_now_ns() < deadline_ns)
        err = waitq_wait(&q, &lock, deadline_ns, flags, "sleep");
    spin_unlock(&lock);
    return err == -ETIMEDOUT ? 0 : err;
}
