/*
 * kernel/vm.h - the two ways for sys_sbrk() to grow the heap.
 */
#ifndef XV6_VM_H
#define XV6_VM_H

#define SBRK_EAGER 1 /* frames now, or failure now */
#define SBRK_LAZY  2 /* frames when touched */

#endif
