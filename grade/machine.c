/*
 * machine.c - starts, feeds, reads and ends one QEMU process (see machine.h).
 */
#include "machine.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

long long clock_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void machine_child(char *const argv[], int in, int out)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_DFL);
    if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
        _exit(126);
    execvp(argv[0], argv);
    perror(argv[0]);
    _exit(127);
}

bool machine_start(struct machine *m, char *const argv[])
{
    int to[2], from[2];

    if (pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC))
        return false;
    m->pid = fork();
    if (m->pid == 0)
        machine_child(argv, to[0], from[1]);
    close(to[0]);
    close(from[1]);
    m->to = to[1];
    m->from = from[0];
    if (m->pid < 0)
        m->pid = 0;
    return m->pid > 0;
}

bool machine_type(struct machine *m, const char *bytes, size_t n)
{
    while (m->pid && n > 0) {
        ssize_t done = write(m->to, bytes, n);

        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return false;
        bytes += done;
        n -= done;
    }
    return n == 0;
}

enum poll_result machine_poll(struct machine *m, int wait_ms)
{
    struct pollfd pfd = {.fd = m->from, .events = POLLIN};
    char bytes[16384];
    ssize_t n;

    if (!m->pid)
        return POLL_END;
    if (poll(&pfd, 1, wait_ms) <= 0)
        return POLL_QUIET;
    n = read(m->from, bytes, sizeof bytes);
    if (n <= 0)
        return POLL_END;
    stream_append(m->out, bytes, n);
    if (m->log)
        fwrite(bytes, 1, n, m->log);
    return POLL_DATA;
}

void machine_reap(struct machine *m)
{
    int status;

    if (!m->pid)
        return;
    close(m->to);
    close(m->from);
    while (waitpid(m->pid, &status, 0) < 0 && errno == EINTR)
        ;
    m->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    m->pid = 0;
}

void machine_kill(struct machine *m)
{
    if (!m->pid)
        return;
    kill(m->pid, SIGKILL);
    while (machine_poll(m, 1000) == POLL_DATA)
        ;
    machine_reap(m);
}
