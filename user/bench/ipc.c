/*
 * ipc.c - two processes, or two threads, that hand the hart to each other.
 */
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <duality/syscall.h>

#include "bench.h"

static void echo(int from, int to)
{
    char c;

    while (sys_read(from, &c, 1) == 1)
        sys_write(to, &c, 1);
    _exit(0);
}

static int pipe_rtt(void)
{
    int there[2], back[2], i;
    char c = 1;
    pid_t pid;

    if (pipe(there) < 0 || pipe(back) < 0)
        return -1;
    pid = fork();
    if (pid == 0) {
        close(there[1]);
        close(back[0]);
        echo(there[0], back[1]);
    }
    close(there[0]);
    close(back[1]);
    for (i = 0; i < ROUNDS; i++) {
        sample_begin();
        sys_write(there[1], &c, 1);
        sys_read(back[0], &c, 1);
        sample_end(1);
    }
    close(there[1]);
    close(back[0]);
    return waitpid(pid, NULL, 0) == pid ? 0 : -1;
}

static volatile int stop;

static void *yield_loop(void *unused)
{
    while (!stop)
        sys_yield();
    return unused;
}

static int thread_switch(void)
{
    pthread_t other;
    int i;

    stop = 0;
    if (pthread_create(&other, NULL, yield_loop, NULL))
        return -1;
    sys_yield();
    for (i = 0; i < ROUNDS; i++) {
        sample_begin();
        sys_yield();
        sample_end(2);
    }
    stop = 1;
    return pthread_join(other, NULL) ? -1 : 0;
}

const struct row ipc_rows[] = {
    {"pipe_rtt", pipe_rtt, "one byte to another process and back: two write(), two read()"},
    {"channel_rtt", NULL, "channels between user processes"},
    {"thread_switch", thread_switch, "yield() to another thread of the process, one direction"},
    {0},
};
