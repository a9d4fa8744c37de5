/*
 * extable.c - which instructions of the kernel may fault on user memory, and where to go on.
 *
 * Reads the table that uaccess.S makes: one row per routine, a dozen in all, so a walk will do.
 */
#include "arch/riscv/uaccess.h"

struct ex_row {
    uint64_t start, end, fixup;
};

extern const struct ex_row __ex_table_start[], __ex_table_end[];

uint64_t uaccess_fixup(uint64_t pc)
{
    for (const struct ex_row *row = __ex_table_start; row < __ex_table_end; row++) {
        if (pc >= row->start && pc < row->end)
            return row->fixup;
    }
    return 0;
}
