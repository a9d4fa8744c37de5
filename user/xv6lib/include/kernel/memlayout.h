/*
 * kernel/memlayout.h - addresses: where the kernel lies, how much memory there is.
 *
 * The kernel's map of memory begins at KERNBASE, in the upper half, and has PHYSTOP - KERNBASE bytes
 * (asked of the kernel when used). No user program can touch it. TRAPFRAME and TRAMPOLINE are the
 * two pages below MAXVA, where no program has anything.
 */
#ifndef XV6_MEMLAYOUT_H
#define XV6_MEMLAYOUT_H

#define KERNBASE 0xffffffc080000000UL
#define PHYSTOP  (KERNBASE + xv6_memory_bytes())

#define TRAMPOLINE (MAXVA - PGSIZE)
#define TRAPFRAME  (TRAMPOLINE - PGSIZE)

#ifndef __ASSEMBLER__
unsigned long xv6_memory_bytes(void);
#endif

#endif
