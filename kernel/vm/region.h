/*
 * region.h - the tree of regions of an address space: for vm/ only.
 *
 * All functions want as->lock. Regions of objects are linked into the object's mappings too;
 * whatever changes their bounds does so with vmo->lock held.
 */
#ifndef VM_REGION_H
#define VM_REGION_H

#include "vm/aspace.h"

/* A region struct filled from `proto` (whose vmo gets one more user). NULL: no memory. */
struct region *region_create(const struct region *proto);
/* Frees the struct and gives its user of the object back. No lock; may sleep. */
void region_free(struct region *r);

/* Puts r, which overlaps nothing, in the tree and in its object's mappings. */
void region_insert(struct aspace *as, struct region *r);
/* Takes it out of both. */
void region_remove(struct aspace *as, struct region *r);

/* First region that ends after addr; NULL: none. */
struct region *region_first_after(struct aspace *as, vaddr_t addr);
struct region *region_next(struct region *r);

/* Splits the region that contains addr (not its start) there, so that a region starts at addr. 0 or
 * -ENOMEM. */
int region_split(struct aspace *as, vaddr_t addr);

/* Moves the end of r (the space up to there is free). */
void region_set_end(struct aspace *as, struct region *r, vaddr_t end);

/* Joins r with its left neighbour if the two could be one region. The neighbour's struct, now out
 * of both trees and to be freed with region_free(); NULL: not joined. */
struct region *region_join_left(struct aspace *as, struct region *r);

/* Start of the highest free gap of len bytes that ends at or below `below`; 0: none. */
vaddr_t region_find_gap(struct aspace *as, uint64_t len, vaddr_t below);

#endif
