/*
 * vmo_drop.c - forgetting clean pages on demand: msync(MS_INVALIDATE).
 *
 * What is clean, in no use by the kernel and not wired leaves the object and every mapping of it;
 * the next touch fills it again. Dirty pages and pages under way stay. A page is still referenced
 * for a moment by the flush that has just cleaned it, so there are several rounds before one is
 * left alone.
 */
#include "arch/riscv/time.h"
#include "sched/sched.h"
#include "sched/waitq.h"
#include "vm/rmap.h"
#include "vm/vmo_page.h"

enum { BATCH = 64, ROUNDS = 20 };

/* False: somebody uses it. */
static bool drop_page(struct vmo *vmo, struct page *page)
{
    if (page->state != PAGE_CLEAN || page->wired)
        return true;
    if (ref_read(&page->refs) != 1)
        return false;
    rmap_unmap(vmo, page->index, 1);
    vmo_page_remove(vmo, page);
    return true;
}

/* Number of pages that somebody uses. */
static uint64_t drop_round(struct vmo *vmo, uint64_t first, uint64_t end)
{
    uint64_t used = 0;
    bool more = true;
    while (more) {
        spin_lock(&vmo->lock);
        for (unsigned n = 0; n < BATCH && more; n++, first++) {
            void *entry = radix_next(&vmo->pages, &first);
            more = entry && first < end;
            if (more && !vmo_entry_is_code(entry))
                used += !drop_page(vmo, entry);
        }
        spin_unlock(&vmo->lock);
        preempt_point();
    }
    return used;
}

void vmo_drop_clean(struct vmo *vmo, uint64_t first, uint64_t end)
{
    for (unsigned round = 0; round < ROUNDS && drop_round(vmo, first, end) > 0; round++)
        sleep_until(time_after_ns(NS_PER_MS), WAIT_UNINTR);
}
