/*
 * unmap.h - taking page table entries out of an address space: for vm/ only.
 */
#ifndef VM_UNMAP_H
#define VM_UNMAP_H

#include "vm/aspace.h"

/* Removes all entries of [start, end), flushes, and gives back the frames of private layers.
 * as->lock is held. Tables are not freed. */
void unmap_pages(struct aspace *as, vaddr_t start, vaddr_t end);

/* Changes the hardware permission of all entries of [start, end) to `prot` and flushes if any lost
 * one. Entries of shared pages never gain write permission (the dirty fault does that); private
 * ones gain it only when the frame has one owner. */
void unmap_protect(struct aspace *as, vaddr_t start, vaddr_t end, int prot);

#endif
