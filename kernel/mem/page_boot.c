/*
 * page_boot.c - the array of struct page, made from what the board says of memory.
 *
 * Owns the arithmetic of boot: memory ranges less what is reserved (firmware, kernel image, device
 * tree, initrd, the array itself, the sanitizer's shadow). Runs once, on one hart, before any
 * allocation. The array covers the span from the lowest to the highest frame; frames that are not
 * ours are holes.
 */
#include "arch/riscv/fdt.h"
#include "core/log.h"
#include "core/panic.h"
#include "lib/string.h"
#include "lib/types.h"
#include "mem/page_internal.h"
#include "core/san.h"

enum { TAKEN_MAX = BOARD_RANGES + 4 };

extern char __kernel_start[], __kernel_end[];

static struct board_range taken[TAKEN_MAX];
static uint32_t taken_count;

static void take(paddr_t start, paddr_t end)
{
    if (taken_count == TAKEN_MAX)
        panic("more than %d reserved ranges of memory", TAKEN_MAX);
    taken[taken_count].start = ALIGN_DOWN(start, PAGE_SIZE);
    taken[taken_count++].end = ALIGN_UP(end, PAGE_SIZE);
}

/* The first taken range that overlaps [start, end), NULL if none does. */
static const struct board_range *overlap(paddr_t start, paddr_t end)
{
    const struct board_range *first = NULL;
    for (uint32_t i = 0; i < taken_count; i++) {
        const struct board_range *t = &taken[i];
        if (t->start < end && start < t->end && t->start < t->end &&
            (!first || t->start < first->start))
            first = t;
    }
    return first;
}

/* The highest free place of `size` bytes in any memory range, taken. */
static paddr_t place(uint64_t size)
{
    size = ALIGN_UP(size, PAGE_SIZE);
    for (uint32_t i = board.memory_count; i-- > 0;) {
        paddr_t low = ALIGN_UP(board.memory[i].start, PAGE_SIZE);
        paddr_t end = ALIGN_DOWN(board.memory[i].end, PAGE_SIZE);
        while (end > low && end - low >= size) {
            const struct board_range *t = overlap(end - size, end);
            if (!t) {
                take(end - size, end);
                return end - size;
            }
            end = t->start;
        }
    }
    panic("no room for %lu bytes at boot: too little memory", size);
}

static void give_free_parts(paddr_t start, paddr_t end)
{
    while (start < end) {
        const struct board_range *t = overlap(start, end);
        paddr_t stop = t ? MAX(t->start, start) : end;
        if (start < stop)
            page_give((start >> PAGE_SHIFT) - page_base, (stop >> PAGE_SHIFT) - page_base);
        start = t ? t->end : end;
    }
}

static void make_array(void)
{
    paddr_t low = UINT64_MAX, high = 0;
    for (uint32_t i = 0; i < board.memory_count; i++) {
        low = MIN(low, board.memory[i].start);
        high = MAX(high, board.memory[i].end);
    }
    page_base = low >> PAGE_SHIFT;
    page_span = (high >> PAGE_SHIFT) - page_base;

    san_boot(low, high, place); /* first: the shadow lies at the top */
    page_array = paddr_to_kva(place(page_span * sizeof(struct page)));
    memset(page_array, 0, page_span * sizeof(struct page));
    for (uint64_t i = 0; i < page_span; i++)
        page_array[i].order = ORDER_HOLE;
}

void page_init(void)
{
    paddr_t kernel = kva_to_paddr(__kernel_start);

    page_lists_init();
    /* the firmware lies below the kernel, whether the tree says so or not */
    take(ALIGN_DOWN(kernel, 2ul << 20) - (2ul << 20), kva_to_paddr(__kernel_end));
    for (uint32_t i = 0; i < board.reserved_count; i++)
        take(board.reserved[i].start, board.reserved[i].end);
    make_array();

    for (uint32_t i = 0; i < board.memory_count; i++)
        give_free_parts(ALIGN_UP(board.memory[i].start, PAGE_SIZE),
                        ALIGN_DOWN(board.memory[i].end, PAGE_SIZE));
    page_set_reserves();
    log_print("memory: %lu KiB, %lu KiB free, %lu KiB kept in reserve",
              page_span * (PAGE_SIZE / 1024), page_free_count() * (PAGE_SIZE / 1024),
              page_reserve_count() * (PAGE_SIZE / 1024));
}
