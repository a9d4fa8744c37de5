/*
 * rmap.h - from a page of an object to its mappings: for vm/ only.
 *
 * Regions of an object stand in vmo->mappings, a tree by first page, augmented by the largest end,
 * so that finding the mappings of one page costs their number and a logarithm. All functions want
 * vmo->lock; they take each address space's pmap lock in turn. Entries with PTE_OWN belong to
 * private layers and are left alone.
 */
#ifndef VM_RMAP_H
#define VM_RMAP_H

#include "vm/aspace.h"
#include "vm/vmo.h"

void rmap_insert(struct vmo *vmo, struct region *r);
void rmap_remove(struct vmo *vmo, struct region *r);

/* Unmaps pages [first, first + n) wherever they are mapped, and flushes. */
void rmap_unmap(struct vmo *vmo, uint64_t first, uint64_t n);

/* Takes away write permission, and flushes. */
void rmap_write_protect(struct vmo *vmo, uint64_t first, uint64_t n);

/* Clears the accessed bits of one page (no flush: an old entry only hides one use); says whether
 * any was set. */
bool rmap_test_accessed(struct vmo *vmo, uint64_t index);

/* Calls fn for each region that maps any of the pages. */
void rmap_each(struct vmo *vmo, uint64_t first, uint64_t n,
               void (*fn)(struct region *r, uint64_t first, uint64_t end, void *arg), void *arg);

#endif
