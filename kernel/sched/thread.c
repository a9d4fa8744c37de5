/*
 * thread.c - making, counting, listing and freeing threads.
 *
 * Owns struct thread, the kernel stack below each, thread ids and the list of all threads. What it
 * does not own: when a thread runs (sched.c), what it waits for (waitq.c), its process (proc).
 *
 * A thread is born with one reference, which belongs to whoever runs it: sched_start() hands it to
 * the scheduler, which gives it back after the last switch away from the EXITED thread (a thread
 * cannot free the stack it stands on). Others who keep a pointer take their own. Lock: RANK_THREADS
 * for the list of all threads.
 */
#include "sched/thread.h"

#include "abi/errno.h"
#include "core/panic.h"
#include "core/spinlock.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "mem/kalloc.h"
#include "mem/page.h"
#include "sched/internal.h"
#include "sched/sched.h"
#include "sched/timeout.h"

enum { KSTACK_ORDER = 2 };
_Static_assert(PAGE_SIZE << KSTACK_ORDER == KSTACK_SIZE, "a kernel stack is one block of frames");

#define STACK_CANARY 0xd1a1177c0ffee5ul

static struct kcache thread_cache = KCACHE_INIT("thread", struct thread);
static struct spinlock threads_lock = SPINLOCK_INIT(RANK_THREADS);
static struct list threads = LIST_INIT(threads);
static int32_t last_tid;

static uint64_t *stack_bottom(const struct thread *t)
{
    return (uint64_t *)(t->kstack_top - KSTACK_SIZE);
}

void thread_setup(struct thread *t, const char *name)
{
    t->hart = &harts[0];
    t->pmap = &kernel_pmap;
    t->tid = __atomic_add_fetch(&last_tid, 1, __ATOMIC_RELAXED);
    ref_init(&t->refs, 1);
    strlcpy(t->name, name, sizeof(t->name));
    list_init(&t->runq_link);
    list_init(&t->wait_link);
    list_init(&t->proc_link);
    timeout_init(&t->timer, wait_timed_out);

    spin_lock(&threads_lock);
    list_add_tail(&threads, &t->all_link);
    spin_unlock(&threads_lock);
}

/* The first code of every thread, on its own stack: completes the switch that led here. */
static void thread_begin(void)
{
    sched_finish_switch();

    struct thread *t = current_thread();
    t->entry(t->arg);
    thread_exit_self();
}

struct thread *thread_create(const char *name, void (*entry)(void *), void *arg)
{
    struct thread *t = kcache_alloc_zero(&thread_cache);
    if (!t)
        return NULL;
    struct page *stack = page_alloc_order(PAGE_KERNEL, KSTACK_ORDER);
    if (!stack) {
        kcache_free(&thread_cache, t);
        return NULL;
    }

    t->kstack_top = (uint64_t)page_kva(stack) + KSTACK_SIZE;
    t->stack_canary = STACK_CANARY;
    *stack_bottom(t) = STACK_CANARY;
    t->entry = entry;
    t->arg = arg;
    t->ctx.ra = (uint64_t)thread_begin; /* s0 = 0 ends a backtrace here */
    t->ctx.sp = t->kstack_top;
    t->state = THREAD_NEW;
    thread_setup(t, name);
    return t;
}

int thread_start_kernel(const char *name, void (*entry)(void *), void *arg)
{
    struct thread *t = thread_create(name, entry, arg);
    if (!t)
        return -ENOMEM;
    sched_start(t);
    return 0;
}

void thread_check_stack(const struct thread *t)
{
    if (t->stack_canary && *stack_bottom(t) != t->stack_canary)
        panic("kernel stack of thread %d (%s) overflowed", t->tid, t->name);
}

void thread_get(struct thread *t)
{
    ref_get(&t->refs);
}

void thread_put(struct thread *t)
{
    if (!ref_put(&t->refs))
        return;
    ASSERT(t->state == THREAD_NEW || t->state == THREAD_EXITED);
    ASSERT(!__atomic_load_n(&t->on_hart, __ATOMIC_ACQUIRE));
    thread_check_stack(t);

    spin_lock(&threads_lock);
    list_del(&t->all_link);
    spin_unlock(&threads_lock);
    page_put(page_from_paddr(kva_to_paddr(stack_bottom(t))));
    kcache_free(&thread_cache, t);
}

void thread_exit_self(void)
{
    struct thread *t = current_thread();

    sched_set_pmap(&kernel_pmap); /* the process's may go before this thread does */
    __atomic_store_n(&t->state, THREAD_EXITED, __ATOMIC_RELEASE);
    sched_switch();
    panic("thread %d ran after its exit", t->tid);
}

void thread_for_each(void (*fn)(struct thread *t, void *arg), void *arg)
{
    struct list *pos;

    spin_lock(&threads_lock);
    list_for_each (pos, &threads)
        fn(list_entry(pos, struct thread, all_link), arg);
    spin_unlock(&threads_lock);
}
