/*
 * duality/syscall.h - the raw system calls for programs; see user/lib/syscall.h.
 */
#ifndef DUALITY_SYSCALL_H
#define DUALITY_SYSCALL_H

#include "../../syscall.h"

#endif
