/*
 * syscall.h - the raw system calls: `long sys_NAME params`, one per row of abi/syscall.def.
 *
 * A stub returns what the kernel put in a0: a result of at least 0, or -errno. It never touches
 * errno; the POSIX functions (posix_*.c) do that. The stubs themselves are in stubs.S.
 */
#ifndef USER_LIB_SYSCALL_H
#define USER_LIB_SYSCALL_H

#include <stddef.h>
#include <stdint.h>

#include "abi/fs.h"
#include "abi/info.h"
#include "abi/msg.h"
#include "abi/proc.h"
#include "abi/syscall.h"
#include "abi/vm.h"

#define SYSCALL(number, name, nargs, type, params) type sys_##name params;
#include "abi/syscall.def"
#undef SYSCALL

#endif
