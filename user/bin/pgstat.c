/*
 * pgstat.c - the pager sessions: who, in what state, how much they filled and flushed, how fast,
 * and what they did wrong.
 */
#include <duality/sys.h>
#include <duality/tool.h>
#include <stdio.h>

static unsigned long long mean_us(uint64_t total_ns, uint64_t count)
{
    return count ? total_ns / count / 1000 : 0;
}

static void print(const struct info_pager *p)
{
    static const char *const states[] = {"?", "new", "live", "dead-wait", "dead"};

    printf("session %u pid %u %s%s epoch %llu objects %llu slots %llu/%llu\n", p->session, p->pid,
           p->state < 5 ? states[p->state] : "?", p->flags & 1 ? " files" : "",
           (unsigned long long)p->epoch, (unsigned long long)p->objects,
           (unsigned long long)p->slots_busy, (unsigned long long)p->slots);
    printf("  fills   %llu pages %llu errors %llu timeouts %llu mean %llu us max %llu us\n",
           (unsigned long long)p->fills, (unsigned long long)p->fill_pages,
           (unsigned long long)p->fill_errors, (unsigned long long)p->fill_timeouts,
           mean_us(p->fill_ns_total, p->fills), (unsigned long long)p->fill_ns_max / 1000);
    printf("  flushes %llu pages %llu errors %llu timeouts %llu mean %llu us max %llu us\n",
           (unsigned long long)p->flushes, (unsigned long long)p->flush_pages,
           (unsigned long long)p->flush_errors, (unsigned long long)p->flush_timeouts,
           mean_us(p->flush_ns_total, p->flushes), (unsigned long long)p->flush_ns_max / 1000);
    printf("  wrong answers %llu, late answers %llu\n", (unsigned long long)p->protocol_errors,
           (unsigned long long)p->stale_replies);
}

int main(int argc, char **argv)
{
    struct info_pager list[8];
    int64_t after = 0;
    ssize_t n;
    int any = 0;

    (void)argv;
    if (argc > 1)
        tool_usage("");
    while ((n = sysinfo(INFO_PAGERS, after, list, sizeof(list))) > 0) {
        size_t count = (size_t)n / sizeof(list[0]);

        for (size_t i = 0; i < count; i++)
            print(&list[i]);
        after = list[count - 1].session;
        any = 1;
    }
    if (n < 0)
        tool_die("sysinfo");
    if (!any)
        puts("no pager is registered");
    return 0;
}
