/*
 * counter.h - the event counters of counter.def.
 *
 * One array per hart (in struct hart), so that counting is one load, add, store. Reading adds the
 * harts up and is exact only while nothing counts.
 */
#ifndef CORE_COUNTER_H
#define CORE_COUNTER_H

#include <stdint.h>

#include "arch/riscv/hart.h"

enum counter {
#define COUNTER(name, text) COUNTER_##name,
#include "core/counter.def"
#undef COUNTER
    COUNTER_MAX,
};

_Static_assert((int)COUNTER_MAX <= (int)HART_COUNTERS, "struct hart has room for every counter");

#if __STDC_HOSTED__ /* host tests have no harts: they bring their own */
void counter_add(enum counter c, uint64_t n);
#else
static inline void counter_add(enum counter c, uint64_t n)
{
    this_hart()->counters[c] += n;
}
#endif
static inline void counter_inc(enum counter c)
{
    counter_add(c, 1);
}
uint64_t counter_read(enum counter c);
const char *counter_name(enum counter c);

#endif
