/*
 * kernel/memlayout.h - addresses: where the kernel lies, how much memory there is.
 *
 * The kernel's map of memory begins at KERNBASE, in the upper half, and has PHYSTOP - KERNBASE
 * bytes (asked of the kernel when used). No user program can touch it. The heap may grow to
 * TRAPFRAME; above are the stack and, in the last pages below MAXVA, nothing.
 */
#ifndef XV6_MEMLAYOUT_H
#define XV6_MEMLAYOUT_H

#define KERNBASE 0xffffffc080000000UL
#define PHYSTOP  (KERNBASE + xv6_memory_bytes())

#define TRAMPOLINE (MAXVA - PGSIZE)
#define TRAPFRAME  (MAXVA - (64L << 20))

#ifndef __ASSEMBLER__
unsigned long xv6_memory_bytes(void);
#endif

#endif
