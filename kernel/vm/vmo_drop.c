/*
 * vmo_drop.c - forgetting clean pages on demand: msync(MS_INVALIDATE).
 *
 * What is clean, in no use by the kernel and not wired leaves the object and every mapping of it; the
 * next touch fills it again. Dirty pages and pages under way stay.
 */
#include "sched/sched.h"
#include "vm/rmap.h"
#include "vm/vmo_page.h"

enum { BATCH = 64 };

static void drop_page(struct vmo *vmo, struct page *page)
{
    if (page->state != PAGE_CLEAN || page->wired || ref_read(&page->refs) != 1)
        return;
    rmap_unmap(vmo, page->index, 1);
    vmo_page_remove(vmo, page);
}

void vmo_drop_clean(struct vmo *vmo, uint64_t first, uint64_t end)
{
    bool more = true;
    while (more) {
        spin_lock(&vmo->lock);
        for (unsigned n = 0; n < BATCH && more; n++, first++) {
            void *entry = radix_next(&vmo->pages, &first);
            more = entry && first < end;
            if (more && !vmo_entry_is_code(entry))
                drop_page(vmo, entry);
        }
        spin_unlock(&vmo->lock);
        preempt_point();
    }
}
