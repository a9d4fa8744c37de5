/*
 * main.c - bench: what operations of the system cost, in instructions.
 *
 *     bench [NAME ...]     all rows, or these
 *     bench -l             the names
 *
 * One line a row, fields separated by tabs: "row", name, median, min, mean, samples, what is
 * counted. A row that cannot be measured has "-" for its numbers. The last line is "bench: N rows,
 * M failed". Made to run on one hart under `-icount` (make bench), where the same image gives the
 * same numbers; elsewhere rdinstret counts something else.
 */
#include <stdio.h>
#include <string.h>

#include "bench.h"

static const struct row *const areas[] = {
    call_rows, ipc_rows, pager_rows, fault_rows, space_rows, process_rows,
};

static bool is_wanted(const char *name, int argc, char **argv)
{
    int i;

    for (i = 1; i < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return true;
    return argc == 1;
}

int main(int argc, char **argv)
{
    bool list = argc == 2 && strcmp(argv[1], "-l") == 0;
    int rows = 0, failed = 0;
    const struct row *r;
    size_t i;

    for (i = 0; i < sizeof(areas) / sizeof(areas[0]); i++) {
        for (r = areas[i]; r->name; r++) {
            if (list) {
                puts(r->name);
            } else if (is_wanted(r->name, argc, argv)) {
                rows++;
                failed += measure(r) != 0;
                fflush(stdout);
            }
        }
    }
    role_restore();
    if (!list)
        printf("bench: %d rows, %d failed\n", rows, failed);
    return failed != 0 || (!list && rows == 0);
}
