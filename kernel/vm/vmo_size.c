/*
 * vmo_size.c - growing and shrinking an object.
 *
 * Shrinking takes pages beyond the new end out of the tree and out of all mappings; whoever waits
 * for one wakes and finds -EBOUNDS. A page being filled or flushed by a pager leaves the tree too;
 * its frame stays with the transaction until that is answered. The bytes of the last page beyond
 * the end are zero from here on, so that a later extension reads zeros.
 */
#include "lib/string.h"
#include "lib/types.h"
#include "vm/pager.h"
#include "vm/pager_txn.h"
#include "vm/rmap.h"
#include "vm/vmo.h"
#include "vm/vmo_page.h"

/* Takes a page out; who waits for its fill looks again. */
static void drop_page(struct vmo *vmo, struct page *page)
{
    if (page->state == PAGE_FILLING && page->txn)
        pager_txn_wake(page->txn);
    if (page_state_dirty(page->state) && page->state != PAGE_DIRTY)
        page->flags |= VM_PAGE_ORPHAN;
    vmo_page_remove(vmo, page);
}

/* Removes up to a batch of entries at or after `first`. Says whether there may be more. */
static bool drop_batch(struct vmo *vmo, uint64_t first)
{
    enum { BATCH = 64 };
    uint64_t index = first;
    void *entry;
    for (unsigned n = 0; n < BATCH; n++) {
        entry = radix_next(&vmo->pages, &index);
        if (!entry)
            return false;
        if (vmo_entry_is_code(entry)) {
            radix_remove(&vmo->pages, index);
            continue;
        }
        drop_page(vmo, entry);
    }
    return true;
}

static void zero_last_page(struct vmo *vmo, uint64_t size_bytes)
{
    struct page *page = vmo_page_find(vmo, size_bytes >> PAGE_SHIFT);
    uint64_t used = size_bytes & PAGE_MASK;
    if (used && page && page_state_resident(page->state))
        memset((char *)page_kva(page) + used, 0, PAGE_SIZE - used);
}

/* The page that the new end lies in is being filled, with bytes from before the cut: should the
 * file grow again before the fill ends they would show. It is asked for again instead. */
static void drop_filling_edge(struct vmo *vmo, uint64_t size_bytes)
{
    struct page *page = vmo_page_find(vmo, size_bytes >> PAGE_SHIFT);
    if (page && page->state == PAGE_FILLING)
        drop_page(vmo, page);
}

void vmo_set_size(struct vmo *vmo, uint64_t size_bytes)
{
    spin_lock(&vmo->lock);
    uint64_t old = vmo->size_bytes;
    zero_last_page(vmo, MIN(old, size_bytes));
    vmo->size_bytes = size_bytes;
    if (size_bytes < old) {
        uint64_t first = vmo_pages_locked(vmo);
        vmo->generation++;
        drop_filling_edge(vmo, size_bytes);
        /* The size is smaller already, so no new mapping or page appears beyond it. */
        rmap_unmap(vmo, first, UINT64_MAX - first);
        while (drop_batch(vmo, first)) {
            spin_unlock(&vmo->lock);
            spin_lock(&vmo->lock);
        }
        waitq_wake_all(&vmo->waitq);
    }
    if (size_bytes != old && vmo->binding)
        pager_note_resized(vmo);
    spin_unlock(&vmo->lock);
}

void vmo_raise_size(struct vmo *vmo, uint64_t size_bytes)
{
    spin_lock(&vmo->lock);
    if (size_bytes > vmo->size_bytes) {
        vmo->size_bytes = size_bytes;
        if (vmo->binding)
            pager_note_resized(vmo);
    }
    spin_unlock(&vmo->lock);
}
