/*
 * selftest.c - threads that push the scheduler where its races are.
 *
 * Parts: hand-over (pairs of threads pass a token through wait queues, by wake and by direct
 * switch), contention (threads count under one mutex, yielding inside), deadlines (sleepers whose
 * time-out and wake-up come at the same moment; every wait must end, and a wake-up that reported
 * success must be seen), births (threads that start and exit at once; none may be left over). Runs
 * with any number of harts. What each part proves is checked at its end by counts.
 */
#include "sched/selftest.h"

#include "abi/errno.h"
#include "arch/riscv/time.h"
#include "core/log.h"
#include "core/refcount.h"
#include "lib/types.h"
#include "sched/mutex.h"
#include "sched/sched.h"
#include "sched/waitq.h"

enum { PAIRS = 6, PASSES = 2000, COUNTERS = 6, COUNTS = 2000, RACES = 600, BIRTHS = 400 };

static struct spinlock done_lock = SPINLOCK_INIT(RANK_WAIT);
static struct waitq done_waitq = WAITQ_INIT(done_waitq);
static unsigned running;  /* [done_lock] */
static unsigned failures; /* [a] */

static void fail(const char *what, uint64_t have, uint64_t want)
{
    log_print("selftest sched: %s is %lu, not %lu", what, have, want);
    __atomic_fetch_add(&failures, 1, __ATOMIC_RELAXED);
}

static void check(const char *what, uint64_t have, uint64_t want)
{
    if (have != want)
        fail(what, have, want);
}

static void start(const char *name, void (*entry)(void *), void *arg)
{
    spin_lock(&done_lock);
    running++;
    spin_unlock(&done_lock);
    if (thread_start_kernel(name, entry, arg) != 0) {
        fail("thread_start_kernel", 1, 0);
        spin_lock(&done_lock);
        running--;
        spin_unlock(&done_lock);
    }
}

static void finish(void)
{
    spin_lock(&done_lock);
    running--;
    waitq_wake_all(&done_waitq);
    spin_unlock(&done_lock);
}

static void wait_all(const char *part)
{
    uint64_t deadline = time_after_ns(60 * NS_PER_SEC);
    int err = 0;

    spin_lock(&done_lock);
    while (running && !err)
        err = waitq_wait(&done_waitq, &done_lock, deadline, WAIT_UNINTR, "selftest");
    unsigned left = running;
    spin_unlock(&done_lock);
    if (left)
        fail(part, left, 0);
}

/* --- hand-over --- */

struct pair {
    struct spinlock lock;
    struct waitq waitq[2];
    unsigned turn;   /* [l] */
    uint64_t passes; /* [l] */
};

enum how { BY_QUEUE, BY_SWITCH, BY_SLEEPING, HOWS };

struct player {
    struct pair *pair;
    unsigned side;
    enum how how;
};

/* Wakes the other side in this player's way; who is to be switched to by the wait that follows. */
static struct thread *wake_other(const struct player *me)
{
    struct thread *to = waitq_take_one(&me->pair->waitq[!me->side]);

    if (to && me->how == BY_QUEUE)
        sched_ready(to);
    else if (to && me->how == BY_SLEEPING)
        sched_ready_next(to);
    return me->how == BY_SWITCH ? to : NULL;
}

static void play(void *arg)
{
    struct player *me = arg;
    struct pair *p = me->pair;

    spin_lock(&p->lock);
    for (unsigned i = 0; i < PASSES; i++) {
        struct thread *to = NULL;
        if (i > 0) {
            p->turn = !me->side;
            to = wake_other(me);
        }
        while (p->turn != me->side) {
            waitq_wait_to(&p->waitq[me->side], &p->lock, TIME_NEVER, WAIT_UNINTR, "turn", to);
            to = NULL;
        }
        p->passes++;
    }
    p->turn = !me->side;
    waitq_wake_all(&p->waitq[!me->side]);
    spin_unlock(&p->lock);
    finish();
}

static void test_handover(void)
{
    static struct pair pairs[PAIRS];
    static struct player players[2 * PAIRS];

    for (unsigned i = 0; i < PAIRS; i++) {
        spin_init(&pairs[i].lock, RANK_WAIT);
        waitq_init(&pairs[i].waitq[0]);
        waitq_init(&pairs[i].waitq[1]);
        pairs[i].turn = pairs[i].passes = 0;
        for (unsigned side = 0; side < 2; side++) {
            players[2 * i + side] = (struct player){&pairs[i], side, i % HOWS};
            start("player", play, &players[2 * i + side]);
        }
    }
    wait_all("players left");
    for (unsigned i = 0; i < PAIRS; i++)
        check("passes", pairs[i].passes, 2 * PASSES);
}

/* --- contention --- */

static struct mutex counter_mutex = MUTEX_INIT(counter_mutex, RANK_FS_RENAME);
static uint64_t counter; /* [counter_mutex] */

static void count(void *arg)
{
    (void)arg;
    for (unsigned i = 0; i < COUNTS; i++) {
        mutex_lock(&counter_mutex);
        uint64_t seen = counter;
        if (i % 64 == 0)
            sched_yield();
        else if (i % 500 == 1)
            sleep_until(time_after_ns(20 * NS_PER_US), WAIT_UNINTR);
        counter = seen + 1;
        mutex_unlock(&counter_mutex);
        preempt_point();
    }
    finish();
}

static void test_mutex(void)
{
    counter = 0;
    for (unsigned i = 0; i < COUNTERS; i++)
        start("counter", count, NULL);
    wait_all("counters left");
    check("count", counter, COUNTERS * COUNTS);
    check("mutex is free", counter_mutex.owner, 0);
}

/* --- deadlines against wake-ups --- */

static struct spinlock race_lock = SPINLOCK_INIT(RANK_WAIT);
static struct waitq race_waitq = WAITQ_INIT(race_waitq);
static uint64_t woken, timed_out, wakes; /* [race_lock] */
static bool sleeping;                    /* [race_lock] */

static void race_sleeper(void *arg)
{
    (void)arg;
    spin_lock(&race_lock);
    for (unsigned i = 0; i < RACES; i++) {
        int err = waitq_wait(&race_waitq, &race_lock, time_after_ns(i % 97 * NS_PER_US),
                             WAIT_UNINTR, "race");
        if (err == -ETIMEDOUT)
            timed_out++;
        else if (err == 0)
            woken++;
        else
            fail("waitq_wait", (uint64_t)-err, 0);
    }
    sleeping = false;
    spin_unlock(&race_lock);
    finish();
}

static void race_waker(void *arg)
{
    (void)arg;
    spin_lock(&race_lock);
    for (unsigned i = 0; sleeping; i++) {
        wakes += waitq_wake_one(&race_waitq);
        spin_unlock(&race_lock);
        sleep_until(time_after_ns(i % 89 * NS_PER_US), WAIT_UNINTR);
        spin_lock(&race_lock);
    }
    spin_unlock(&race_lock);
    finish();
}

static void test_deadlines(void)
{
    woken = timed_out = wakes = 0;
    sleeping = true;
    start("sleeper", race_sleeper, NULL);
    start("waker", race_waker, NULL);
    wait_all("racers left");
    check("waits ended", woken + timed_out, RACES);
    check("wake-ups seen", woken, wakes);
}

/* --- births --- */

static void be_born(void *arg)
{
    __atomic_fetch_add((uint64_t *)arg, 1, __ATOMIC_RELAXED);
    finish();
}

static void count_thread(struct thread *t, void *arg)
{
    (void)t;
    ++*(uint64_t *)arg;
}

static uint64_t thread_count(void)
{
    uint64_t n = 0;
    thread_for_each(count_thread, &n);
    return n;
}

/* Those who have called finish() may still stand on their stacks. */
static void let_leave(void)
{
    sleep_until(time_after_ns(50 * NS_PER_MS), WAIT_UNINTR);
}

static void test_births(void)
{
    static uint64_t born;

    let_leave();
    uint64_t before = thread_count();
    born = 0;
    for (unsigned i = 0; i < BIRTHS; i++) {
        start("baby", be_born, &born);
        if (i % 16 == 15)
            wait_all("babies left");
    }
    wait_all("babies left");
    check("born", born, BIRTHS);
    let_leave();
    check("threads", thread_count(), before);
}

int sched_selftest(void)
{
    uint64_t start_ns = time_now_ns();

    failures = 0;
    test_handover();
    test_mutex();
    test_deadlines();
    test_births();
    if (failures)
        log_print("selftest sched: %u failures", failures);
    else
        log_print("selftest sched: ok, %lu ms on %u harts",
                  (unsigned long)((time_now_ns() - start_ns) / NS_PER_MS), hart_count);
    return (int)failures;
}
