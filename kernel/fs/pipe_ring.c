/*
 * pipe_ring.c - the ring of pipe_ring.h: spans, missing and idle pages.
 *
 * Pure: no lock, no allocation, no user memory, so that test/host/t_pipe_ring.c can run it.
 */
#include "fs/pipe_ring.h"

#include "lib/assert.h"

static unsigned slot_of(uint64_t byte)
{
    return byte / PIPE_PAGE % PIPE_PAGES;
}

/* From `byte` on, at most max bytes and not past its page's end. */
static size_t span_at(const struct pipe_ring *r, uint64_t byte, size_t max, void **at)
{
    size_t in_page = byte % PIPE_PAGE;
    char *page = r->page[slot_of(byte)];
    if (!page)
        return 0;
    *at = page + in_page;
    return MIN(max, PIPE_PAGE - in_page);
}

size_t ring_read_span(const struct pipe_ring *r, size_t max, void **at)
{
    max = MIN(max, ring_used(r));
    return max ? span_at(r, r->head, max, at) : 0;
}

size_t ring_write_span(const struct pipe_ring *r, size_t skip, size_t max, void **at)
{
    if (skip >= ring_free(r))
        return 0;
    max = MIN(max, ring_free(r) - skip);
    return max ? span_at(r, r->tail + skip, max, at) : 0;
}

int ring_missing_page(const struct pipe_ring *r, size_t len)
{
    ASSERT(len <= ring_free(r));
    for (uint64_t byte = r->tail; byte < r->tail + len;
         byte = ALIGN_DOWN(byte, PIPE_PAGE) + PIPE_PAGE) {
        if (!r->page[slot_of(byte)])
            return slot_of(byte);
    }
    return -1;
}

void ring_consume(struct pipe_ring *r, size_t len)
{
    ASSERT(len <= ring_used(r));
    r->head += len;
}

void ring_produce(struct pipe_ring *r, size_t len)
{
    ASSERT(len <= ring_free(r));
    r->tail += len;
}

/* Slot i holds a byte of [head, tail). */
static bool slot_busy(const struct pipe_ring *r, unsigned i)
{
    if (ring_used(r) == 0)
        return false;
    unsigned first = slot_of(r->head);
    uint64_t pages = DIV_ROUND_UP(r->tail, PIPE_PAGE) - r->head / PIPE_PAGE;
    return (i + PIPE_PAGES - first) % PIPE_PAGES < pages;
}

void *ring_take_idle_page(struct pipe_ring *r, bool all)
{
    for (unsigned i = 0; i < PIPE_PAGES; i++) {
        if (!r->page[i] || slot_busy(r, i) || (!all && i == slot_of(r->tail)))
            continue;
        void *page = r->page[i];
        r->page[i] = NULL;
        return page;
    }
    return NULL;
}
