/*
 * process.c - making processes and waiting for their end.
 */
#include <sys/wait.h>
#include <unistd.h>

#include <duality/syscall.h>

#include "bench.h"

static int fork_wait(void)
{
    int i;
    long pid;

    for (i = 0; i < ROUNDS / 4; i++) {
        sample_begin();
        pid = sys_fork();
        if (pid == 0)
            sys_exit(0);
        sys_waitpid(pid, NULL, 0);
        sample_end(1);
        if (pid < 0)
            return -1;
    }
    return 0;
}

static int fork_exec_wait(void)
{
    char *argv[] = {"true", NULL}, *envp[] = {NULL};
    int i, status = 0;
    long pid;

    for (i = 0; i < ROUNDS / 4; i++) {
        sample_begin();
        pid = sys_fork();
        if (pid == 0) {
            sys_execve("/bin/true", argv, envp);
            sys_exit(1);
        }
        sys_waitpid(pid, &status, 0);
        sample_end(1);
        if (pid < 0 || status)
            return -1;
    }
    return 0;
}

const struct row process_rows[] = {
    {"fork_wait", fork_wait, "fork(), exit() of the child at once, waitpid()"},
    {"fork_exec_wait", fork_exec_wait, "fork(), execve() of /bin/true, its run, waitpid()"},
    {0},
};
