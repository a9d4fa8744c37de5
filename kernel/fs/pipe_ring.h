/*
 * pipe_ring.h - the bytes in a pipe: a ring over separately allocated pages (pure).
 *
 * Bytes head to tail (counted since the beginning) are in the ring; byte b lies in page
 * b / 4096 % PIPE_PAGES. The owner puts pages in where ring_missing_page() says and takes them
 * out with ring_take_idle_page(); no page is needed where no byte is. The owner's lock guards it
 * all.
 */
#ifndef FS_PIPE_RING_H
#define FS_PIPE_RING_H

#include "lib/types.h"

enum { PIPE_PAGE = 4096, PIPE_PAGES = 16, PIPE_CAPACITY = PIPE_PAGE * PIPE_PAGES };

struct pipe_ring {
    uint64_t head, tail;
    void *page[PIPE_PAGES];
};

static inline size_t ring_used(const struct pipe_ring *r)
{
    return r->tail - r->head;
}

static inline size_t ring_free(const struct pipe_ring *r)
{
    return PIPE_CAPACITY - ring_used(r);
}

/* Bytes readable at *at without a gap, at most `max`. */
size_t ring_read_span(const struct pipe_ring *r, size_t max, void **at);

/*
 * Room for writing at tail + skip, at most `max` bytes without a gap. 0: the ring is full there, or
 * the page is missing (ring_missing_page()).
 */
size_t ring_write_span(const struct pipe_ring *r, size_t skip, size_t max, void **at);

/* Index of the first page missing to write `len` bytes (at most ring_free()) from tail; -1: none.
 */
int ring_missing_page(const struct pipe_ring *r, size_t len);

/* Bytes were read, or written (the sum of the spans). */
void ring_consume(struct pipe_ring *r, size_t len);
void ring_produce(struct pipe_ring *r, size_t len);

/* Takes out a page that holds no byte, keeping one for the next write unless `all`; NULL: none. */
void *ring_take_idle_page(struct pipe_ring *r, bool all);

#endif
