/*
 * ps.c - the processes: state, memory in KiB, time, what they wait for, name.
 *
 * STALL is the time spent waiting for pagers, FILLS how often.
 */
#include <duality/sys.h>
#include <duality/tool.h>
#include <stdio.h>

static void print(const struct info_proc *p)
{
    static const char states[] = "?rRSTZ";
    char state = p->state < sizeof(states) - 1 ? states[p->state] : '?';

    if (p->state == INFO_RUNNING)
        state = 'R';
    else if (p->state == INFO_READY)
        state = 'r';
    printf("%5d %5d %5d %c %3d %4u %8llu %8llu %7llu.%02llu %6llu.%02llu %7llu %-12.16s %.32s\n",
           p->pid, p->ppid, p->pgid, state, p->threads, p->fds,
           (unsigned long long)p->vsize_pages * 4, (unsigned long long)p->resident_pages * 4,
           (unsigned long long)(p->user_ns + p->system_ns) / 1000000000,
           (unsigned long long)(p->user_ns + p->system_ns) / 10000000 % 100,
           (unsigned long long)p->stall_ns / 1000000000,
           (unsigned long long)p->stall_ns / 10000000 % 100, (unsigned long long)p->fills,
           p->wait[0] ? p->wait : "-", p->name);
}

int main(int argc, char **argv)
{
    struct info_proc list[16];
    int64_t after = 0;
    ssize_t n;

    (void)argv;
    if (argc > 1)
        tool_usage("");
    printf("  PID  PPID  PGID S THR  FDS     SIZE      RSS       TIME     STALL   FILLS "
           "WAIT         NAME\n");
    while ((n = sysinfo(INFO_PROCS, after, list, sizeof(list))) > 0) {
        size_t count = (size_t)n / sizeof(list[0]);

        for (size_t i = 0; i < count; i++)
            print(&list[i]);
        after = list[count - 1].pid;
    }
    return n < 0 ? tool_errno("sysinfo") : 0;
}
