/*
 * uaccess.h - touching user memory from the kernel.
 *
 * Through the MMU, with a fix-up table (arch/riscv/uaccess.S): page faults are handled as if the
 * user had touched the address, so these sleep and no lock may be held, except the _nofault ones.
 * Errors: -EFAULT, or the verdict of a pager (-ETIMEDOUT, -EPAGERDEAD, -EIO, ...) when the fault
 * got one.
 */
#ifndef VM_UACCESS_H
#define VM_UACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct page;

__attribute__((warn_unused_result)) int copy_from_user(void *dst, uint64_t src, size_t len);
__attribute__((warn_unused_result)) int copy_to_user(uint64_t dst, const void *src, size_t len);
__attribute__((warn_unused_result)) int clear_user(uint64_t dst, size_t len);

/* Copies a NUL-terminated string of at most `size` bytes with the NUL. Its length, or
 * -ENAMETOOLONG, or as above. */
__attribute__((warn_unused_result)) long copy_string_from_user(char *dst, uint64_t src,
                                                               size_t size);

/* One aligned word. */
__attribute__((warn_unused_result)) int get_user_u32(uint64_t src, uint32_t *value);
__attribute__((warn_unused_result)) int get_user_u64(uint64_t src, uint64_t *value);
__attribute__((warn_unused_result)) int put_user_u32(uint64_t dst, uint32_t value);
__attribute__((warn_unused_result)) int put_user_u64(uint64_t dst, uint64_t value);

/* As above without handling faults: return the number of bytes NOT copied. Locks may be held. */
size_t copy_from_user_nofault(void *dst, uint64_t src, size_t len);
size_t copy_to_user_nofault(uint64_t dst, const void *src, size_t len);
int get_user_u32_nofault(uint64_t src, uint32_t *value); /* -EFAULT */

/* Touches each page of the range so that nofault copies will probably succeed. */
__attribute__((warn_unused_result)) int user_prefault(uint64_t addr, size_t len, bool write);

/* Makes the n pages at page-aligned `addr` of the calling process resident (broken out of
 * copy-on-write if `write`) and takes a reference on each frame, for DMA. Works on lent frames of a
 * pager's window. 0 or as above; put each with page_put(). */
__attribute__((warn_unused_result)) int user_pin_pages(uint64_t addr, unsigned n, bool write,
                                                       struct page **pages);

/* [addr, addr + len) lies in the user half. */
bool user_range_ok(uint64_t addr, size_t len);

#endif
