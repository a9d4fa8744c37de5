/*
 * t_pipe_ring.c - the ring of a pipe against a plain model: random reads, writes, pages in and out.
 *
 * sources: kernel/fs/pipe_ring.c
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fs/pipe_ring.h"
#include "lib/assert.h"

static struct pipe_ring ring;
static uint64_t written, was_read; /* bytes; byte n of the stream is stream(n) */
static uint32_t seed = 1;

static unsigned char stream(uint64_t n)
{
    return (unsigned char)(n * 131 + n / 4096 * 17);
}

static uint32_t random_below(uint32_t limit)
{
    seed = seed * 1664525 + 1013904223;
    return (seed >> 8) % limit;
}

/* Puts in the pages that a write of len bytes needs. */
static void add_pages(size_t len)
{
    int i;
    while ((i = ring_missing_page(&ring, len)) >= 0) {
        ASSERT(!ring.page[i]);
        ring.page[i] = malloc(PIPE_PAGE);
        memset(ring.page[i], 0xee, PIPE_PAGE);
    }
}

static void write_some(size_t len)
{
    size_t done = 0, span;
    void *at;
    len = MIN(len, ring_free(&ring));
    add_pages(len);
    while ((span = ring_write_span(&ring, done, len - done, &at)) > 0) {
        for (size_t i = 0; i < span; i++)
            ((unsigned char *)at)[i] = stream(written + done + i);
        done += span;
    }
    ASSERT(done == len);
    ring_produce(&ring, done);
    written += done;
}

static void read_some(size_t len)
{
    size_t span;
    void *at;
    while (len > 0 && (span = ring_read_span(&ring, len, &at)) > 0) {
        for (size_t i = 0; i < span; i++)
            ASSERT(((unsigned char *)at)[i] == stream(was_read + i));
        ring_consume(&ring, span);
        was_read += span;
        len -= span;
    }
}

static void drop_pages(bool all)
{
    void *page;
    while ((page = ring_take_idle_page(&ring, all)))
        free(page);
}

int main(void)
{
    for (int i = 0; i < 200000; i++) {
        uint32_t len = random_below(4) ? random_below(6000) : random_below(PIPE_CAPACITY + 1);
        if (random_below(2))
            write_some(len);
        else
            read_some(len);
        if (random_below(3) == 0)
            drop_pages(random_below(8) == 0);
        ASSERT(ring_used(&ring) == written - was_read);
        ASSERT(ring_used(&ring) + ring_free(&ring) == PIPE_CAPACITY);
    }
    write_some(PIPE_CAPACITY);
    ASSERT(ring_free(&ring) == 0 && ring_missing_page(&ring, 0) == -1);
    ASSERT(!ring_take_idle_page(&ring, true));
    read_some(PIPE_CAPACITY);
    drop_pages(true);
    for (int i = 0; i < PIPE_PAGES; i++)
        ASSERT(!ring.page[i]);
    printf("t_pipe_ring: %llu bytes, ok\n", (unsigned long long)written);
    return 0;
}
