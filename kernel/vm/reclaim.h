/*
 * reclaim.h - the list of pages that can be taken back: for vm/ only.
 *
 * One list of resident pages of hosted objects in order of arrival; page-out gives each a second
 * chance. Lock: RANK_PAGE_LRU, below vmo->lock.
 */
#ifndef VM_RECLAIM_H
#define VM_RECLAIM_H

struct page;

/* The page became resident: last on the list, unless it is there. vmo->lock is held. */
void reclaim_add(struct page *page);
/* The page leaves its object. vmo->lock is held. */
void reclaim_remove(struct page *page);

#endif
