/*
 * pmap_internal.h - what pmap.c and tlb.c share.
 */
#ifndef MEM_PMAP_INTERNAL_H
#define MEM_PMAP_INTERNAL_H

#include "mem/pmap.h"

void tlb_boot(void); /* finds out how many ASIDs there are */
/* This hart's cached translation of one page goes. */
void tlb_fence_page(struct pmap *pm, vaddr_t va);
/* Makes a batch cover the whole user half. */
void tlb_batch_all(struct tlb_batch *b);
/* The pmap is going: no hart may keep a pointer to it. */
void tlb_forget(struct pmap *pm);

#endif
