/*
 * pageout.h - write-back of dirty pages and reclaim of clean ones.
 *
 * Kernel threads: `flusher` writes dirty objects back when they are old (FLUSH_INTERVAL_NS), when
 * asked, and when memory is short; `pageout` takes clean pages back when free frames fall below its
 * mark. Nothing here allocates.
 */
#ifndef VM_PAGEOUT_H
#define VM_PAGEOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "mem/page.h"

struct vmo;

/* As page_alloc() for PAGE_USER, waiting for page-out as long as it makes progress. NULL: out of
 * memory, or the process is being killed. No lock held. */
struct page *pageout_alloc(bool zero);

/* The same for a page of a file, which may take the place of any other. */
struct page *pageout_alloc_file(bool zero);

/* Frames that could be had for anonymous memory: free, or clean pages of files above the floor. */
uint64_t pageout_obtainable(void);

/* Waits until some frames were freed; -ENOMEM when there is no hope. For -ENOMEM results of radix
 * and slab allocations. No lock held. */
int pageout_wait_memory(void);

/* Shrinkers: caches of upper floors; fn(n) gives back about n frames and says how many. */
void pageout_register_shrinker(uint64_t (*fn)(uint64_t frames));

/* Takes back everything that is clean and unused, and empties the caches of upper floors: after it
 * the count of free frames says what is really in use. For kcheck(). No lock held. */
void pageout_drop_caches(void);

/* Writes everything dirty now in all objects and waits; the caller commits. First error. For sync
 * and poweroff. */
int pageout_sync_all(uint64_t deadline_ns);
/* The machine goes down and pagers are gone: their hosts in the kernel write what is still dirty.
 * First error; the caller commits. */
int pageout_rescue_all(void);

/* Asks the flusher to look at `vmo` soon. */
void pageout_kick(struct vmo *vmo);

void pageout_init(void);

#endif
