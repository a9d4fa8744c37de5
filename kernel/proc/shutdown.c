/*
 * shutdown.c - from a running system to a machine without power, losing nothing.
 *
 * Order: what is dirty is written while pagers live; then everybody except init, the caller and the
 * pagers is asked to end, and made to; what they left dirty is written; then the pagers go; then
 * the file system writes what no pager wrote and is marked clean. Each step has a time limit, so
 * that no pager and no process can keep the machine up. The caller's process stays until the power
 * goes.
 */
#include "abi/errno.h"
#include "core/log.h"
#include "core/panic.h"
#include "dev/console.h"
#include "proc/internal.h"
#include "proc/signal.h"
#include "vm/pager.h"
#include "vm/pageout.h"

#define SYNC_NS (10 * NS_PER_SEC)
#define TERM_NS (300 * NS_PER_MS)
#define KILL_NS (3 * NS_PER_SEC)
#define POLL_NS (5 * NS_PER_MS)

enum { PAGERS_MAX = 16 };

static bool is_pager(int32_t pid)
{
    struct info_pager info[PAGERS_MAX];
    unsigned n;

    for (uint32_t after = 0; (n = pager_info(after, info, PAGERS_MAX)); after = info[n - 1].session)
        for (unsigned i = 0; i < n; i++)
            if (info[i].pid == (uint32_t)pid && info[i].state != INFO_PAGER_DEAD)
                return true;
    return false;
}

/* Sends `sig` (0: to nobody) to all that shall go; how many of them still live. */
static unsigned send_all(int sig, bool pagers_too)
{
    int32_t me = current_process()->pid;
    struct process *p;
    unsigned alive = 0;

    for (int32_t after = PID_INIT; (p = process_next(after)); process_put(p)) {
        after = p->pid;
        if (p->pid == me || p->zombie || (!pagers_too && is_pager(p->pid)))
            continue;
        alive++;
        signal_send(p, sig, me);
    }
    return alive;
}

static bool gone_by(uint64_t deadline_ns, bool pagers_too)
{
    while (send_all(0, pagers_too)) {
        if (time_now_ns() >= deadline_ns)
            return false;
        sleep_until(time_after_ns(POLL_NS), WAIT_UNINTR);
    }
    return true;
}

static void end_processes(bool pagers_too)
{
    send_all(ABI_SIGTERM, pagers_too);
    send_all(ABI_SIGCONT, pagers_too);
    if (gone_by(time_after_ns(TERM_NS), pagers_too))
        return;
    send_all(ABI_SIGKILL, pagers_too);
    if (!gone_by(time_after_ns(KILL_NS), pagers_too))
        log_print("poweroff: some processes would not end");
}

/* Want of a pager is no failure yet: fs_shutdown() writes what pagers left. */
static void report(const char *what, int err)
{
    if (err && err != -EPAGERDEAD && err != -ENOPAGER)
        log_print("poweroff: %s: error %d", what, -err);
}

void machine_shutdown(int status)
{
    static uint32_t begun;

    while (__atomic_exchange_n(&begun, 1, __ATOMIC_RELAXED))
        sleep_until(TIME_NEVER, WAIT_UNINTR);
    report("writing dirty pages", pageout_sync_all(time_after_ns(SYNC_NS)));
    end_processes(false);
    report("writing dirty pages", pageout_sync_all(time_after_ns(SYNC_NS)));
    end_processes(true);
    report("closing the file system", fs_shutdown());
    console_drain();
    machine_poweroff(status);
}
