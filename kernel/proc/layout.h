/*
 * layout.h - where exec puts things in a new address space.
 *
 *   USER_BASE ... program segments, heap ... mappings ... | guard | stack | gap | USER_END
 */
#ifndef PROC_LAYOUT_H
#define PROC_LAYOUT_H

#include "arch/riscv/pte.h"

#define USER_STACK_BYTES (8ul << 20)
#define USER_GUARD_BYTES (16 * PAGE_SIZE)
#define USER_STACK_TOP   (USER_END - USER_GUARD_BYTES)
#define USER_STACK_BASE  (USER_STACK_TOP - USER_STACK_BYTES)

/* Segments of a program lie below this: half of the user's space is left for mappings. */
#define USER_IMAGE_END (USER_END / 2)

#endif
