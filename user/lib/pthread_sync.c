/*
 * pthread_sync.c - mutexes, conditions, once, barriers, rwlocks, spinlocks, semaphores.
 *
 * A mutex word is 0 free, 1 held, 2 held with a possible sleeper: unlocking wakes only from 2.
 * A condition is a sequence number that a signal raises; a waiter sleeps while it is unchanged
 * since before the mutex was released, so no signal in between is lost. The rest is built on
 * these two.
 */
#include <pthread.h>
#include <semaphore.h>
#include <time.h>

#include "internal.h"

static void word_wait(uint32_t *word, uint32_t value)
{
    sys_futex(word, ABI_FUTEX_WAIT, value, -1);
}

static void word_wake(uint32_t *word, uint32_t count)
{
    sys_futex(word, ABI_FUTEX_WAKE, count, -1);
}

int pthread_mutexattr_init(pthread_mutexattr_t *attr)
{
    attr->type = PTHREAD_MUTEX_DEFAULT;
    return 0;
}

int pthread_mutexattr_destroy(pthread_mutexattr_t *attr)
{
    (void)attr;
    return 0;
}

int pthread_mutexattr_settype(pthread_mutexattr_t *attr, int type)
{
    if (type < PTHREAD_MUTEX_NORMAL || type > PTHREAD_MUTEX_ERRORCHECK)
        return EINVAL;
    attr->type = (uint32_t)type;
    return 0;
}

int pthread_mutex_init(pthread_mutex_t *m, const pthread_mutexattr_t *attr)
{
    *m = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    if (attr)
        m->type = attr->type;
    return 0;
}

int pthread_mutex_destroy(pthread_mutex_t *m)
{
    return m->word ? EBUSY : 0;
}

static int held_by_me(pthread_mutex_t *m)
{
    return m->type != PTHREAD_MUTEX_NORMAL &&
           __atomic_load_n(&m->owner, __ATOMIC_RELAXED) == (uintptr_t)pthread_self();
}

static int got(pthread_mutex_t *m)
{
    if (m->type != PTHREAD_MUTEX_NORMAL) {
        __atomic_store_n(&m->owner, (uintptr_t)pthread_self(), __ATOMIC_RELAXED);
        m->depth = 1;
    }
    return 0;
}

static int again(pthread_mutex_t *m, int otherwise)
{
    if (m->type != PTHREAD_MUTEX_RECURSIVE)
        return otherwise;
    m->depth++;
    return 0;
}

int pthread_mutex_trylock(pthread_mutex_t *m)
{
    uint32_t free = 0;

    if (held_by_me(m))
        return again(m, EBUSY);
    if (!__atomic_compare_exchange_n(&m->word, &free, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        return EBUSY;
    return got(m);
}

int pthread_mutex_lock(pthread_mutex_t *m)
{
    uint32_t free = 0;

    if (held_by_me(m))
        return again(m, EDEADLK);
    if (!__atomic_compare_exchange_n(&m->word, &free, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        while (__atomic_exchange_n(&m->word, 2, __ATOMIC_ACQUIRE))
            word_wait(&m->word, 2);
    return got(m);
}

int pthread_mutex_unlock(pthread_mutex_t *m)
{
    if (m->type != PTHREAD_MUTEX_NORMAL) {
        if (!held_by_me(m))
            return EPERM;
        if (--m->depth)
            return 0;
        __atomic_store_n(&m->owner, 0, __ATOMIC_RELAXED);
    }
    if (__atomic_exchange_n(&m->word, 0, __ATOMIC_RELEASE) == 2)
        word_wake(&m->word, 1);
    return 0;
}

int pthread_condattr_init(pthread_condattr_t *attr)
{
    attr->clock = 0;
    return 0;
}

int pthread_condattr_destroy(pthread_condattr_t *attr)
{
    (void)attr;
    return 0;
}

int pthread_condattr_setclock(pthread_condattr_t *attr, clockid_t clock)
{
    attr->clock = (uint32_t)clock;
    return 0;
}

int pthread_cond_init(pthread_cond_t *c, const pthread_condattr_t *attr)
{
    c->sequence = 0;
    c->clock = attr ? attr->clock : 0;
    return 0;
}

int pthread_cond_destroy(pthread_cond_t *c)
{
    (void)c;
    return 0;
}

static int cond_sleep(pthread_cond_t *c, pthread_mutex_t *m, int64_t timeout_ns)
{
    uint32_t seen = __atomic_load_n(&c->sequence, __ATOMIC_ACQUIRE);
    long result;

    pthread_mutex_unlock(m);
    result = sys_futex(&c->sequence, ABI_FUTEX_WAIT, seen, timeout_ns);
    pthread_mutex_lock(m);
    return result == -ETIMEDOUT ? ETIMEDOUT : 0;
}

int pthread_cond_wait(pthread_cond_t *c, pthread_mutex_t *m)
{
    return cond_sleep(c, m, -1);
}

int pthread_cond_timedwait(pthread_cond_t *c, pthread_mutex_t *m, const struct timespec *until)
{
    struct timespec now;
    int64_t left;

    clock_gettime(c->clock ? (clockid_t)c->clock : CLOCK_REALTIME, &now);
    left = (int64_t)(until->tv_sec - now.tv_sec) * 1000000000 + (until->tv_nsec - now.tv_nsec);
    if (left <= 0)
        return ETIMEDOUT;
    return cond_sleep(c, m, left);
}

int pthread_cond_signal(pthread_cond_t *c)
{
    __atomic_fetch_add(&c->sequence, 1, __ATOMIC_RELEASE);
    word_wake(&c->sequence, 1);
    return 0;
}

int pthread_cond_broadcast(pthread_cond_t *c)
{
    __atomic_fetch_add(&c->sequence, 1, __ATOMIC_RELEASE);
    word_wake(&c->sequence, UINT32_MAX >> 1);
    return 0;
}

int pthread_once(pthread_once_t *once, void (*init)(void))
{
    uint32_t fresh = 0;

    if (__atomic_compare_exchange_n(&once->state, &fresh, 1, 0, __ATOMIC_ACQUIRE,
                                    __ATOMIC_ACQUIRE)) {
        init();
        __atomic_store_n(&once->state, 2, __ATOMIC_RELEASE);
        word_wake(&once->state, UINT32_MAX >> 1);
        return 0;
    }
    while (__atomic_load_n(&once->state, __ATOMIC_ACQUIRE) != 2)
        word_wait(&once->state, 1);
    return 0;
}

int pthread_barrier_init(pthread_barrier_t *b, const pthread_barrierattr_t *attr, unsigned count)
{
    (void)attr;
    if (count == 0)
        return EINVAL;
    *b = (pthread_barrier_t){PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, count, 0, 0};
    return 0;
}

int pthread_barrier_destroy(pthread_barrier_t *b)
{
    return b->arrived ? EBUSY : 0;
}

int pthread_barrier_wait(pthread_barrier_t *b)
{
    uint32_t round;

    pthread_mutex_lock(&b->lock);
    round = b->round;
    if (++b->arrived == b->needed) {
        b->arrived = 0;
        b->round++;
        pthread_cond_broadcast(&b->turn);
        pthread_mutex_unlock(&b->lock);
        return PTHREAD_BARRIER_SERIAL_THREAD;
    }
    while (b->round == round)
        pthread_cond_wait(&b->turn, &b->lock);
    pthread_mutex_unlock(&b->lock);
    return 0;
}

int pthread_rwlock_init(pthread_rwlock_t *l, const pthread_rwlockattr_t *attr)
{
    (void)attr;
    *l = (pthread_rwlock_t)PTHREAD_RWLOCK_INITIALIZER;
    return 0;
}

int pthread_rwlock_destroy(pthread_rwlock_t *l)
{
    return l->readers ? EBUSY : 0;
}

/* Readers wait behind a waiting writer, so that writers are not starved. */
int pthread_rwlock_rdlock(pthread_rwlock_t *l)
{
    pthread_mutex_lock(&l->lock);
    while (l->readers < 0 || l->writers_waiting)
        pthread_cond_wait(&l->changed, &l->lock);
    l->readers++;
    pthread_mutex_unlock(&l->lock);
    return 0;
}

int pthread_rwlock_wrlock(pthread_rwlock_t *l)
{
    pthread_mutex_lock(&l->lock);
    l->writers_waiting++;
    while (l->readers)
        pthread_cond_wait(&l->changed, &l->lock);
    l->writers_waiting--;
    l->readers = -1;
    pthread_mutex_unlock(&l->lock);
    return 0;
}

int pthread_rwlock_unlock(pthread_rwlock_t *l)
{
    pthread_mutex_lock(&l->lock);
    l->readers = l->readers < 0 ? 0 : l->readers - 1;
    if (l->readers == 0)
        pthread_cond_broadcast(&l->changed);
    pthread_mutex_unlock(&l->lock);
    return 0;
}

int pthread_spin_init(pthread_spinlock_t *l, int shared)
{
    (void)shared;
    l->word = 0;
    return 0;
}

int pthread_spin_destroy(pthread_spinlock_t *l)
{
    (void)l;
    return 0;
}

int pthread_spin_lock(pthread_spinlock_t *l)
{
    for (int tries = 0; __atomic_exchange_n(&l->word, 1, __ATOMIC_ACQUIRE); tries++)
        if (tries > 100)
            sys_yield();
    return 0;
}

int pthread_spin_unlock(pthread_spinlock_t *l)
{
    __atomic_store_n(&l->word, 0, __ATOMIC_RELEASE);
    return 0;
}

int sched_yield(void)
{
    sys_yield();
    return 0;
}

int sem_init(sem_t *s, int shared, unsigned value)
{
    (void)shared;
    s->value = value;
    return 0;
}

int sem_destroy(sem_t *s)
{
    (void)s;
    return 0;
}

int sem_trywait(sem_t *s)
{
    uint32_t value = __atomic_load_n(&s->value, __ATOMIC_RELAXED);

    while (value)
        if (__atomic_compare_exchange_n(&s->value, &value, value - 1, 0, __ATOMIC_ACQUIRE,
                                        __ATOMIC_RELAXED))
            return 0;
    return fail(EAGAIN);
}

int sem_wait(sem_t *s)
{
    while (sem_trywait(s))
        if (sys_futex(&s->value, ABI_FUTEX_WAIT, 0, -1) == -EINTR)
            return fail(EINTR);
    return 0;
}

int sem_post(sem_t *s)
{
    __atomic_fetch_add(&s->value, 1, __ATOMIC_RELEASE);
    word_wake(&s->value, 1);
    return 0;
}

int sem_getvalue(sem_t *s, int *value)
{
    *value = (int)__atomic_load_n(&s->value, __ATOMIC_RELAXED);
    return 0;
}
