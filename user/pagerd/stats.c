/*
 * stats.c - pagerd -s: what the kernel has counted for the pager sessions that run.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <duality/sys.h>

#include "pagerd.h"

/* The next session behind id *after. */
static bool next_session(uint32_t *after, struct info_pager *p)
{
    if (sysinfo(INFO_PAGERS, *after, p, sizeof(*p)) < (ssize_t)sizeof(*p))
        return false;
    *after = p->session;
    return true;
}

static bool runs(const struct info_pager *p)
{
    return p->state == INFO_PAGER_NEW || p->state == INFO_PAGER_LIVE;
}

int stats_running_pid(void)
{
    struct info_pager p;
    uint32_t after = 0;

    while (next_session(&after, &p))
        if (runs(&p) && p.flags & PAGER_OPEN_FILE)
            return (int)p.pid;
    return 0;
}

static const char *state_name(uint32_t state)
{
    static const char *const names[] = {"?", "new", "live", "dead, waiting", "dead"};

    return state < sizeof(names) / sizeof(names[0]) ? names[state] : names[0];
}

static void print_side(const char *what, uint64_t calls, uint64_t pages, uint64_t errors,
                       uint64_t timeouts, uint64_t ns_total, uint64_t ns_max)
{
    printf("  %-8s %10llu %10llu %8llu %9llu %10llu %10llu\n", what, (unsigned long long)calls,
           (unsigned long long)pages, (unsigned long long)errors, (unsigned long long)timeouts,
           (unsigned long long)(calls ? ns_total / calls / 1000 : 0),
           (unsigned long long)(ns_max / 1000));
}

static void print_session(const struct info_pager *p)
{
    printf("session %u: pid %u, %s, epoch %llu, %llu objects, %llu of %llu slots busy\n",
           p->session, p->pid, state_name(p->state), (unsigned long long)p->epoch,
           (unsigned long long)p->objects, (unsigned long long)p->slots_busy,
           (unsigned long long)p->slots);
    printf("  %-8s %10s %10s %8s %9s %10s %10s\n", "", "requests", "pages", "errors", "timeouts",
           "mean us", "max us");
    print_side("fills", p->fills, p->fill_pages, p->fill_errors, p->fill_timeouts, p->fill_ns_total,
               p->fill_ns_max);
    print_side("flushes", p->flushes, p->flush_pages, p->flush_errors, p->flush_timeouts,
               p->flush_ns_total, p->flush_ns_max);
    printf("  %llu answers refused, %llu too late\n", (unsigned long long)p->protocol_errors,
           (unsigned long long)p->stale_replies);
}

int stats_print(void)
{
    struct info_pager p;
    uint32_t after = 0;
    int shown = 0;

    while (next_session(&after, &p))
        if (runs(&p)) {
            print_session(&p);
            shown++;
        }
    if (!shown)
        printf("no pager runs\n");
    return shown ? 0 : 1;
}
