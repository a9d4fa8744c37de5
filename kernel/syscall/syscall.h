/*
 * syscall.h - the handlers of all system calls, one for each row of abi/syscall.def.
 *
 * A handler decodes its arguments, copies in, makes one call down, copies out; it holds no lock and
 * has no policy. It runs on the calling thread with interrupts off, returns a result of at least
 * 0 or -errno, and finds the whole trap frame in current_thread()->tf, sepc already past the
 * ecall. -EINTR is turned into a restart where no handler runs or SA_RESTART says so (signal.h).
 */
#ifndef SYSCALL_SYSCALL_H
#define SYSCALL_SYSCALL_H

#include <stdint.h>

#include "arch/riscv/trapframe.h"

#define SYSCALL(number, name, nargs, ret, params) int64_t sys_##name(const struct sysargs *a);
#include "abi/syscall.def"
#undef SYSCALL

typedef int64_t (*syscall_fn)(const struct sysargs *a);
extern const syscall_fn syscall_table[]; /* for trap.S */

#endif
