/*
 * page_internal.h - what page.c and page_boot.c share.
 */
#ifndef MEM_PAGE_INTERNAL_H
#define MEM_PAGE_INTERNAL_H

#include "mem/page.h"

enum {
    PAGE_ORDERS = 11, /* blocks of 1 to 1024 frames */
    ORDER_FREE = 0x80,
    ORDER_HOT = 0x40,
    ORDER_ZEROED = 0x41,
    ORDER_INSIDE = 0x20,
    ORDER_HOLE = PAGE_ORDER_HOLE,
};

void page_lists_init(void);
/* Makes frames [first, end) (indices of page_array) free for the first time. */
void page_give(uint64_t first, uint64_t end);
void page_set_reserves(void);

#endif
