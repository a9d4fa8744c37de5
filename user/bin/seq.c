/*
 * seq.c - counts: seq LAST, seq FIRST LAST, seq FIRST STEP LAST.
 */
#include <duality/tool.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    int64_t first = 1, step = 1, last;

    if (argc < 2 || argc > 4)
        tool_usage("[FIRST [STEP]] LAST");
    last = tool_number(argv[argc - 1]);
    if (argc > 2)
        first = tool_number(argv[1]);
    if (argc > 3)
        step = tool_number(argv[2]);
    if (step == 0)
        return tool_warn("a step of 0 never ends");
    for (int64_t i = first; step > 0 ? i <= last : i >= last; i += step)
        printf("%lld\n", (long long)i);
    return fflush(stdout) ? tool_errno("standard output") : 0;
}
