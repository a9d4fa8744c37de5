/*
 * ucontext.h - the registers that a signal handler interrupted: its third argument.
 *
 * A handler may change them; sigreturn() goes on with the changed ones. x[i] is register x(i+1).
 */
#ifndef DUALITY_UCONTEXT_H
#define DUALITY_UCONTEXT_H

#include "abi/proc.h"

typedef struct abi_ucontext ucontext_t;

#endif
