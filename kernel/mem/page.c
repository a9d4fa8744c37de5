/*
 * page.c - frames: allocation, references, reserves.
 *
 * Owns the state of free frames. Those that may be handed out lie in one of three places: in the
 * buddy lists as blocks of 2^n frames, in the hot list of single frames (freed last, taken first:
 * it spares merging and splitting), or in the zero list of frames that idle harts have cleared.
 * `order` of a block's first frame tells where it is:
 *
 *     buddy list    ORDER_FREE | n        hot list   ORDER_HOT
 *     allocated     n                     zero list  ORDER_ZEROED
 *     inside a block, any state: ORDER_INSIDE      not ours: ORDER_HOLE
 *
 * Blocks that are free and buddies are always merged, except what lies in the hot and zero lists;
 * those are emptied into the buddies when a larger block cannot be had. free_frames counts all
 * three. Lock: one, RANK_PAGE, for everything but references. Entry points: page.h; page_boot.c
 * makes the array.
 */
#include "mem/page.h"

#include "core/log.h"
#include "core/spinlock.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "lib/types.h"
#include "mem/page_internal.h"
#include "core/san.h"

enum { HOT_MAX = 256, ZEROED_MAX = 128 };

struct page *page_array; /* [I] one for each frame of [page_base, page_base + page_span) */
uint64_t page_base;      /* [I] frame number */
uint64_t page_span;      /* [I] frames */

static struct spinlock lock = SPINLOCK_INIT(RANK_PAGE);
static struct list free_list[PAGE_ORDERS]; /* [l] */
static struct list hot = LIST_INIT(hot), zeroed = LIST_INIT(zeroed);
static uint64_t hot_count, zeroed_count;                                   /* [l] */
static uint64_t free_frames;                                               /* [a] written under l */
static uint64_t total_frames, reserve_file, reserve_kernel, reserve_pager; /* [I] */

static uint64_t frame_index(const struct page *p)
{
    return (uint64_t)(p - page_array);
}

static void buddy_insert(struct page *p, unsigned order)
{
    p->order = (uint8_t)(ORDER_FREE | order);
    list_add(&free_list[order], &p->link);
}

static struct page *buddy_of(struct page *p, unsigned order)
{
    uint64_t index = ((page_base + frame_index(p)) ^ (1ul << order)) - page_base;
    return index < page_span ? &page_array[index] : NULL;
}

static void buddy_free(struct page *p, unsigned order)
{
    while (order < PAGE_ORDERS - 1) {
        struct page *b = buddy_of(p, order);
        if (!b || b->order != (ORDER_FREE | order))
            break;
        list_del(&b->link);
        struct page *high = b > p ? b : p;
        high->order = ORDER_INSIDE;
        p = b < p ? b : p;
        order++;
    }
    buddy_insert(p, order);
}

static struct page *buddy_alloc(unsigned order)
{
    unsigned n = order;
    while (n < PAGE_ORDERS && list_empty(&free_list[n]))
        n++;
    if (n == PAGE_ORDERS)
        return NULL;

    struct page *p = list_first(&free_list[n], struct page, link);
    list_del(&p->link);
    while (n > order) {
        n--;
        buddy_insert(p + (1ul << n), n);
    }
    return p;
}

static struct page *list_take(struct list *l, uint64_t *count)
{
    struct page *p = list_first(l, struct page, link);
    if (p) {
        list_del(&p->link);
        --*count;
    }
    return p;
}

static void drain(struct list *l, uint64_t *count, uint64_t keep)
{
    while (*count > keep)
        buddy_free(list_take(l, count), 0);
}

/* Frames that must stay after an allocation for `use`. */
static uint64_t mark(enum page_use use)
{
    if (use == PAGE_ANON)
        return reserve_file + reserve_kernel + reserve_pager;
    if (use == PAGE_USER)
        return reserve_kernel + reserve_pager;
    return use == PAGE_KERNEL ? reserve_pager : 0;
}

static struct page *take_locked(unsigned order, bool want_zeroed, bool *is_zero)
{
    struct page *p = NULL;

    if (order == 0 && want_zeroed)
        p = list_take(&zeroed, &zeroed_count);
    *is_zero = p != NULL;
    if (!p && order == 0)
        p = list_take(&hot, &hot_count);
    if (!p)
        p = buddy_alloc(order);
    if (!p && (hot_count || zeroed_count)) {
        drain(&hot, &hot_count, 0);
        drain(&zeroed, &zeroed_count, 0);
        p = buddy_alloc(order);
    }
    return p;
}

static void page_reset(struct page *p, unsigned order)
{
    p->state = 0;
    p->order = (uint8_t)order;
    p->flags = 0;
    p->vmo = NULL;
    p->index = 0;
    p->txn = NULL;
    p->version = 0;
    p->wired = 0;
    ref_init(&p->refs, 1);
}

static struct page *alloc(enum page_use use, unsigned order, bool want_zeroed, bool *is_zero)
{
    struct page *p = NULL;
    uint64_t need = 1ul << order;

    spin_lock(&lock);
    if (free_frames >= need + mark(use))
        p = take_locked(order, want_zeroed, is_zero);
    if (p) {
        __atomic_store_n(&free_frames, free_frames - need, __ATOMIC_RELAXED);
        page_reset(p, order);
        for (uint64_t i = 1; i < need; i++)
            p[i].order = ORDER_INSIDE;
    }
    spin_unlock(&lock);
    if (p)
        san_unpoison(page_kva(p), need * PAGE_SIZE);
    return p;
}

struct page *page_alloc(enum page_use use)
{
    bool is_zero;
    return alloc(use, 0, false, &is_zero);
}

struct page *page_alloc_zero(enum page_use use)
{
    bool is_zero = false;
    struct page *p = alloc(use, 0, true, &is_zero);
    if (p && !is_zero)
        zero_page(page_kva(p));
    return p;
}

struct page *page_alloc_order(enum page_use use, unsigned order)
{
    bool is_zero;
    return order < PAGE_ORDERS ? alloc(use, order, false, &is_zero) : NULL;
}

void page_put(struct page *p)
{
    if (!ref_put(&p->refs))
        return;
    ASSERT(p->order < PAGE_ORDERS); /* else: freed twice, or not the first frame of its block */
    unsigned order = p->order;

    san_poison(page_kva(p), PAGE_SIZE << order, SAN_FREE_PAGE);
    spin_lock(&lock);
    if (order == 0) {
        p->order = ORDER_HOT;
        list_add(&hot, &p->link);
        if (++hot_count > HOT_MAX)
            drain(&hot, &hot_count, HOT_MAX / 2);
    } else {
        buddy_free(p, order);
    }
    __atomic_store_n(&free_frames, free_frames + (1ul << order), __ATOMIC_RELAXED);
    spin_unlock(&lock);
}

bool page_idle_zero(void)
{
    struct page *p = NULL;
    bool is_zero;

    if (__atomic_load_n(&zeroed_count, __ATOMIC_RELAXED) >= ZEROED_MAX)
        return false;
    p = alloc(PAGE_USER, 0, false, &is_zero);
    if (!p)
        return false;
    zero_page(page_kva(p));

    san_poison(page_kva(p), PAGE_SIZE, SAN_FREE_PAGE);
    spin_lock(&lock);
    ref_init(&p->refs, 0);
    p->order = ORDER_ZEROED;
    list_add(&zeroed, &p->link);
    zeroed_count++;
    __atomic_store_n(&free_frames, free_frames + 1, __ATOMIC_RELAXED);
    spin_unlock(&lock);
    return true;
}

uint64_t page_free_count(void)
{
    return __atomic_load_n(&free_frames, __ATOMIC_RELAXED);
}

uint64_t page_total_count(void)
{
    return total_frames;
}

uint64_t page_reserve_count(void)
{
    return reserve_file + reserve_kernel + reserve_pager;
}

uint64_t page_available_count(void)
{
    uint64_t free = page_free_count(), kept = page_reserve_count();
    return free > kept ? free - kept : 0;
}

void page_lists_init(void)
{
    for (unsigned i = 0; i < PAGE_ORDERS; i++)
        list_init(&free_list[i]);
}

void page_give(uint64_t first, uint64_t end)
{
    total_frames += end - first;
    free_frames += end - first;
    for (uint64_t i = first; i < end; i++) {
        page_array[i].order = ORDER_INSIDE;
        list_init(&page_array[i].link);
    }
    for (uint64_t i = first; i < end; i++)
        buddy_free(&page_array[i], 0);
    san_poison(page_kva(&page_array[first]), (end - first) * PAGE_SIZE, SAN_FREE_PAGE);
}

/* At least 64 frames for each reserve; 1 in 128 of large memories, at most 4 MiB. */
void page_set_reserves(void)
{
    reserve_kernel = MIN(MAX(total_frames / 128, 64ul), 1024ul);
    reserve_pager = reserve_kernel;
    reserve_file = reserve_kernel;
}

static uint64_t count_list(const struct list *l, uint8_t order, int *faults)
{
    uint64_t n = 0;
    const struct list *pos;

    list_for_each (pos, l) {
        const struct page *p = list_entry(pos, const struct page, link);
        n++;
        if (p->order != order || ref_read(&p->refs) != 0) {
            log_print("page check: frame %lx on a free list: order %x, %u references",
                      page_paddr(p), p->order, ref_read(&p->refs));
            ++*faults;
        }
        if (n > page_span)
            break;
    }
    return n;
}

int page_check(void)
{
    int faults = 0;
    uint64_t n = 0;

    spin_lock(&lock);
    for (unsigned i = 0; i < PAGE_ORDERS; i++)
        n += count_list(&free_list[i], (uint8_t)(ORDER_FREE | i), &faults) << i;
    uint64_t in_hot = count_list(&hot, ORDER_HOT, &faults);
    uint64_t in_zeroed = count_list(&zeroed, ORDER_ZEROED, &faults);
    if (in_hot != hot_count || in_zeroed != zeroed_count || n + in_hot + in_zeroed != free_frames) {
        log_print("page check: %lu free in blocks, %lu of %lu hot, %lu of %lu zeroed; %lu in all",
                  n, in_hot, hot_count, in_zeroed, zeroed_count, free_frames);
        faults++;
    }
    spin_unlock(&lock);
    return faults;
}
