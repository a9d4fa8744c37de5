/*
 * t_pthread.c - threads: create and join, errno and __thread per thread, mutexes, conditions,
 * once, barriers, rwlocks, semaphores, keys, detached threads, malloc and stdio from many.
 *
 * Last line "t_pthread: N passed, M failed"; status 1 if one failed.
 */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 8, ROUNDS = 2000 };

static int passed, failed;

#define EXPECT(a, b)                                                                               \
    do {                                                                                           \
        long long got_ = (long long)(a), want_ = (long long)(b);                                   \
        if (got_ == want_) {                                                                       \
            passed++;                                                                              \
        } else {                                                                                   \
            failed++;                                                                              \
            printf("%s:%d: %s is %lld, not %lld\n", __FILE__, __LINE__, #a, got_, want_);          \
        }                                                                                          \
    } while (0)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_barrier_t barrier;
static pthread_key_t key;
static sem_t sem;
static long counter, inits, serials, destroyed;
static __thread long own = 42;

static void all(void *(*start)(void *))
{
    pthread_t t[THREADS];
    void *result;

    for (long i = 0; i < THREADS; i++)
        EXPECT(pthread_create(&t[i], NULL, start, (void *)i), 0);
    for (long i = 0; i < THREADS; i++) {
        EXPECT(pthread_join(t[i], &result), 0);
        EXPECT((long)result, i);
    }
}

static void *count_locked(void *arg)
{
    for (int i = 0; i < ROUNDS; i++) {
        pthread_mutex_lock(&lock);
        counter++;
        pthread_mutex_unlock(&lock);
    }
    return arg;
}

static void *own_values(void *arg)
{
    int wrong = own != 42;

    own = (long)arg;
    errno = (int)(long)arg;
    usleep(10000);
    wrong |= own != (long)arg || errno != (int)(long)arg;
    return wrong ? NULL - 1 : arg;
}

static void init_once(void)
{
    usleep(10000);
    inits++;
}

static void *use_once(void *arg)
{
    pthread_once(&once, init_once);
    return inits == 1 ? arg : NULL - 1;
}

static void *use_barrier(void *arg)
{
    for (int i = 0; i < 50; i++)
        if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
            __atomic_fetch_add(&serials, 1, __ATOMIC_RELAXED);
    return arg;
}

static void *use_heap(void *arg)
{
    for (int i = 0; i < 300; i++) {
        size_t size = (size_t)(rand() % 500) + 1;
        char *p = malloc(size);

        memset(p, (int)(long)arg, size);
        if (i % 16 == 0)
            pthread_mutex_lock(&lock), pthread_mutex_unlock(&lock);
        if (p[size - 1] != (char)(long)arg)
            return NULL - 1;
        free(p);
    }
    return arg;
}

static void *use_rwlock(void *arg)
{
    for (int i = 0; i < 200; i++) {
        if (i % 8 == 0) {
            pthread_rwlock_wrlock(&rwlock);
            counter++;
        } else {
            pthread_rwlock_rdlock(&rwlock);
        }
        pthread_rwlock_unlock(&rwlock);
    }
    return arg;
}

static void count_destroyed(void *value)
{
    (void)value;
    __atomic_fetch_add(&destroyed, 1, __ATOMIC_RELAXED);
}

static void *use_key(void *arg)
{
    pthread_setspecific(key, &own);
    if (pthread_getspecific(key) != &own)
        return NULL - 1;
    pthread_exit(arg);
}

static void *post(void *arg)
{
    sem_post(&sem);
    return arg;
}

/* Hand over hand: turn goes round the threads. */
static long turn;

static void *take_turns(void *arg)
{
    pthread_mutex_lock(&lock);
    for (int i = 0; i < 100; i++) {
        while (turn % THREADS != (long)arg)
            pthread_cond_wait(&changed, &lock);
        turn++;
        pthread_cond_broadcast(&changed);
    }
    pthread_mutex_unlock(&lock);
    return arg;
}

static void test_timeout(void)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += 20000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    pthread_mutex_lock(&lock);
    EXPECT(pthread_cond_timedwait(&changed, &lock, &until), ETIMEDOUT);
    pthread_mutex_unlock(&lock);
}

static void test_mutex_types(void)
{
    pthread_mutexattr_t attr;
    pthread_mutex_t m;

    pthread_mutexattr_init(&attr);
    pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&m, &attr);
    EXPECT(pthread_mutex_lock(&m), 0);
    EXPECT(pthread_mutex_lock(&m), 0);
    EXPECT(pthread_mutex_unlock(&m), 0);
    EXPECT(pthread_mutex_unlock(&m), 0);
    EXPECT(pthread_mutex_unlock(&m), EPERM);
    pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ERRORCHECK);
    pthread_mutex_init(&m, &attr);
    EXPECT(pthread_mutex_lock(&m), 0);
    EXPECT(pthread_mutex_lock(&m), EDEADLK);
    EXPECT(pthread_mutex_trylock(&m), EBUSY);
    EXPECT(pthread_mutex_unlock(&m), 0);
}

static void test_detached(void)
{
    pthread_attr_t attr;
    pthread_t t;

    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    for (int i = 0; i < 100; i++) {
        int error = pthread_create(&t, i % 2 ? &attr : NULL, post, NULL);

        if (error) {
            EXPECT(error, 0);
            return;
        }
        if (i % 2 == 0)
            pthread_detach(t);
        sem_wait(&sem);
    }
    EXPECT(sem_trywait(&sem), -1);
    EXPECT(errno, EAGAIN);
}

int main(void)
{
    sem_init(&sem, 0, 0);
    pthread_barrier_init(&barrier, NULL, THREADS);
    EXPECT(pthread_key_create(&key, count_destroyed), 0);
    all(count_locked);
    EXPECT(counter, THREADS * ROUNDS);
    all(own_values);
    EXPECT(own, 42);
    all(use_once);
    all(use_barrier);
    EXPECT(serials, 50);
    all(use_heap);
    counter = 0;
    all(use_rwlock);
    EXPECT(counter, THREADS * 25);
    all(use_key);
    EXPECT(destroyed, THREADS);
    all(take_turns);
    EXPECT(turn, THREADS * 100);
    test_timeout();
    test_mutex_types();
    test_detached();
    EXPECT(pthread_join(pthread_self(), NULL), EDEADLK);
    printf("t_pthread: %d passed, %d failed\n", passed, failed);
    return failed != 0;
}
