/*
 * syscall.h - the numbers of syscall.def as an enumeration: SYS_read and so on.
 */
#ifndef ABI_SYSCALL_H
#define ABI_SYSCALL_H

enum {
#define SYSCALL(number, name, nargs, ret, params) SYS_##name = number,
#include "abi/syscall.def"
#undef SYSCALL
    SYS_LIMIT = 128, /* every number is below this */
};

#endif
