/*
 * pthread.c - threads: their memory, beginning, end, and thread-specific keys.
 *
 * One mapping per thread, low to high: guard page, stack, TLS block, struct duality_thread. The
 * word `alive` is 1 from before the thread runs until the kernel, after the thread's last use of
 * its stack, stores 0 there and wakes the joiner (thread_exit()'s clear_and_wake). Nobody can
 * unmap the stack it stands on, so the memory of a detached thread is kept on a list and
 * given back by a later create or join.
 *
 * Lock: `lost_lock` guards the list of detached threads. `state` of a thread changes by one
 * atomic exchange: the second of {detach, exit} puts it on the list.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "internal.h"

enum { STACK_DEFAULT = 256 * 1024, KEY_ROUNDS = 4 };
enum thread_state { THREAD_JOINABLE, THREAD_DETACHED, THREAD_EXITED };

struct duality_thread {
    uint32_t alive;
    uint32_t state; /* enum thread_state */
    void *(*start)(void *);
    void *arg, *result;
    void *memory;
    size_t memory_size;
    struct duality_thread *next_lost;
};

static struct duality_thread main_thread = {.alive = 1};
static __thread struct duality_thread *self;
static __thread void *values[PTHREAD_KEYS_MAX];

static struct lock lost_lock;
static struct duality_thread *lost;

static struct {
    uint32_t used;
    void (*destructor)(void *);
} keys[PTHREAD_KEYS_MAX];

static size_t page_round(size_t size)
{
    return (size + ABI_PAGE_SIZE - 1) & ~(size_t)(ABI_PAGE_SIZE - 1);
}

static void reap_lost(void)
{
    struct duality_thread **link, *t;

    lock_take(&lost_lock);
    for (link = &lost; (t = *link);) {
        if (__atomic_load_n(&t->alive, __ATOMIC_ACQUIRE)) {
            link = &t->next_lost;
            continue;
        }
        *link = t->next_lost;
        munmap(t->memory, t->memory_size);
    }
    lock_give(&lost_lock);
}

static void add_lost(struct duality_thread *t)
{
    lock_take(&lost_lock);
    t->next_lost = lost;
    lost = t;
    lock_give(&lost_lock);
}

/* Maps guard, stack and TLS block; *tls is the block, the thread's descriptor follows it. */
static struct duality_thread *thread_alloc(size_t stack_size, char **tls)
{
    size_t fixed = tls_block_size() + sizeof(struct duality_thread);
    size_t size = ABI_PAGE_SIZE + page_round(stack_size + fixed);
    struct duality_thread *t;
    char *memory;

    memory =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return NULL;
    mprotect(memory, ABI_PAGE_SIZE, PROT_NONE);
    *tls = (char *)(((uintptr_t)memory + size - fixed) & ~(uintptr_t)63);
    t = (struct duality_thread *)(*tls + tls_block_size());
    t->memory = memory;
    t->memory_size = size;
    return t;
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *), void *arg)
{
    size_t stack_size = attr && attr->stack_size ? attr->stack_size : STACK_DEFAULT;
    struct duality_thread *t;
    char *tls;
    long result;

    reap_lost();
    t = thread_alloc(stack_size, &tls);
    if (!t)
        return EAGAIN;
    tls_block_init(tls);
    t->alive = 1;
    t->state = attr && attr->detached ? THREAD_DETACHED : THREAD_JOINABLE;
    t->start = start;
    t->arg = arg;
    *thread = t;
    result = sys_thread_create((void *)thread_entry, t, tls, tls);
    if (result < 0) {
        munmap(t->memory, t->memory_size);
        return (int)-result;
    }
    return 0;
}

_Noreturn void thread_run(void *descriptor)
{
    self = descriptor;
    pthread_exit(self->start(self->arg));
}

static void run_destructors(void)
{
    int again = 1;

    for (int round = 0; again && round < KEY_ROUNDS; round++) {
        again = 0;
        for (int i = 0; i < PTHREAD_KEYS_MAX; i++) {
            void *value = values[i];

            values[i] = NULL;
            if (value && keys[i].used && keys[i].destructor) {
                keys[i].destructor(value);
                again = 1;
            }
        }
    }
}

/* The main thread's memory is the program's own: it is never joined by unmapping. */
void pthread_exit(void *result)
{
    struct duality_thread *t = pthread_self();

    run_destructors();
    t->result = result;
    if (__atomic_exchange_n(&t->state, THREAD_EXITED, __ATOMIC_ACQ_REL) == THREAD_DETACHED)
        add_lost(t);
    for (;;)
        sys_thread_exit(0, &t->alive);
}

pthread_t pthread_self(void)
{
    return self ? self : &main_thread;
}

int pthread_equal(pthread_t a, pthread_t b)
{
    return a == b;
}

int pthread_join(pthread_t t, void **result)
{
    if (t == pthread_self())
        return EDEADLK;
    while (__atomic_load_n(&t->alive, __ATOMIC_ACQUIRE))
        sys_futex(&t->alive, ABI_FUTEX_WAIT, 1, -1);
    if (result)
        *result = t->result;
    if (t != &main_thread)
        munmap(t->memory, t->memory_size);
    return 0;
}

int pthread_detach(pthread_t t)
{
    if (__atomic_exchange_n(&t->state, THREAD_DETACHED, __ATOMIC_ACQ_REL) == THREAD_EXITED)
        add_lost(t);
    return 0;
}

/* There is no way to aim a signal at one thread: the process gets it. */
int pthread_kill(pthread_t t, int sig)
{
    (void)t;
    return kill(getpid(), sig) ? errno : 0;
}

int pthread_attr_init(pthread_attr_t *attr)
{
    *attr = (pthread_attr_t){STACK_DEFAULT, PTHREAD_CREATE_JOINABLE};
    return 0;
}

int pthread_attr_destroy(pthread_attr_t *attr)
{
    (void)attr;
    return 0;
}

int pthread_attr_setstacksize(pthread_attr_t *attr, size_t size)
{
    if (size < PTHREAD_STACK_MIN)
        return EINVAL;
    attr->stack_size = size;
    return 0;
}

int pthread_attr_getstacksize(const pthread_attr_t *attr, size_t *size)
{
    *size = attr->stack_size;
    return 0;
}

int pthread_attr_setdetachstate(pthread_attr_t *attr, int detached)
{
    attr->detached = detached;
    return 0;
}

int pthread_key_create(pthread_key_t *key, void (*destructor)(void *))
{
    for (unsigned i = 0; i < PTHREAD_KEYS_MAX; i++) {
        uint32_t unused = 0;

        if (__atomic_compare_exchange_n(&keys[i].used, &unused, 1, 0, __ATOMIC_ACQ_REL,
                                        __ATOMIC_RELAXED)) {
            keys[i].destructor = destructor;
            *key = i;
            return 0;
        }
    }
    return EAGAIN;
}

int pthread_key_delete(pthread_key_t key)
{
    if (key >= PTHREAD_KEYS_MAX)
        return EINVAL;
    __atomic_store_n(&keys[key].used, 0, __ATOMIC_RELEASE);
    return 0;
}

void *pthread_getspecific(pthread_key_t key)
{
    return key < PTHREAD_KEYS_MAX ? values[key] : NULL;
}

int pthread_setspecific(pthread_key_t key, const void *value)
{
    if (key >= PTHREAD_KEYS_MAX)
        return EINVAL;
    values[key] = (void *)(uintptr_t)value;
    return 0;
}
