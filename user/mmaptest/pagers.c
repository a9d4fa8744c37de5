/*
 * pagers.c - finding, starting and ending the pager of files, and reading what is counted.
 *
 * A pagerd that a test starts is put into a process group of its own and outlives mmaptest, so that
 * the machine is left with a pager as it was found.
 */
#include <signal.h>
#include <time.h>

#include "mm.h"

enum { PATIENCE_MS = 5000 };

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

pid_t pager_start(void)
{
    char *const argv[] = {"pagerd", NULL};
    uint64_t limit = now_ms() + PATIENCE_MS;
    struct info_pager p;
    pid_t pid = fork();

    if (pid < 0)
        FAIL("fork: %s", strerror(errno));
    if (pid == 0) {
        setpgid(0, 0);
        execv("/bin/pagerd", argv);
        _exit(127);
    }
    while (!pager_find(&p) || (pid_t)p.pid != pid) {
        if (now_ms() > limit)
            FAIL("pagerd did not begin to serve");
        pause_ms(5);
    }
    return pid;
}

void pager_stop(int sig)
{
    uint64_t limit = now_ms() + PATIENCE_MS;
    struct info_pager p;
    int pid;

    if (!pager_find(&p))
        return;
    pid = (int)p.pid;
    CHECK_EQ(kill(pid, sig), 0);
    while (pager_find(&p) && (int)p.pid == pid) {
        if (now_ms() > limit)
            FAIL("pagerd (%d) did not end", pid);
        pause_ms(5);
    }
    waitpid(pid, NULL, WNOHANG);
}
