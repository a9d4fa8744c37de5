/*
 * vmo.c - memory objects: birth, users, death, and the states of their pages.
 *
 * The only file that writes page->state, page->vmo and the tree. Filling is in vmo_get.c, the
 * mappings of an object in rmap.c, write-back in writeback.c, sizes in vmo_size.c.
 *
 * Lives: vmo_create() gives the struct one pin (the host's or, anonymous, the users'). Whoever
 * keeps a pointer without being a user (work list, transactions, page-out) holds a pin of its own,
 * so the struct outlives the object; a destroyed object has no page and no host.
 */
#include "vm/vmo.h"

#include "abi/errno.h"
#include "abi/info.h"
#include "arch/riscv/time.h"
#include "core/counter.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "mem/kalloc.h"
#include "vm/pager.h"
#include "vm/rmap.h"
#include "vm/vmo_page.h"
#include "vm/writeback.h"
#include "vm/reclaim.h"

enum { FAIL_LIFETIME_MS = 1000, RETRY_MIN_MS = 1000, RETRY_MAX_MS = 32000 };

static struct kcache vmo_cache = KCACHE_INIT("vmo", struct vmo);
static struct spinlock all_lock = SPINLOCK_INIT(RANK_VMO_LIST);
static struct list all_objects = LIST_INIT(all_objects); /* [all_lock] */
static uint64_t next_id = 1;                             /* [a] */

static uint64_t cached_pages; /* [a] resident pages of hosted objects */
static uint64_t dirty_pages;  /* [a] */
uint64_t vm_lent_pages;
uint64_t vm_anon_pages;

static const struct radix_ops node_ops = {.alloc = kalloc, .free = kfree};

static void stat_add(uint64_t *counter, int64_t n)
{
    __atomic_fetch_add(counter, (uint64_t)n, __ATOMIC_RELAXED);
}

struct vmo *vmo_create(const struct vmo_ops *ops, void *host, uint64_t size_bytes)
{
    struct vmo *vmo = kcache_alloc_zero(&vmo_cache);
    if (!vmo)
        return NULL;
    spin_init(&vmo->lock, RANK_VMO);
    ref_init(&vmo->pins, 1);
    vmo->refs = ops ? 0 : 1;
    vmo->id = __atomic_fetch_add(&next_id, 1, __ATOMIC_RELAXED);
    vmo->ops = ops;
    vmo->host = host;
    vmo->size_bytes = size_bytes;
    radix_init(&vmo->pages, &node_ops);
    waitq_init(&vmo->waitq);
    list_init(&vmo->work_link);
    spin_lock(&all_lock);
    list_add_tail(&all_objects, &vmo->all_link);
    spin_unlock(&all_lock);
    return vmo;
}

void vmo_pin(struct vmo *vmo)
{
    ref_get(&vmo->pins);
}

void vmo_unpin(struct vmo *vmo)
{
    if (!ref_put(&vmo->pins))
        return;
    ASSERT(vmo->refs == 0 && vmo->n_resident == 0 && vmo->n_mappings == 0 && !vmo->binding);
    spin_lock(&all_lock);
    list_del(&vmo->all_link);
    spin_unlock(&all_lock);
    radix_destroy(&vmo->pages);
    kcache_free(&vmo_cache, vmo);
}

void vmo_get_locked(struct vmo *vmo)
{
    if (vmo->refs++ == 0 && vmo->ops)
        vmo->ops->hold(vmo);
}

void vmo_get(struct vmo *vmo)
{
    spin_lock(&vmo->lock);
    vmo_get_locked(vmo);
    spin_unlock(&vmo->lock);
}

static void put(struct vmo *vmo, bool note)
{
    spin_lock(&vmo->lock);
    ASSERT(vmo->refs > 0);
    bool last = --vmo->refs == 0;
    if (note && vmo->binding && vmo->n_mappings == 0 && vmo->refs == (vmo->dirty_held ? 1 : 0))
        writeback_note(vmo, true); /* the binding may end now */
    spin_unlock(&vmo->lock);
    if (!last)
        return;
    if (vmo->ops)
        vmo->ops->release(vmo);
    else
        vmo_destroy(vmo);
}

void vmo_put(struct vmo *vmo)
{
    put(vmo, true);
}

void vmo_put_quietly(struct vmo *vmo)
{
    put(vmo, false);
}

/* Takes every entry out of the tree, at most a batch under one hold of the lock. */
static void drop_all_pages(struct vmo *vmo)
{
    struct page *batch[32];
    unsigned n;
    do {
        n = 0;
        uint64_t index = 0;
        void *entry;
        spin_lock(&vmo->lock);
        while (n < ARRAY_SIZE(batch) && (entry = radix_next(&vmo->pages, &index))) {
            if (vmo_entry_is_code(entry)) {
                radix_remove(&vmo->pages, index);
                continue;
            }
            batch[n] = entry;
            page_get(batch[n]);
            vmo_page_remove(vmo, batch[n++]);
        }
        waitq_wake_all(&vmo->waitq);
        spin_unlock(&vmo->lock);
        for (unsigned i = 0; i < n; i++)
            page_put(batch[i]);
    } while (n == ARRAY_SIZE(batch));
}

void vmo_destroy(struct vmo *vmo)
{
    ASSERT(vmo->refs == 0 && vmo->n_mappings == 0);
    drop_all_pages(vmo);
    pager_unbind(vmo);
    writeback_forget(vmo);
    vmo_unpin(vmo);
}

struct page *vmo_page_find(struct vmo *vmo, uint64_t index)
{
    void *entry = radix_lookup(&vmo->pages, index);
    return entry && !vmo_entry_is_code(entry) ? entry : NULL;
}

/* Keeps n_dirty, the tag and the dirty hold in step with a change between clean and dirty. */
static void note_dirty(struct vmo *vmo, struct page *page, bool dirty)
{
    if (dirty) {
        page->version++;
        stat_add(&dirty_pages, 1);
        if (vmo->n_dirty++ == 0)
            vmo->dirty_since_ns = time_now_ns();
        if (!vmo->dirty_held && vmo->ops) {
            vmo->dirty_held = true; /* given back by writeback.c, which may sleep */
            vmo_get_locked(vmo);
            writeback_note(vmo, false);
        }
    } else {
        stat_add(&dirty_pages, -1);
        vmo->n_dirty--;
    }
}

void vmo_page_set_state(struct vmo *vmo, struct page *page, enum page_state to)
{
    enum page_state from = page->state;
    ASSERT(spin_held(&vmo->lock) && page->vmo == vmo);
    if (!page_state_legal(from, to))
        panic("page %lu of object %lu: %s -> %s", page->index, vmo->id, page_state_name(from),
              page_state_name(to));
    bool was_flushing = from == PAGE_FLUSHING || from == PAGE_REDIRTY;
    bool flushing = to == PAGE_FLUSHING || to == PAGE_REDIRTY;
    page->state = to;
    vmo->n_flushing += flushing - was_flushing;
    if (to == PAGE_DIRTY)
        radix_tag_set(&vmo->pages, page->index);
    else if (to != PAGE_REDIRTY)
        radix_tag_clear(&vmo->pages, page->index);
    if (page_state_dirty(from) != page_state_dirty(to))
        note_dirty(vmo, page, page_state_dirty(to));
}

int vmo_page_insert(struct vmo *vmo, uint64_t index, struct page *page, enum page_state state)
{
    int err = radix_insert(&vmo->pages, index, page);
    if (err)
        return err;
    ASSERT(!page->vmo && !page->on_lru);
    page->vmo = vmo;
    page->index = index;
    page->flags = VM_PAGE_REFERENCED;
    page->state = PAGE_ABSENT;
    page->txn = NULL;
    page->version = 0;
    vmo->n_resident++;
    vmo_page_set_state(vmo, page, state);
    if (vmo->ops)
        stat_add(&cached_pages, 1);
    if (vmo->ops && state == PAGE_CLEAN)
        reclaim_add(page);
    return 0;
}

void vmo_page_remove(struct vmo *vmo, struct page *page)
{
    vmo_page_set_state(vmo, page, PAGE_ABSENT);
    radix_remove(&vmo->pages, page->index);
    vmo->n_resident--;
    if (vmo->ops) {
        stat_add(&cached_pages, -1);
        reclaim_remove(page);
    }
    page->vmo = NULL;
    page->txn = NULL;
    page_put(page);
}

void vmo_page_fail(struct vmo *vmo, struct page *page, int err)
{
    uint64_t index = page->index;
    uint64_t expiry_ms = time_now_ns() / NS_PER_MS + FAIL_LIFETIME_MS;
    vmo_page_remove(vmo, page);
    /* The slot just emptied may have freed its node; without memory the failure is not kept. */
    int kept = radix_insert(&vmo->pages, index, vmo_code_make(-err, expiry_ms));
    (void)kept;
}

/* Zeroes the bytes of the page that lie beyond the end of the object. */
static void zero_tail(struct vmo *vmo, struct page *page)
{
    uint64_t start = page->index << PAGE_SHIFT;
    uint64_t valid = vmo->size_bytes > start ? vmo->size_bytes - start : 0;
    if (valid < PAGE_SIZE)
        memset((char *)page_kva(page) + valid, 0, PAGE_SIZE - valid);
}

void vmo_page_publish(struct vmo *vmo, struct page *page)
{
    zero_tail(vmo, page);
    page->txn = NULL;
    vmo_page_set_state(vmo, page, PAGE_CLEAN);
    reclaim_add(page);
}

void vmo_page_dirty(struct vmo *vmo, struct page *page)
{
    if (page->state == PAGE_CLEAN)
        vmo_page_set_state(vmo, page, PAGE_DIRTY);
    else if (page->state == PAGE_FLUSHING)
        vmo_page_set_state(vmo, page, PAGE_REDIRTY);
}

void vmo_page_flushed(struct vmo *vmo, struct page *page, bool ok)
{
    vmo->flushed += ok;
    page->txn = NULL;
    if (page->state == PAGE_REDIRTY || !ok)
        vmo_page_set_state(vmo, page, PAGE_DIRTY);
    else
        vmo_page_set_state(vmo, page, PAGE_CLEAN);
}

void vmo_note_flush_error(struct vmo *vmo, int err)
{
    uint64_t delay_ms = RETRY_MIN_MS << MIN(vmo->flush_failures, 5u);
    vmo->flush_failures++;
    vmo->flush_error = err;
    vmo->flush_error_seq++;
    vmo->flush_retry_ns = time_after_ns(MIN(delay_ms, (uint64_t)RETRY_MAX_MS) * NS_PER_MS);
    counter_inc(COUNTER_flush_errors);
}

int vmo_mark_dirty(struct vmo *vmo, struct page *page)
{
    int err = 0;
    spin_lock(&vmo->lock);
    if (page->vmo != vmo)
        err = -ESTALE;
    else
        vmo_page_dirty(vmo, page);
    spin_unlock(&vmo->lock);
    return err;
}

uint64_t vmo_size(struct vmo *vmo)
{
    return READ_ONCE(vmo->size_bytes);
}

enum page_state vmo_page_state(struct vmo *vmo, uint64_t index)
{
    spin_lock(&vmo->lock);
    void *entry = radix_lookup(&vmo->pages, index);
    enum page_state s = !entry                      ? PAGE_ABSENT
                        : !vmo_entry_is_code(entry) ? ((struct page *)entry)->state
                                                    : PAGE_FAILED;
    spin_unlock(&vmo->lock);
    return s;
}

int vmo_for_each(int (*fn)(struct vmo *vmo, void *arg), void *arg)
{
    struct vmo *prev = NULL;
    int result = 0;
    spin_lock(&all_lock);
    struct list *l = all_objects.next;
    while (l != &all_objects && !result) {
        struct vmo *vmo = container_of(l, struct vmo, all_link);
        if (!ref_try_get(&vmo->pins)) { /* on its way out */
            l = l->next;
            continue;
        }
        spin_unlock(&all_lock);
        if (prev)
            vmo_unpin(prev); /* only now: its link led here */
        prev = vmo;
        result = fn(vmo, arg);
        spin_lock(&all_lock);
        l = vmo->all_link.next;
    }
    spin_unlock(&all_lock);
    if (prev)
        vmo_unpin(prev);
    return result;
}

void vm_memory_info(struct info_memory *m)
{
    m->cached = __atomic_load_n(&cached_pages, __ATOMIC_RELAXED);
    m->dirty = __atomic_load_n(&dirty_pages, __ATOMIC_RELAXED);
    m->lent = __atomic_load_n(&vm_lent_pages, __ATOMIC_RELAXED);
    m->anon = __atomic_load_n(&vm_anon_pages, __ATOMIC_RELAXED);
}
