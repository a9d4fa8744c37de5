/*
 * kernel/riscv.h - pages, page table bits and the registers that a user program may read.
 */
#ifndef XV6_RISCV_H
#define XV6_RISCV_H

#define PGSIZE  4096
#define PGSHIFT 12

#define PGROUNDUP(n)   (((n) + PGSIZE - 1) & ~(PGSIZE - 1))
#define PGROUNDDOWN(a) ((a) & ~(PGSIZE - 1))

#define PTE_V (1L << 0)
#define PTE_R (1L << 1)
#define PTE_W (1L << 2)
#define PTE_X (1L << 3)
#define PTE_U (1L << 4)
#define PTE_G (1L << 5)
#define PTE_A (1L << 6)
#define PTE_D (1L << 7)

#define PXMASK         0x1FF
#define PXSHIFT(level) (PGSHIFT + 9 * (level))
#define PX(level, va)  ((((uint64)(va)) >> PXSHIFT(level)) & PXMASK)

#define MAXVA (1L << 38) /* one beyond the highest user address (Sv39, lower half) */

#ifndef __ASSEMBLER__

#include "kernel/types.h"

typedef uint64 pte_t;
typedef uint64 *pagetable_t;

#define XV6_READ_REGISTER(name)                                                                    \
    static inline __attribute__((unused)) uint64 r_##name(void)                                    \
    {                                                                                              \
        uint64 value;                                                                              \
                                                                                                   \
        __asm__ volatile("mv %0, " #name : "=r"(value));                                           \
        return value;                                                                              \
    }

XV6_READ_REGISTER(sp)
XV6_READ_REGISTER(tp)
XV6_READ_REGISTER(ra)

static inline __attribute__((unused)) uint64 r_fp(void)
{
    uint64 value;

    __asm__ volatile("mv %0, s0" : "=r"(value));
    return value;
}

static inline __attribute__((unused)) uint64 r_time(void)
{
    uint64 value;

    __asm__ volatile("rdtime %0" : "=r"(value));
    return value;
}

#endif
#endif
