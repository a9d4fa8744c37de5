/*
 * writeback.c - the threads that write dirty objects back: one for those the kernel writes itself,
 * one for those that a pager writes, so that a slow pager delays nobody else's data.
 *
 * The work list holds every object with dirty pages or with a binding that may end. An object is
 * flushed when its oldest dirty page is FLUSH_AGE old, when it was kicked, or when memory is
 * short; after a failed flush not before its retry time. The threads also give back the user that
 * an object's dirty pages stand for, which may be its last.
 */
#include "vm/writeback.h"

#include "abi/errno.h"
#include "abi/pager.h"
#include "arch/riscv/time.h"
#include "core/panic.h"
#include "lib/assert.h"
#include "lib/types.h"
#include "sched/thread.h"
#include "sched/waitq.h"
#include "vm/pageout.h"
#include "vm/pager_txn.h"
#include "vm/vmo_page.h"
#include "vm/vmo_sync.h"

#define PASS_INTERVAL_NS (1 * NS_PER_SEC)
#define FLUSH_AGE_NS     (5 * NS_PER_SEC)
#define FLUSH_WAIT_NS    (5 * NS_PER_SEC)

enum { THREAD_HOST, THREAD_PAGER, THREADS };

static struct {
    struct spinlock lock; /* RANK_PAGEOUT */
    struct list objects;  /* [l] by work_link, each pinned */
    uint32_t n_objects;   /* [l] */
    bool wanted[THREADS]; /* [l] start a pass now */
    bool all[THREADS];    /* [l] the pass is for objects of any age */
    struct waitq waitq;   /* [l] */
} work = {
    .lock = SPINLOCK_INIT(RANK_PAGEOUT),
    .objects = LIST_INIT(work.objects),
    .waitq = WAITQ_INIT(work.waitq),
};

static void wake_locked(bool all)
{
    for (unsigned i = 0; i < THREADS; i++) {
        work.wanted[i] = true;
        work.all[i] |= all;
    }
    waitq_wake_all(&work.waitq);
}

void writeback_note(struct vmo *vmo, bool now)
{
    spin_lock(&work.lock);
    if (!vmo->work_linked) {
        vmo_pin(vmo);
        vmo->work_linked = true;
        list_add_tail(&work.objects, &vmo->work_link);
        if (work.n_objects++ == 0) /* a thread that waits without a limit */
            waitq_wake_all(&work.waitq);
    }
    if (now) {
        vmo->work_kicked = true;
        wake_locked(false);
    }
    spin_unlock(&work.lock);
}

/* Unlinks; the caller gives the pin back. work.lock held. */
static void unlink_locked(struct vmo *vmo)
{
    list_del(&vmo->work_link);
    vmo->work_linked = false;
    work.n_objects--;
}

void writeback_forget(struct vmo *vmo)
{
    spin_lock(&work.lock);
    bool was_linked = vmo->work_linked;
    if (was_linked)
        unlink_locked(vmo);
    spin_unlock(&work.lock);
    if (was_linked)
        vmo_unpin(vmo);
}

void writeback_pressure(void)
{
    spin_lock(&work.lock);
    wake_locked(true);
    spin_unlock(&work.lock);
}

void pageout_kick(struct vmo *vmo)
{
    writeback_note(vmo, true);
}

/* Nobody can ever read the object again: its dirty pages are dropped, not written. */
static void discard_dirty(struct vmo *vmo)
{
    for (;;) {
        uint64_t index = 0;
        spin_lock(&vmo->lock);
        struct page *page = radix_next_tagged(&vmo->pages, &index);
        if (page)
            vmo_page_remove(vmo, page);
        spin_unlock(&vmo->lock);
        if (!page)
            return;
    }
}

/* Becomes a user of the object, so that its host stays while pages are written: the user that dirty
 * pages stand for goes with them, when the file is cut off. False: it has no user. */
static bool enter(struct vmo *vmo)
{
    spin_lock(&vmo->lock);
    bool used = vmo->refs > 0;
    if (used)
        vmo_get_locked(vmo);
    spin_unlock(&vmo->lock);
    return used;
}

/* The only users left are the caller and the dirty pages themselves, and the host says they are
 * garbage. */
static bool is_garbage(struct vmo *vmo)
{
    spin_lock(&vmo->lock);
    bool alone = vmo->refs == 2 && vmo->dirty_held && vmo->n_mappings == 0;
    spin_unlock(&vmo->lock);
    return alone && vmo->ops->discardable && vmo->ops->discardable(vmo);
}

/* Nothing is dirty: gives the dirty pages' user back, ends an idle binding, and takes the object
 * off the list if nothing is left to do. */
static void tidy(struct vmo *vmo)
{
    bool release = false, done = false;
    pager_unbind_idle(vmo);
    spin_lock(&vmo->lock);
    if (vmo->n_dirty == 0 && vmo->dirty_held) {
        vmo->dirty_held = false;
        release = true;
    }
    /* A bound object that is mapped comes back when its last mapping goes. */
    if (vmo->n_dirty == 0 && (!vmo->binding || vmo->n_mappings > 0)) {
        spin_lock(&work.lock);
        if (vmo->work_linked) {
            unlink_locked(vmo);
            done = true;
        }
        spin_unlock(&work.lock);
    }
    spin_unlock(&vmo->lock);
    if (release)
        vmo_put(vmo);
    if (done)
        vmo_unpin(vmo);
}

static bool is_due(struct vmo *vmo, bool now)
{
    uint64_t t = time_now_ns();
    spin_lock(&vmo->lock);
    bool due = vmo->n_dirty > vmo->n_flushing && t >= vmo->flush_retry_ns &&
               (now || t >= vmo->dirty_since_ns + FLUSH_AGE_NS);
    if (due)
        vmo->dirty_since_ns = t;
    spin_unlock(&vmo->lock);
    return due;
}

static void process(struct vmo *vmo, unsigned self, bool now)
{
    spin_lock(&vmo->lock);
    bool bound = vmo->binding != NULL;
    uint64_t dirty = vmo->n_dirty;
    spin_unlock(&vmo->lock);
    if (bound != (self == THREAD_PAGER))
        return;
    if (dirty > 0 && enter(vmo)) {
        if (is_garbage(vmo))
            discard_dirty(vmo);
        else if (is_due(vmo, now))
            vmo_flush_start(vmo, 0, UINT64_MAX, 0, time_after_ns(FLUSH_WAIT_NS));
        vmo_put_quietly(vmo);
    }
    tidy(vmo);
}

/* Next object of this pass, pinned, moved to the end of the list. */
static struct vmo *next_object(unsigned *left, bool *kicked, unsigned self)
{
    struct vmo *vmo = NULL;
    spin_lock(&work.lock);
    if (*left > 0 && !list_empty(&work.objects)) {
        vmo = list_first(&work.objects, struct vmo, work_link);
        list_del(&vmo->work_link);
        list_add_tail(&work.objects, &vmo->work_link);
        vmo_pin(vmo);
        bool bound = READ_ONCE(vmo->binding) != NULL;
        *kicked = vmo->work_kicked;
        if (bound == (self == THREAD_PAGER))
            vmo->work_kicked = false;
        --*left;
    }
    spin_unlock(&work.lock);
    return vmo;
}

static void sweep_session(struct pager_session *s, void *arg)
{
    (void)arg;
    pager_txn_sweep(s);
}

static void pass(unsigned self, bool all)
{
    unsigned left = work.n_objects;
    bool kicked;
    struct vmo *vmo;
    while ((vmo = next_object(&left, &kicked, self))) {
        process(vmo, self, all || kicked);
        vmo_unpin(vmo);
    }
    if (self == THREAD_PAGER)
        pager_session_each(sweep_session, NULL);
}

static void writeback_thread(void *arg)
{
    unsigned self = (unsigned)(uintptr_t)arg;
    for (;;) {
        uint64_t wake_at = time_after_ns(PASS_INTERVAL_NS);
        spin_lock(&work.lock);
        while (!work.wanted[self] && time_now_ns() < wake_at) {
            /* An idle system sleeps until somebody notes an object. */
            uint64_t until = self == THREAD_HOST && work.n_objects == 0 ? TIME_NEVER : wake_at;
            if (waitq_wait(&work.waitq, &work.lock, until, WAIT_UNINTR, "write-back"))
                break;
        }
        bool all = work.all[self];
        work.wanted[self] = work.all[self] = false;
        spin_unlock(&work.lock);
        pass(self, all);
    }
}

static int sync_one(struct vmo *vmo, void *arg)
{
    const uint64_t *deadline = arg;
    if (READ_ONCE(vmo->n_dirty) == 0 || !enter(vmo))
        return 0;
    int err = vmo_write_back(vmo, 0, UINT64_MAX, *deadline);
    vmo_put(vmo);
    return err;
}

struct sync_all {
    uint64_t deadline_ns;
    int first_error;
};

static int sync_each(struct vmo *vmo, void *arg)
{
    struct sync_all *all = arg;
    int err = sync_one(vmo, &all->deadline_ns);
    if (err && !all->first_error)
        all->first_error = err;
    if (READ_ONCE(vmo->work_linked))
        tidy(vmo);
    return 0; /* one that fails does not keep the others from the disk */
}

int pageout_sync_all(uint64_t deadline_ns)
{
    struct sync_all all = {.deadline_ns = deadline_ns};
    vmo_for_each(sync_each, &all);
    return all.first_error;
}

static int rescue_each(struct vmo *vmo, void *arg)
{
    int *first_error = arg;
    if (!vmo->ops || READ_ONCE(vmo->n_dirty) == 0 || !enter(vmo))
        return 0;
    int err = vmo_flush_by_host(vmo, 0, UINT64_MAX);
    vmo_put(vmo);
    if (err && !*first_error)
        *first_error = err;
    return 0;
}

int pageout_rescue_all(void)
{
    int first_error = 0;
    vmo_for_each(rescue_each, &first_error);
    return first_error;
}

void writeback_init(void)
{
    for (uintptr_t i = 0; i < THREADS; i++)
        if (thread_start_kernel(i == THREAD_HOST ? "flush-host" : "flush-pager", writeback_thread,
                                (void *)i))
            panic("no memory for the write-back threads");
}
