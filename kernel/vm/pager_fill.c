/*
 * pager_fill.c - asking the bound pager for contents (FILL) and giving it dirty pages (FLUSH).
 *
 * Both reserve a slot (that may wait), then choose the pages and send under vmo->lock, so
 * that the pages' states and the request agree. Nothing waits for the answer here: faulters wait in
 * vmo_get.c, msync in vmo_sync.c.
 */
#include "abi/errno.h"
#include "arch/riscv/time.h"
#include "core/counter.h"
#include "lib/assert.h"
#include "lib/types.h"
#include "sched/thread.h"
#include "vm/pageout.h"
#include "vm/pager.h"
#include "vm/pager_txn.h"
#include "vm/rmap.h"
#include "vm/vmo_page.h"

enum { FILL_DEADLINE_MS = 2000, FLUSH_DEADLINE_MS = 5000 };

static bool still_bound(const struct vmo *vmo, const struct pager_session *s)
{
    const struct pager_binding *b = vmo->binding;
    return b && b->state == BINDING_BOUND && b->session == s;
}

/* Sends a FILL for the frames that could be put in place; vmo->lock held. The transaction is used
 * up if 0 is returned and *sent set. */
static int send_fill(struct vmo *vmo, struct pager_session *s, struct pager_txn *txn,
                     struct page **pages, unsigned got, uint64_t index, bool *sent)
{
    int err;
    *sent = false;
    if (!still_bound(vmo, s))
        return 0;
    unsigned n = vmo_insert_filling(vmo, index, pages, got, &err);
    if (n == 0)
        return err == -ENOMEM ? err : 0;
    txn->vmo = vmo;
    txn->index = index;
    txn->count = n;
    for (unsigned i = 0; i < n; i++) {
        txn->pages[i] = pages[i];
        pages[i]->txn = txn;
    }
    vmo->n_txns++;
    if (pager_txn_send(txn, vmo->size_bytes) == 0) {
        *sent = true;
        counter_inc(COUNTER_fills);
        return 0;
    }
    vmo->n_txns--;
    for (unsigned i = 0; i < n; i++) {
        pages[i]->txn = NULL;
        vmo_page_remove(vmo, pages[i]);
        page_put(pages[i]);
    }
    for (unsigned i = 0; i < n; i++)
        pages[i] = NULL;
    return 0; /* the session died: look again */
}

int pager_fill(struct vmo *vmo, uint64_t index, unsigned n, unsigned flags)
{
    struct page *pages[PAGER_RUN_MAX];
    struct pager_session *s;
    struct pager_txn *txn;
    bool sent;
    /* A file that nobody maps any more is the kernel's own again: read() must not wait for a pager
     * that may be gone. */
    if (pager_unbind_idle(vmo))
        return 0;
    int err = pager_bound_session(vmo, true, &s);
    if (err)
        return err == -ENOENT ? 0 : err;
    if (current_thread()->pmap == s->pmap) {
        pager_session_put(s);
        return -EDEADLK;
    }
    /* Frames first: who waits for memory must not hold a slot that a FLUSH needs to free some. */
    unsigned got = vmo_alloc_run(pages, n, true);
    uint64_t deadline = time_after_ns(FILL_DEADLINE_MS * NS_PER_MS);
    err = got ? pager_txn_reserve(s, deadline, &txn) : -ENOMEM;
    if (err) {
        for (unsigned i = 0; i < got; i++)
            page_put(pages[i]);
        pager_session_put(s);
        return err == -EPAGERDEAD ? 0 : err;
    }
    txn->op = PAGER_FILL;
    txn->flags = flags & VMO_GET_WRITE ? PAGER_FILL_WRITE : 0;
    txn->deadline_ns = deadline;
    spin_lock(&vmo->lock);
    err = send_fill(vmo, s, txn, pages, got, index, &sent);
    unsigned used = sent ? txn->count : 0;
    if (used)
        vmo_get_locked(vmo); /* the transaction's: a reader may be gone before the answer */
    spin_unlock(&vmo->lock);
    for (unsigned i = used; i < got; i++)
        if (pages[i])
            page_put(pages[i]);
    if (!sent)
        pager_txn_unreserve(txn);
    pager_session_put(s);
    if (err == -ENOMEM)
        return pageout_wait_memory();
    return err;
}

/* Collects the next run of DIRTY pages in [*index, end) into txn; vmo->lock held. Number of pages.
 */
static unsigned collect_dirty(struct vmo *vmo, uint64_t *index, uint64_t end, struct pager_txn *txn)
{
    struct page *page = radix_next_tagged(&vmo->pages, index);
    unsigned n = 0;
    if (!page || *index >= end)
        return 0;
    while (n < PAGER_RUN_MAX && *index + n < end) {
        page = vmo_page_find(vmo, *index + n);
        if (!page || page->state != PAGE_DIRTY)
            break;
        vmo_page_set_state(vmo, page, PAGE_FLUSHING);
        page->txn = txn;
        page_get(page);
        txn->pages[n++] = page;
    }
    txn->index = *index;
    txn->count = n;
    return n;
}

static uint64_t valid_bytes(const struct vmo *vmo, uint64_t index, unsigned n)
{
    uint64_t start = index << PAGE_SHIFT, len = (uint64_t)n << PAGE_SHIFT;
    return vmo->size_bytes > start ? MIN(len, vmo->size_bytes - start) : 0;
}

/* Sends one FLUSH of the next dirty run. 1: sent, *index is behind it; 0: nothing left; or -errno.
 */
static int flush_run(struct vmo *vmo, struct pager_txn *txn, uint64_t *index, uint64_t end)
{
    spin_lock(&vmo->lock);
    if (!still_bound(vmo, txn->session)) {
        spin_unlock(&vmo->lock);
        return -ENOENT; /* bound to another by now, or to nobody: look again */
    }
    unsigned n = collect_dirty(vmo, index, end, txn);
    if (n == 0) {
        spin_unlock(&vmo->lock);
        return 0;
    }
    rmap_write_protect(vmo, *index, n);
    txn->vmo = vmo;
    vmo->n_txns++;
    int err = pager_txn_send(txn, valid_bytes(vmo, *index, n));
    if (!err) {
        vmo_get_locked(vmo);
    } else {
        vmo->n_txns--;
        for (unsigned i = 0; i < n; i++)
            vmo_page_flushed(vmo, txn->pages[i], false);
    }
    spin_unlock(&vmo->lock);
    if (err) {
        for (unsigned i = 0; i < n; i++)
            page_put(txn->pages[i]);
        return err;
    }
    counter_inc(COUNTER_flushes);
    *index += n;
    return 1;
}

int pager_flush(struct vmo *vmo, uint64_t first, uint64_t end, unsigned flush_flags,
                uint64_t deadline_ns)
{
    struct pager_session *s;
    uint64_t index = first;
    int err = pager_bound_session(vmo, flush_flags & PAGER_FLUSH_SYNC, &s);
    if (err)
        return err;
    if (current_thread()->pmap == s->pmap && (flush_flags & PAGER_FLUSH_SYNC)) {
        pager_session_put(s);
        return -EDEADLK;
    }
    do {
        struct pager_txn *txn;
        err = pager_txn_reserve(s, deadline_ns, &txn);
        if (err)
            break;
        txn->op = PAGER_FLUSH;
        txn->flags = flush_flags;
        txn->deadline_ns = time_after_ns(FLUSH_DEADLINE_MS * NS_PER_MS);
        err = flush_run(vmo, txn, &index, end);
        if (err <= 0)
            pager_txn_unreserve(txn);
    } while (err > 0);
    pager_session_put(s);
    return err;
}
