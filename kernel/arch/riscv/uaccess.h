/*
 * uaccess.h - the instructions that touch user memory (uaccess.S).
 *
 * Each is covered by the exception table: a fault that vm_fault_kernel() cannot mend, or that comes
 * while current->nofault > 0, ends the routine early. They know nothing of ranges: the caller
 * (vm/uaccess.c) has checked that the range lies in the user half. Faults sleep.
 */
#ifndef ARCH_UACCESS_H
#define ARCH_UACCESS_H

#include <stddef.h>
#include <stdint.h>

/* Return the number of bytes NOT copied or cleared; at least that many at the end are untouched
 * or, for the last few before a fault, may have been written. */
size_t __copy_from_user(void *dst, uint64_t src, size_t len);
size_t __copy_to_user(uint64_t dst, const void *src, size_t len);
size_t __clear_user(uint64_t dst, size_t len);

/* Copies up to and with the NUL, at most `size` bytes. Length without NUL; `size`: no NUL found;
 * -1: fault. */
long __strncpy_user(char *dst, uint64_t src, size_t size);

/* One aligned word. 0, or -1 on a fault. */
int __get_user_32(uint64_t src, uint32_t *value);
int __get_user_64(uint64_t src, uint64_t *value);
int __put_user_32(uint64_t dst, uint32_t value);
int __put_user_64(uint64_t dst, uint64_t value);
/* *seen = old value; stores `desired` if that was `expected`. 0, or -1 on a fault. */
int __cas_user_32(uint64_t dst, uint32_t expected, uint32_t desired, uint32_t *seen);

/* Where execution goes on after a fault at kernel address `pc`; 0: the fault is a bug. */
uint64_t uaccess_fixup(uint64_t pc);

#endif
