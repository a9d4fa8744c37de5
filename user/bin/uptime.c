/*
 * uptime.c - how long the system runs and how idle its harts were.
 */
#include <duality/sys.h>
#include <duality/tool.h>
#include <stdio.h>

int main(void)
{
    struct info_system s;
    unsigned long long up, idle;

    if (sysinfo(INFO_SYSTEM, 0, &s, sizeof(s)) < 0)
        tool_die("sysinfo");
    up = s.uptime_ns / 10000000;
    idle = s.harts ? s.idle_ns / s.harts / 10000000 : 0;
    printf("up %llu.%02llu s, %u harts, idle %llu%%\n", up / 100, up % 100, s.harts,
           up ? idle * 100 / up : 0);
    return 0;
}
