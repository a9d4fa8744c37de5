/*
 * pte.h - Sv39 page table entries and the layout of the address space.
 *
 * Source: RISC-V privileged specification, section "Sv39". The two bits left to software:
 *   PTE_OWN   the entry owns a reference to its frame: a page of a private layer. Such
 *             an entry keeps its frame number even when PTE_V is clear (PROT_NONE).
 *   PTE_LENT  the frame is lent to a pager: it lies in a window and belongs to a transaction.
 */
#ifndef ARCH_PTE_H
#define ARCH_PTE_H

#include <stdint.h>

typedef uint64_t pte_t;
typedef uint64_t paddr_t;
typedef uint64_t vaddr_t;

#define PAGE_SHIFT 12
#define PAGE_SIZE  4096ul
#define PAGE_MASK  (PAGE_SIZE - 1)

#define PTE_V    (1ul << 0)
#define PTE_R    (1ul << 1)
#define PTE_W    (1ul << 2)
#define PTE_X    (1ul << 3)
#define PTE_U    (1ul << 4)
#define PTE_G    (1ul << 5)
#define PTE_A    (1ul << 6)
#define PTE_D    (1ul << 7)
#define PTE_OWN  (1ul << 8)
#define PTE_LENT (1ul << 9)

#define PTE_RWX (PTE_R | PTE_W | PTE_X)

#define PTE_PPN_SHIFT 10
#define PTE_PPN_MASK  ((1ul << 44) - 1)

static inline paddr_t pte_paddr(pte_t pte)
{
    return (pte >> PTE_PPN_SHIFT & PTE_PPN_MASK) << PAGE_SHIFT;
}

static inline pte_t pte_make(paddr_t pa, uint64_t bits)
{
    return pa >> PAGE_SHIFT << PTE_PPN_SHIFT | bits;
}

/* Virtual layout. User: [0, USER_END). Kernel: direct map of all physical addresses below
 * DIRECT_SIZE at DIRECT_BASE with global 1 GiB pages; the kernel image lies inside it. */
#define USER_BASE   0x1000ul
#define USER_END    0x4000000000ul
#define DIRECT_BASE 0xffffffc000000000ul
#define DIRECT_SIZE 0x2000000000ul

static inline void *paddr_to_kva(paddr_t pa)
{
    return (void *)(pa + DIRECT_BASE);
}

static inline paddr_t kva_to_paddr(const void *va)
{
    return (uintptr_t)va - DIRECT_BASE;
}

#endif
