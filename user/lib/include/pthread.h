/*
 * pthread.h - threads: create, join, detach, mutexes, conditions, once, barriers, rwlocks, keys.
 *
 * Everything waits on futexes. No cancellation, no scheduling attributes, nothing shared between
 * processes. A thread that is not created here (the main one) has a pthread_t as well.
 */
#ifndef DUALITY_PTHREAD_H
#define DUALITY_PTHREAD_H

#include <stddef.h>
#include <stdint.h>
#include <sched.h>
#include <time.h>

typedef struct duality_thread *pthread_t;

typedef struct {
    size_t stack_size;
    int detached;
} pthread_attr_t;

typedef struct {
    uint32_t word; /* 0 free, 1 held, 2 held and somebody may sleep */
    uint32_t type;
    uintptr_t owner;
    uint32_t depth;
} pthread_mutex_t;

typedef struct {
    uint32_t type;
} pthread_mutexattr_t;

typedef struct {
    uint32_t sequence;
    uint32_t clock;
} pthread_cond_t;

typedef struct {
    uint32_t clock;
} pthread_condattr_t;

typedef struct {
    uint32_t state; /* 0 not begun, 1 running, 2 done */
} pthread_once_t;

typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t turn;
    uint32_t needed, arrived, round;
} pthread_barrier_t;

typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int32_t readers; /* -1: a writer has it */
    uint32_t writers_waiting;
} pthread_rwlock_t;

typedef struct {
    uint32_t word;
} pthread_spinlock_t;

typedef unsigned int pthread_key_t;
typedef int pthread_barrierattr_t;
typedef int pthread_rwlockattr_t;

#define PTHREAD_CREATE_JOINABLE       0
#define PTHREAD_CREATE_DETACHED       1
#define PTHREAD_MUTEX_NORMAL          0
#define PTHREAD_MUTEX_RECURSIVE       1
#define PTHREAD_MUTEX_ERRORCHECK      2
#define PTHREAD_MUTEX_DEFAULT         PTHREAD_MUTEX_NORMAL
#define PTHREAD_BARRIER_SERIAL_THREAD (-1)
#define PTHREAD_KEYS_MAX              32
#define PTHREAD_STACK_MIN             16384
#define PTHREAD_PROCESS_PRIVATE       0

#define PTHREAD_MUTEX_INITIALIZER                                                                  \
    {                                                                                              \
        0, PTHREAD_MUTEX_NORMAL, 0, 0                                                              \
    }
#define PTHREAD_COND_INITIALIZER                                                                   \
    {                                                                                              \
        0, 0                                                                                       \
    }
#define PTHREAD_ONCE_INIT                                                                          \
    {                                                                                              \
        0                                                                                          \
    }
#define PTHREAD_RWLOCK_INITIALIZER                                                                 \
    {                                                                                              \
        PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0                                  \
    }

int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *),
                   void *arg);
int pthread_join(pthread_t thread, void **result);
int pthread_detach(pthread_t thread);
pthread_t pthread_self(void);
int pthread_equal(pthread_t a, pthread_t b);
void pthread_exit(void *result) __attribute__((__noreturn__));
int pthread_kill(pthread_t thread, int sig);

int pthread_attr_init(pthread_attr_t *attr);
int pthread_attr_destroy(pthread_attr_t *attr);
int pthread_attr_setstacksize(pthread_attr_t *attr, size_t size);
int pthread_attr_getstacksize(const pthread_attr_t *attr, size_t *size);
int pthread_attr_setdetachstate(pthread_attr_t *attr, int detached);

int pthread_mutexattr_init(pthread_mutexattr_t *attr);
int pthread_mutexattr_destroy(pthread_mutexattr_t *attr);
int pthread_mutexattr_settype(pthread_mutexattr_t *attr, int type);
int pthread_mutex_init(pthread_mutex_t *m, const pthread_mutexattr_t *attr);
int pthread_mutex_destroy(pthread_mutex_t *m);
int pthread_mutex_lock(pthread_mutex_t *m);
int pthread_mutex_trylock(pthread_mutex_t *m);
int pthread_mutex_unlock(pthread_mutex_t *m);

int pthread_condattr_init(pthread_condattr_t *attr);
int pthread_condattr_destroy(pthread_condattr_t *attr);
int pthread_condattr_setclock(pthread_condattr_t *attr, clockid_t clock);
int pthread_cond_init(pthread_cond_t *c, const pthread_condattr_t *attr);
int pthread_cond_destroy(pthread_cond_t *c);
int pthread_cond_wait(pthread_cond_t *c, pthread_mutex_t *m);
int pthread_cond_timedwait(pthread_cond_t *c, pthread_mutex_t *m, const struct timespec *until);
int pthread_cond_signal(pthread_cond_t *c);
int pthread_cond_broadcast(pthread_cond_t *c);

int pthread_once(pthread_once_t *once, void (*init)(void));

int pthread_barrier_init(pthread_barrier_t *b, const pthread_barrierattr_t *attr, unsigned count);
int pthread_barrier_destroy(pthread_barrier_t *b);
int pthread_barrier_wait(pthread_barrier_t *b);

int pthread_rwlock_init(pthread_rwlock_t *l, const pthread_rwlockattr_t *attr);
int pthread_rwlock_destroy(pthread_rwlock_t *l);
int pthread_rwlock_rdlock(pthread_rwlock_t *l);
int pthread_rwlock_wrlock(pthread_rwlock_t *l);
int pthread_rwlock_unlock(pthread_rwlock_t *l);

int pthread_spin_init(pthread_spinlock_t *l, int shared);
int pthread_spin_destroy(pthread_spinlock_t *l);
int pthread_spin_lock(pthread_spinlock_t *l);
int pthread_spin_unlock(pthread_spinlock_t *l);

int pthread_key_create(pthread_key_t *key, void (*destructor)(void *));
int pthread_key_delete(pthread_key_t key);
void *pthread_getspecific(pthread_key_t key);
int pthread_setspecific(pthread_key_t key, const void *value);

#endif
