/*
 * assert.h - ASSERT(x): the kernel's own rules, checked while it runs.
 *
 * A failed ASSERT means that the kernel broke its own rule; what comes from users, pagers or disks
 * is never asserted. In the kernel it ends in panic(), one of the link symbols that lower floors
 * may call; on the host it prints and aborts, so that tests and fuzzers see it.
 */
#ifndef LIB_ASSERT_H
#define LIB_ASSERT_H

#include "lib/types.h"

#if __STDC_HOSTED__
#include <stdio.h>
#include <stdlib.h>
#define ASSERT_FAIL_(file, line, text)                                                             \
    (fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, text), abort())
#else
void panic(const char *fmt, ...) __noreturn __printf_like(1, 2);
#define ASSERT_FAIL_(file, line, text) panic("%s:%d: assertion failed: %s", file, line, text)
#endif

#define ASSERT(x)                                                                                  \
    do {                                                                                           \
        if (unlikely(!(x)))                                                                        \
            ASSERT_FAIL_(__FILE__, __LINE__, #x);                                                  \
    } while (0)

_Static_assert(sizeof(void *) == 8, "the kernel and its host tests are 64-bit");
_Static_assert(sizeof(long) == 8, "long holds a register");

#endif
