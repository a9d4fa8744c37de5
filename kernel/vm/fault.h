/*
 * fault.h - the way of a page fault.
 */
#ifndef VM_FAULT_H
#define VM_FAULT_H

#include <stdint.h>

#include "abi/proc.h"
#include "arch/riscv/pte.h"

struct aspace;

/*
 * Handles a fault of the calling thread at `addr` (`access`: one ABI_ACCESS_* bit). Sleeps; no lock
 * held. 0: try the access again. -EFAULT: nothing mapped there; -EACCES: not allowed (both:
 * SIGSEGV); -EBOUNDS: beyond the end of the object; any other -errno: verdict of a pager or device
 * (SIGBUS); -ENOMEM: no memory (the process is killed); -EINTR: the thread is being killed.
 * On failure *rec is filled and kept as the thread's fault record.
 */
int vm_fault(struct aspace *as, vaddr_t addr, unsigned access, struct abi_fault_record *rec);

/* A fault in uaccess.S. 0: retry, else take the fix-up; the verdict is kept for copy_*_user(). */
int vm_fault_kernel(uint64_t addr, unsigned access);

/* Signal and si_code for a failed vm_fault(). */
int vm_fault_signal(int err, int *si_code);

#endif
