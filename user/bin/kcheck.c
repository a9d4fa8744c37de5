/*
 * kcheck.c - lets the kernel check its own structures: frames, objects, page states, regions.
 *
 * Prints "kcheck: ok", or how many faults were found (the kernel has named each on the console).
 * -m writes everything back first and adds "free=N": the pages that are free or could be freed at
 * once, to compare before and after a run.
 */
#include <duality/sys.h>
#include <duality/tool.h>
#include <stdio.h>
#include <unistd.h>

static void print_free(void)
{
    struct info_memory m;

    if (sysinfo(INFO_MEMORY, 0, &m, sizeof(m)) < 0)
        tool_die("sysinfo");
    printf("kcheck: ok free=%llu\n", (unsigned long long)(m.free + m.cached - m.dirty + m.buffers));
}

int main(int argc, char **argv)
{
    unsigned char opt[128];
    int faults;

    if (tool_flags(argc, argv, "m", "[-m]", opt) != argc)
        tool_usage("[-m]");
    if (opt['m'])
        sync();
    faults = kcheck();
    if (faults < 0)
        tool_die("kcheck");
    if (faults > 0)
        printf("kcheck: %d faults\n", faults);
    else if (opt['m'])
        print_free();
    else
        puts("kcheck: ok");
    return faults > 0;
}
