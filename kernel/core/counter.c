/*
 * counter.c - the event counters of counter.def.
 *
 * Owns the meaning of struct hart's counters[]: each hart adds to its own row, so that counting
 * needs no atomic operation; a reader adds the rows up and may be a little behind.
 */
#include "core/counter.h"

#include "arch/riscv/hart.h"
#include "lib/types.h"

static const char *const names[] = {
#define COUNTER(name, text) #name,
#include "core/counter.def"
#undef COUNTER
};

uint64_t counter_read(enum counter c)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < hart_count; i++)
        sum += READ_ONCE(harts[i].counters[c]);
    return sum;
}

const char *counter_name(enum counter c)
{
    return c < COUNTER_MAX ? names[c] : "?";
}
