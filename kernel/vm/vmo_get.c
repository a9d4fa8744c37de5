/*
 * vmo_get.c - making a page of an object resident: vmo_get_page().
 *
 * One loop: look the page up; wait if somebody is filling it; else fill it, by the host in the
 * kernel or by asking the bound pager; look again. Whatever sleeps does so with no lock held and
 * leaves page state FILLING behind. Fills go in runs of up to PAGER_RUN_MAX absent pages: the page
 * asked for comes first, those behind it are read-ahead.
 */
#include "abi/errno.h"
#include "abi/pager.h"
#include "arch/riscv/time.h"
#include "core/counter.h"
#include "lib/assert.h"
#include "lib/types.h"
#include "vm/pageout.h"
#include "vm/pager.h"
#include "vm/pager_txn.h"
#include "vm/vmo.h"
#include "vm/vmo_page.h"

enum { GET_LIMIT_MS = 10000 }; /* no loop of give-ups and retries lasts longer */

/* Waits while `page` is FILLING. The lock is held, dropped while asleep. 0: look again. */
static int wait_filling(struct vmo *vmo, struct page *page, unsigned flags)
{
    unsigned wait_flags = flags & VMO_GET_KILLABLE ? WAIT_KILL : WAIT_UNINTR;
    struct pager_txn *txn = page->txn;
    if (!txn) /* filled by another thread in the kernel: as long as the disk takes */
        return waitq_wait(&vmo->waitq, &vmo->lock, TIME_NEVER, wait_flags, "disk fill");
    return pager_txn_wait(txn, vmo, page, wait_flags);
}

/* Number of absent pages from index, at most max, within the object. */
static unsigned absent_run(struct vmo *vmo, uint64_t index, unsigned max)
{
    uint64_t end = vmo_pages_locked(vmo);
    unsigned n = 0;
    while (n < max && index + n < end && !radix_lookup(&vmo->pages, index + n))
        n++;
    return n;
}

/* A frame for a page without contents in any backing store: of an anonymous object, or beyond the
 * end. 0: inserted, or look again: somebody was faster, or the end has moved past it meanwhile. */
static int insert_zero_page(struct vmo *vmo, uint64_t index)
{
    struct page *page = pageout_alloc(true);
    if (!page)
        return -ENOMEM;
    spin_lock(&vmo->lock);
    int err = -EEXIST;
    if (!vmo->ops || index >= vmo_pages_locked(vmo))
        err = vmo_page_insert(vmo, index, page, PAGE_CLEAN);
    spin_unlock(&vmo->lock);
    if (err)
        page_put(page);
    if (err == -ENOMEM)
        return pageout_wait_memory();
    return 0;
}

unsigned vmo_alloc_run(struct page **pages, unsigned n, bool zero)
{
    pages[0] = pageout_alloc_file(zero);
    if (!pages[0])
        return 0;
    unsigned got = 1;
    /* Read-ahead takes only what is plentiful. */
    uint64_t spare = page_available_count();
    while (got < n && spare > 4ul * PAGER_RUN_MAX + got) {
        pages[got] = zero ? page_alloc_zero(PAGE_USER) : page_alloc(PAGE_USER);
        if (!pages[got])
            break;
        got++;
    }
    return got;
}

unsigned vmo_insert_filling(struct vmo *vmo, uint64_t index, struct page **pages, unsigned n,
                            int *err)
{
    unsigned done = 0;
    *err = 0;
    n = absent_run(vmo, index, n);
    while (done < n && !(*err = vmo_page_insert(vmo, index + done, pages[done], PAGE_FILLING))) {
        page_get(pages[done]); /* the filler's own reference */
        done++;
    }
    return done;
}

/* The host reads a run. Called and returns with no lock. 0: look again. */
static int fill_by_host(struct vmo *vmo, uint64_t index, unsigned want)
{
    struct page *pages[PAGER_RUN_MAX];
    unsigned got = vmo_alloc_run(pages, want, false);
    if (!got)
        return -ENOMEM;
    int insert_err;
    spin_lock(&vmo->lock);
    unsigned n = vmo_insert_filling(vmo, index, pages, got, &insert_err);
    spin_unlock(&vmo->lock);
    for (unsigned i = n; i < got; i++)
        page_put(pages[i]);
    if (n == 0)
        return insert_err == -ENOMEM ? pageout_wait_memory() : 0;

    int err = vmo->ops->fill(vmo, index, pages, n);
    counter_add(COUNTER_kernel_fills, n);
    spin_lock(&vmo->lock);
    for (unsigned i = 0; i < n; i++) {
        if (pages[i]->vmo != vmo || pages[i]->state != PAGE_FILLING)
            continue; /* truncated away */
        if (!err)
            vmo_page_publish(vmo, pages[i]);
        else if (i == 0)
            vmo_page_fail(vmo, pages[i], err);
        else
            vmo_page_remove(vmo, pages[i]);
    }
    waitq_wake_all(&vmo->waitq);
    spin_unlock(&vmo->lock);
    for (unsigned i = 0; i < n; i++)
        page_put(pages[i]);
    return err == -EIO || err == 0 ? 0 : err; /* -EIO is found as the page's failure */
}

/* Length of the run to ask for: doubles while accesses are sequential. The lock is held. */
static unsigned choose_run(struct vmo *vmo, uint64_t index, unsigned flags)
{
    if (flags & VMO_GET_RANDOM)
        return 1;
    if (flags & VMO_GET_KERNEL)
        return PAGER_RUN_MAX;
    if (index == vmo->read_next || index == 0)
        vmo->read_run = MIN(MAX(vmo->read_run * 2, 2u), (uint32_t)PAGER_RUN_MAX);
    else
        vmo->read_run = 1;
    return vmo->read_run;
}

/* Fills an absent page by whoever has to. The lock is held on entry, not on return. */
static int fill_absent(struct vmo *vmo, uint64_t index, unsigned flags)
{
    bool inside = index < vmo_pages_locked(vmo);
    if (!inside && !(flags & VMO_GET_NEW)) {
        spin_unlock(&vmo->lock);
        return -EBOUNDS;
    }
    if (!vmo->ops || !inside) {
        spin_unlock(&vmo->lock);
        return insert_zero_page(vmo, index);
    }
    unsigned run = absent_run(vmo, index, choose_run(vmo, index, flags));
    vmo->read_next = index + run;
    bool by_pager = vmo->binding && !(flags & VMO_GET_KERNEL);
    spin_unlock(&vmo->lock);
    if (run > 1)
        counter_add(COUNTER_prefetch_pages, run - 1);
    return by_pager ? pager_fill(vmo, index, run, flags) : fill_by_host(vmo, index, run);
}

/* The page is resident: makes sure it may be stored to. The lock is held on entry; on 0 it
 * still is, and *ready says whether the page can be used now or must be looked up again. */
static int prepare_write(struct vmo *vmo, struct page *page, bool *ready)
{
    *ready = true;
    if ((page->flags & VM_PAGE_RESERVED) || !vmo->ops || !vmo->ops->prepare_write)
        return 0;
    uint64_t index = page->index;
    page_get(page);
    spin_unlock(&vmo->lock);
    int err = vmo->ops->prepare_write(vmo, index, 1);
    spin_lock(&vmo->lock);
    if (!err && page->vmo == vmo && page->index == index)
        page->flags |= VM_PAGE_RESERVED;
    else
        *ready = false;
    page_put(page);
    return err;
}

/* One look: 0 with *out set; 0 without: look again; or an error. The lock is held on entry, not on
 * return. */
static int get_once(struct vmo *vmo, uint64_t index, unsigned flags, struct page **out)
{
    void *entry = radix_lookup(&vmo->pages, index);
    int err = 0;
    if (entry && vmo_entry_is_code(entry)) {
        if (vmo_code_expiry_ms(entry) > time_now_ns() / NS_PER_MS)
            err = -vmo_code_errno(entry);
        else
            radix_remove(&vmo->pages, index);
    } else if (entry) {
        struct page *page = entry;
        bool ready = true;
        if (page->state == PAGE_FILLING) {
            err = flags & VMO_GET_NOWAIT ? -EAGAIN : wait_filling(vmo, page, flags);
            ready = false;
        } else if ((flags & VMO_GET_WRITE) && !(flags & VMO_GET_NEW)) {
            err = prepare_write(vmo, page, &ready);
        }
        if (!err && ready) {
            page_get(page);
            page->flags |= VM_PAGE_REFERENCED;
            *out = page;
        }
    } else if (flags & VMO_GET_NOWAIT) {
        err = -EAGAIN;
    } else {
        return fill_absent(vmo, index, flags);
    }
    spin_unlock(&vmo->lock);
    return err;
}

int vmo_get_page(struct vmo *vmo, uint64_t index, unsigned flags, struct page **out)
{
    uint64_t limit_ns = 0;
    *out = NULL;
    for (unsigned tries = 0;; tries++) {
        spin_lock(&vmo->lock);
        int err = get_once(vmo, index, flags, out);
        if (err || *out)
            return err;
        /* Normally the second look finds the page. Under give-ups, truncations and a pager
         * that answers nothing it may take longer, but not for ever. */
        if (tries == 0)
            limit_ns = time_after_ns(GET_LIMIT_MS * NS_PER_MS);
        else if (time_now_ns() > limit_ns)
            return -ETIMEDOUT;
    }
}
