/*
 * sleep.c - waits some seconds, which may have a fraction.
 */
#include <duality/tool.h>
#include <stdlib.h>
#include <time.h>

int main(int argc, char **argv)
{
    struct timespec want;
    double seconds;
    char *end;

    if (argc != 2)
        tool_usage("SECONDS");
    seconds = strtod(argv[1], &end);
    if (end == argv[1] || *end || seconds < 0)
        tool_usage("SECONDS");
    want.tv_sec = (time_t)seconds;
    want.tv_nsec = (long)((seconds - (double)want.tv_sec) * 1e9);
    return nanosleep(&want, NULL) ? tool_errno("sleep") : 0;
}
