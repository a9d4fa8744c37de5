/*
 * pagers.c - finding, starting and ending the pager of files, and reading what is counted.
 *
 * The pagerd that mmaptest found is not ended by tests that need none, or need one to kill: it is
 * asked (SIGUSR1) to give the role up, and to take it again at the end. Pagers that tests start are
 * in process groups of their own, so that ^C at mmaptest does not reach them, and are gone at the
 * end.
 */
#include <signal.h>
#include <time.h>

#include "mm.h"

enum { PATIENCE_MS = 5000 };

static int found; /* pid of the pagerd that mmaptest found */

uint64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

bool pager_find(struct info_pager *p)
{
    uint32_t after = 0;

    while (sysinfo(INFO_PAGERS, after, p, sizeof(*p)) == (ssize_t)sizeof(*p)) {
        if (p->state == INFO_PAGER_LIVE)
            return true;
        after = p->session;
    }
    return false;
}

uint64_t counter(const char *name)
{
    static struct info_counter all[128];
    ssize_t n = sysinfo(INFO_COUNTERS, 0, all, sizeof(all));
    size_t i;

    for (i = 0; n > 0 && i < (size_t)n / sizeof(all[0]); i++)
        if (strcmp(all[i].name, name) == 0)
            return all[i].value;
    return 0;
}

static void pause_ms(long ms)
{
    const struct timespec t = {ms / 1000, ms % 1000 * 1000000};

    nanosleep(&t, NULL);
}

/* Waits until `pid` is, or is not, the running pager. */
static bool wait_for_pager(int pid, bool runs)
{
    uint64_t limit = now_ms() + PATIENCE_MS;
    struct info_pager p;

    while ((pager_find(&p) && (int)p.pid == pid) != runs) {
        if (now_ms() > limit)
            return false;
        pause_ms(5);
    }
    return true;
}

void pager_note_found(void)
{
    struct info_pager p;

    found = pager_find(&p) ? (int)p.pid : 0;
}

pid_t pager_start(void)
{
    char *const argv[] = {"pagerd", NULL};
    pid_t pid = fork();

    if (pid < 0)
        FAIL("fork: %s", strerror(errno));
    if (pid == 0) {
        setpgid(0, 0);
        execv("/bin/pagerd", argv);
        _exit(127);
    }
    if (!wait_for_pager(pid, true))
        FAIL("pagerd did not begin to serve");
    return pid;
}

void pager_stop(int sig)
{
    struct info_pager p;
    int pid;

    if (!pager_find(&p))
        return;
    pid = (int)p.pid;
    CHECK_EQ(kill(pid, pid == found ? SIGUSR1 : sig), 0);
    if (!wait_for_pager(pid, false))
        FAIL("pagerd (%d) did not end", pid);
    waitpid(pid, NULL, WNOHANG);
}

void pager_make_ours(void)
{
    struct info_pager p;

    if (pager_find(&p) && (int)p.pid != found)
        return;
    pager_stop(SIGTERM);
    pager_start();
}

void pager_restore(void)
{
    struct info_pager p;
    bool runs = pager_find(&p);

    if (runs && (int)p.pid == found)
        return;
    if (runs) {
        kill((pid_t)p.pid, SIGTERM);
        wait_for_pager((int)p.pid, false);
    }
    if (found && kill(found, SIGUSR1) == 0)
        wait_for_pager(found, true);
}
