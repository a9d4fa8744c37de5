/*
 * reclaim.c - taking clean pages back, and waiting for memory.
 *
 * The list has every resident page of a hosted object, oldest first. The page-out thread takes
 * pages from its head: one that was used since the last look goes to the tail (second chance), a
 * dirty one is left for write-back, a clean unused one is unmapped everywhere and freed. Locks: lru
 * lock, RANK_PAGE_LRU, below vmo->lock; so the thread pins the page's object under the lru lock,
 * lets go, takes vmo->lock and looks again whether the page is still there.
 */
#include "vm/reclaim.h"

#include "abi/errno.h"
#include "arch/riscv/time.h"
#include "core/counter.h"
#include "core/panic.h"
#include "lib/assert.h"
#include "lib/types.h"
#include "mem/page.h"
#include "sched/sched.h"
#include "sched/waitq.h"
#include "vm/aspace.h"
#include "vm/pageout.h"
#include "vm/pager.h"
#include "vm/rmap.h"
#include "vm/vmo_page.h"
#include "vm/writeback.h"

enum { SHRINKERS = 8, NO_HOPE_PASSES = 16, FRUITFUL = 8, FLOOR_MAX = 256 };
#define PASS_PAUSE_NS (20 * NS_PER_MS)

static struct {
    struct spinlock lock; /* RANK_PAGE_LRU */
    struct list pages;    /* [l] */
    uint64_t n;           /* [l] */
} lru = {.lock = SPINLOCK_INIT(RANK_PAGE_LRU), .pages = LIST_INIT(lru.pages)};

static struct {
    struct spinlock lock; /* RANK_WAIT */
    bool wanted;          /* [l] a pass is asked for */
    bool wanted_by_file;  /* [l] a page of a file is to be filled */
    uint64_t passes;      /* [l] passes that freed something */
    uint64_t vain;        /* [l] passes in a row that freed nothing */
    struct waitq thread;  /* [l] page-out sleeps here */
    struct waitq waiters; /* [l] those in need of memory */
} pageout = {
    .lock = SPINLOCK_INIT(RANK_WAIT),
    .thread = WAITQ_INIT(pageout.thread),
    .waiters = WAITQ_INIT(pageout.waiters),
};

static uint64_t (*shrinkers[SHRINKERS])(uint64_t frames); /* [I] after boot */
static unsigned n_shrinkers;

void pageout_register_shrinker(uint64_t (*fn)(uint64_t frames))
{
    ASSERT(n_shrinkers < SHRINKERS);
    shrinkers[n_shrinkers++] = fn;
}

void reclaim_add(struct page *page)
{
    spin_lock(&lru.lock);
    if (!page->on_lru) {
        page->on_lru = 1;
        list_add_tail(&lru.pages, &page->link);
        lru.n++;
    }
    spin_unlock(&lru.lock);
}

void reclaim_remove(struct page *page)
{
    spin_lock(&lru.lock);
    if (page->on_lru) {
        page->on_lru = 0;
        list_del(&page->link);
        lru.n--;
    }
    spin_unlock(&lru.lock);
}

/* Head of the list, moved to the tail, with its object pinned. NULL: list empty. */
static struct page *next_candidate(struct vmo **vmo)
{
    struct page *page;
    spin_lock(&lru.lock);
    page = list_first(&lru.pages, struct page, link);
    if (page) {
        list_del(&page->link);
        list_add_tail(&lru.pages, &page->link);
        *vmo = page->vmo; /* stays valid: a page leaves this list before it leaves its object */
        if (!ref_try_get(&(*vmo)->pins))
            *vmo = NULL;
    }
    spin_unlock(&lru.lock);
    return page;
}

/* Frees the page if it is clean and unused. Number of frames freed: 0 or 1. */
static unsigned try_page(struct vmo *vmo, struct page *page)
{
    unsigned freed = 0;
    spin_lock(&vmo->lock);
    if (page->vmo == vmo && page->state == PAGE_CLEAN && !page->wired &&
        ref_read(&page->refs) == 1) {
        bool used = rmap_test_accessed(vmo, page->index) || (page->flags & VM_PAGE_REFERENCED);
        page->flags &= ~VM_PAGE_REFERENCED;
        if (!used) {
            rmap_unmap(vmo, page->index, 1);
            vmo_page_remove(vmo, page);
            counter_inc(COUNTER_pages_reclaimed);
            freed = 1;
        }
    }
    spin_unlock(&vmo->lock);
    return freed;
}

static uint64_t shrink_caches(uint64_t frames)
{
    uint64_t freed = 0;
    for (unsigned i = 0; i < n_shrinkers && freed < frames; i++)
        freed += shrinkers[i](frames - freed);
    return freed;
}

/*
 * Pages of files that anonymous memory may not displace: the text of the programs that run. Without
 * them each instruction would be read from the disk again, and want of memory would never end in an
 * error. Only other file pages may take their place.
 */
static uint64_t file_floor(void)
{
    return MIN(page_total_count() / 64, (uint64_t)FLOOR_MAX);
}

uint64_t pageout_obtainable(void)
{
    struct info_memory m;
    vm_memory_info(&m);
    uint64_t kept = m.dirty + file_floor();
    return page_available_count() + (m.cached > kept ? m.cached - kept : 0);
}

/* One pass over the list, at most twice round, until `target` frames are freed or no more than
 * `floor` pages are left. */
static uint64_t reclaim_pass(uint64_t target, uint64_t floor)
{
    uint64_t freed = 0;
    uint64_t looks = 2 * READ_ONCE(lru.n) + 1;
    while (freed < target && looks-- > 0 && READ_ONCE(lru.n) > floor) {
        struct vmo *vmo;
        struct page *page = next_candidate(&vmo);
        if (!page)
            break;
        if (vmo) {
            freed += try_page(vmo, page);
            vmo_unpin(vmo);
        }
        if (looks % 64 == 0)
            preempt_point();
    }
    if (freed < target)
        freed += shrink_caches(target - freed);
    return freed;
}

void pageout_drop_caches(void)
{
    /* The first round only takes second chances away. */
    for (unsigned round = 0; round < 3; round++) {
        reclaim_pass(page_total_count(), 0);
        shrink_caches(page_total_count());
    }
}

/* Marks: reclaim begins below low and goes on until high frames are available. */
static uint64_t low_mark(void)
{
    return page_total_count() / 64 + 16;
}

static uint64_t high_mark(void)
{
    return page_total_count() / 32 + 32;
}

static void ask_for_pass(void)
{
    spin_lock(&pageout.lock);
    pageout.wanted = true;
    waitq_wake_all(&pageout.thread);
    spin_unlock(&pageout.lock);
}

static bool anything_dirty(void)
{
    struct info_memory m;
    vm_memory_info(&m);
    return m.dirty > 0;
}

static void pageout_thread(void *arg)
{
    (void)arg;
    for (;;) {
        spin_lock(&pageout.lock);
        while (!pageout.wanted)
            waitq_wait(&pageout.thread, &pageout.lock, TIME_NEVER, WAIT_UNINTR, "page-out");
        pageout.wanted = false;
        bool for_file = pageout.wanted_by_file;
        pageout.wanted_by_file = false;
        spin_unlock(&pageout.lock);

        uint64_t available = page_available_count();
        uint64_t target = available < high_mark() ? high_mark() - available : 16;
        uint64_t freed = reclaim_pass(target, file_floor());
        if (freed < target && anything_dirty())
            writeback_pressure(); /* dirty pages can be freed after they are written */
        if (freed < FRUITFUL && for_file)
            reclaim_pass(FRUITFUL, 0); /* one file page for another: no hope for others in that */

        spin_lock(&pageout.lock);
        pageout.vain = freed >= FRUITFUL ? 0 : pageout.vain + 1;
        pageout.passes++;
        waitq_wake_all(&pageout.waiters);
        bool pause = freed == 0;
        spin_unlock(&pageout.lock);
        if (pause)
            sleep_until(time_after_ns(PASS_PAUSE_NS), WAIT_UNINTR);
    }
}

/* Dirty pages that may still become clean give hope. */
static bool hopeless(uint64_t vain)
{
    return vain >= (anything_dirty() ? 12 * NO_HOPE_PASSES : NO_HOPE_PASSES);
}

static int wait_memory(bool for_file)
{
    struct thread *t = current_thread();
    lock_check_may_sleep();
    if (__atomic_load_n(&t->kill, __ATOMIC_RELAXED))
        return -EINTR;
    spin_lock(&pageout.lock);
    uint64_t pass = pageout.passes;
    pageout.wanted = true;
    pageout.wanted_by_file |= for_file;
    waitq_wake_all(&pageout.thread);
    int err = 0;
    while (pageout.passes == pass && !err)
        err = waitq_wait(&pageout.waiters, &pageout.lock, time_after_ns(NS_PER_SEC), WAIT_KILL,
                         "memory");
    uint64_t vain = pageout.vain;
    spin_unlock(&pageout.lock);
    if (err == -EINTR)
        return err;
    return hopeless(vain) ? -ENOMEM : 0;
}

int pageout_wait_memory(void)
{
    return wait_memory(false);
}

static struct page *try_alloc(bool zero, bool for_file)
{
    /* Threads of a pager help to clean memory: they may use what is kept for that. */
    enum page_use use = current_thread()->pager_session ? PAGE_URGENT
                        : for_file                      ? PAGE_USER
                                                        : PAGE_ANON;
    return zero ? page_alloc_zero(use) : page_alloc(use);
}

static struct page *alloc(bool zero, bool for_file)
{
    struct page *page = try_alloc(zero, for_file);
    if (likely(page)) {
        if (unlikely(page_available_count() < low_mark()))
            ask_for_pass();
        return page;
    }
    while (wait_memory(for_file) == 0) {
        page = try_alloc(zero, for_file);
        if (page)
            return page;
    }
    return try_alloc(zero, for_file);
}

struct page *pageout_alloc(bool zero)
{
    return alloc(zero, false);
}

struct page *pageout_alloc_file(bool zero)
{
    return alloc(zero, true);
}

void pageout_init(void)
{
    if (thread_start_kernel("page-out", pageout_thread, NULL))
        panic("no memory for the page-out thread");
    writeback_init();
}
