/*
 * vmstat.c - the kernel's counters. vmstat [NAME-PART...] shows those whose name has a part in it;
 * -d SECONDS shows what they rose by in that time; -z leaves out zeros.
 */
#include <duality/sys.h>
#include <duality/tool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COUNTERS_MAX = 512 };

static size_t load(struct info_counter *list)
{
    ssize_t n = sysinfo(INFO_COUNTERS, 0, list, COUNTERS_MAX * sizeof(*list));

    if (n < 0)
        tool_die("sysinfo");
    return (size_t)n / sizeof(*list);
}

static int wanted(const char *name, char **parts)
{
    if (!*parts)
        return 1;
    for (; *parts; parts++)
        if (strstr(name, *parts))
            return 1;
    return 0;
}

int main(int argc, char **argv)
{
    static struct info_counter before[COUNTERS_MAX], after[COUNTERS_MAX];
    int option, seconds = 0, no_zeros = 0;
    size_t count;

    while ((option = getopt(argc, argv, "d:z")) != -1) {
        if (option == 'd')
            seconds = (int)tool_number(optarg);
        else if (option == 'z')
            no_zeros = 1;
        else
            tool_usage("[-z] [-d SECONDS] [NAME-PART...]");
    }
    count = load(after);
    if (seconds) {
        memcpy(before, after, sizeof(before));
        sleep((unsigned)seconds);
        count = load(after);
    }
    for (size_t i = 0; i < count; i++) {
        uint64_t value = after[i].value - before[i].value;

        if (wanted(after[i].name, argv + optind) && (value || !no_zeros))
            printf("%-24.24s %llu\n", after[i].name, (unsigned long long)value);
    }
    return 0;
}
