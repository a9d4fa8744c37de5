/*
 * sbi.h - calls into the SBI firmware.
 *
 * Source: RISC-V Supervisor Binary Interface Specification 1.0. Results are 0 or a negative SBI
 * error. Hart masks name hart ids relative to `base`.
 */
#ifndef ARCH_SBI_H
#define ARCH_SBI_H

#include <stdint.h>

void sbi_putchar(char c); /* polls; for early log and panic */
long sbi_set_timer(uint64_t ticks);
long sbi_hart_start(uint64_t hartid, uint64_t entry_pa, uint64_t arg);
long sbi_send_ipi(uint64_t mask, uint64_t base);
/* Remote sfence.vma of [start, start + len) in one address space, done when it returns; len ~0ul:
 * all of it. */
long sbi_remote_sfence_asid(uint64_t mask, uint64_t base, uint64_t start, uint64_t len,
                            uint64_t asid);
long sbi_remote_fence_i(uint64_t mask, uint64_t base);
void sbi_shutdown(void); /* returns only if the firmware cannot */

#endif
