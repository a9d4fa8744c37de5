/*
 * vmo_sync.c - writing an object's dirty pages back and waiting for it; and the host's own flush.
 *
 * Bound objects flush through their pager (pager_fill.c), others through ops->flush in the calling
 * thread. A page is FLUSHING while its bytes are on the way; it is mapped read-only from before
 * that, so that a store makes it REDIRTY and no byte is lost.
 */
#include "abi/errno.h"
#include "abi/pager.h"
#include "arch/riscv/time.h"
#include "core/counter.h"
#include "lib/assert.h"
#include "lib/types.h"
#include "vm/pager.h"
#include "vm/rmap.h"
#include "vm/vmo.h"
#include "vm/vmo_page.h"
#include "vm/vmo_sync.h"
#include "vm/writeback.h"

/* Takes the next dirty run of pages [*index, end): FLUSHING, write-protected, referenced. */
static unsigned take_run(struct vmo *vmo, uint64_t *index, uint64_t end, struct page **pages,
                         uint64_t *valid)
{
    unsigned n = 0;
    spin_lock(&vmo->lock);
    if (radix_next_tagged(&vmo->pages, index) && *index < end) {
        while (n < PAGER_RUN_MAX && *index + n < end) {
            struct page *page = vmo_page_find(vmo, *index + n);
            if (!page || page->state != PAGE_DIRTY)
                break;
            vmo_page_set_state(vmo, page, PAGE_FLUSHING);
            page_get(page);
            pages[n++] = page;
        }
        rmap_write_protect(vmo, *index, n);
    }
    uint64_t start = *index << PAGE_SHIFT;
    *valid = vmo->size_bytes > start ? MIN((uint64_t)n << PAGE_SHIFT, vmo->size_bytes - start) : 0;
    spin_unlock(&vmo->lock);
    return n;
}

static void end_run(struct vmo *vmo, struct page **pages, unsigned n, int err)
{
    spin_lock(&vmo->lock);
    for (unsigned i = 0; i < n; i++)
        if (pages[i]->vmo == vmo &&
            (pages[i]->state == PAGE_FLUSHING || pages[i]->state == PAGE_REDIRTY) && !pages[i]->txn)
            vmo_page_flushed(vmo, pages[i], err == 0);
    if (err)
        vmo_note_flush_error(vmo, err);
    else
        vmo->flush_failures = 0;
    if (vmo->n_dirty == 0)
        writeback_note(vmo, true);
    waitq_wake_all(&vmo->waitq);
    spin_unlock(&vmo->lock);
    for (unsigned i = 0; i < n; i++)
        page_put(pages[i]);
}

int vmo_flush_by_host(struct vmo *vmo, uint64_t first, uint64_t end)
{
    struct page *pages[PAGER_RUN_MAX];
    uint64_t index = first, valid;
    unsigned n;
    while ((n = take_run(vmo, &index, end, pages, &valid)) > 0) {
        int err = vmo->ops->flush(vmo, index, pages, n, valid);
        counter_add(COUNTER_kernel_flushes, n);
        end_run(vmo, pages, n, err);
        if (err)
            return err;
        index += n;
    }
    return 0;
}

/* First page in [*index, end) whose flush is under way; vmo->lock held. */
static struct page *find_flushing(struct vmo *vmo, uint64_t *index, uint64_t end)
{
    void *entry;
    if (vmo->n_flushing == 0)
        return NULL;
    while (*index < end && (entry = radix_next(&vmo->pages, index)) && *index < end) {
        struct page *page = entry;
        if (!vmo_entry_is_code(entry) &&
            (page->state == PAGE_FLUSHING || page->state == PAGE_REDIRTY))
            return page;
        ++*index;
    }
    return NULL;
}

/* Waits until no flush that was under way in [first, end) still is. */
static int wait_flushed(struct vmo *vmo, uint64_t first, uint64_t end, uint64_t deadline_ns)
{
    int err = 0;
    uint64_t index = first;
    struct page *page;
    spin_lock(&vmo->lock);
    while (!err && (page = find_flushing(vmo, &index, end))) {
        /* This page's present flush; should another begin at once, its version has changed. */
        uint32_t version = page->version;
        uint64_t at = index;
        while (!err && (page = vmo_page_find(vmo, at)) && page->version == version &&
               (page->state == PAGE_FLUSHING || page->state == PAGE_REDIRTY))
            err = waitq_wait(&vmo->waitq, &vmo->lock, deadline_ns, WAIT_KILL, "flush");
        index = at + 1;
    }
    spin_unlock(&vmo->lock);
    return err;
}

int vmo_flush_start(struct vmo *vmo, uint64_t first, uint64_t end, unsigned flush_flags,
                    uint64_t deadline_ns)
{
    for (;;) {
        spin_lock(&vmo->lock);
        bool bound = vmo->binding != NULL;
        bool clean = vmo->n_dirty == vmo->n_flushing && !radix_any_tagged(&vmo->pages);
        spin_unlock(&vmo->lock);
        if (clean || !vmo->ops)
            return 0;
        if (!bound)
            return vmo_flush_by_host(vmo, first, end);
        int err = pager_flush(vmo, first, end, flush_flags, deadline_ns);
        if (err != -ENOENT) /* the binding ended meanwhile */
            return err;
    }
}

int vmo_write_back(struct vmo *vmo, uint64_t start, uint64_t end, uint64_t deadline_ns)
{
    uint64_t first = start >> PAGE_SHIFT;
    uint64_t last = end == UINT64_MAX ? UINT64_MAX : (end + PAGE_MASK) >> PAGE_SHIFT;
    int result = 0;
    spin_lock(&vmo->lock);
    uint64_t seq = vmo->flush_error_seq;
    vmo->n_syncing++;
    spin_unlock(&vmo->lock);
    /* Twice: a page stored to during a flush that was under way at entry is dirty after it. */
    for (unsigned round = 0; round < 2; round++) {
        int err = vmo_flush_start(vmo, first, last, PAGER_FLUSH_SYNC, deadline_ns);
        int wait_err = wait_flushed(vmo, first, last, deadline_ns);
        result = err ? err : wait_err;
        if (result || vmo->flush_error_seq != seq)
            break;
    }
    spin_lock(&vmo->lock);
    vmo->n_syncing--;
    if (!result && vmo->flush_error_seq != seq)
        result = vmo->flush_error;
    spin_unlock(&vmo->lock);
    return result;
}

int vmo_sync(struct vmo *vmo, uint64_t start, uint64_t end, uint64_t deadline_ns)
{
    int err = vmo_write_back(vmo, start, end, deadline_ns);
    if (!vmo->ops || !vmo->ops->commit)
        return err;
    spin_lock(&vmo->lock);
    uint64_t flushed = vmo->flushed;
    bool needed = vmo->committed < flushed;
    spin_unlock(&vmo->lock);
    int commit_err = needed ? vmo->ops->commit(vmo) : 0;
    if (needed && !commit_err) {
        spin_lock(&vmo->lock);
        vmo->committed = MAX(vmo->committed, flushed);
        spin_unlock(&vmo->lock);
    }
    return err ? err : commit_err;
}
