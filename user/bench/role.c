/*
 * role.c - who is the pager of files while a row runs: a pager of the benchmark, or pagerd.
 *
 * A pagerd that runs steps aside at SIGUSR1 and comes back at the next (its main.c); if there is
 * none, one is started, and ended when the benchmark is over.
 */
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <duality/sys.h>

#include "bench.h"

static pid_t resting; /* the pagerd that stepped aside */
static pid_t ours;    /* the pagerd that we started */

static pid_t holder(void)
{
    struct info_pager p;
    uint32_t after = 0;

    for (; sysinfo(INFO_PAGERS, after, &p, sizeof(p)) == (ssize_t)sizeof(p); after = p.session)
        if (p.state == INFO_PAGER_LIVE || p.state == INFO_PAGER_NEW)
            return (pid_t)p.pid;
    return 0;
}

/* The role is somebody's, or nobody's; -1 after three seconds. */
static int wait_for(bool somebody)
{
    const struct timespec pause_time = {0, 2000000};
    int i;

    for (i = 0; i < 1500; i++) {
        if ((holder() != 0) == somebody)
            return 0;
        nanosleep(&pause_time, NULL);
    }
    return -1;
}

int role_vacant(void)
{
    pid_t pid = holder();

    if (!pid)
        return 0;
    resting = pid;
    kill(pid, SIGUSR1);
    return wait_for(false);
}

int role_pagerd(void)
{
    if (holder())
        return 0;
    if (resting) {
        kill(resting, SIGUSR1);
        resting = 0;
        return wait_for(true);
    }
    ours = fork();
    if (ours == 0) {
        execl("/bin/pagerd", "pagerd", (char *)NULL);
        _exit(1);
    }
    return ours < 0 ? -1 : wait_for(true);
}

void role_restore(void)
{
    if (resting && resting != ours)
        role_pagerd();
    if (ours > 0) {
        kill(ours, SIGTERM);
        if (resting == ours)
            kill(ours, SIGUSR1);
        waitpid(ours, NULL, 0);
        ours = 0;
    }
}
