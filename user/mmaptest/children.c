/*
 * children.c - processes of a test: they inherit the mappings, and fail as the test does.
 */
#include "mm.h"

pid_t child_start(void (*fn)(void *), void *arg)
{
    pid_t pid = fork();

    if (pid < 0)
        FAIL("fork: %s", strerror(errno));
    if (pid == 0) {
        fn(arg);
        _exit(0);
    }
    return pid;
}

/* A child that failed has printed the line. */
void child_wait(pid_t pid)
{
    int status;

    CHECK_EQ(waitpid(pid, &status, 0), pid);
    if (WIFSIGNALED(status))
        FAIL("child killed by signal %d, error %d", WTERMSIG(status), WFAULTERR(status));
    if (status)
        _exit(1);
}

void child_passes(void (*fn)(void *), void *arg)
{
    child_wait(child_start(fn, arg));
}

void child_is_killed_at(const char *file, int line, void (*fn)(void *), void *arg, int sig,
                        int error)
{
    pid_t pid = child_start(fn, arg);
    int status;

    CHECK_EQ(waitpid(pid, &status, 0), pid);
    if (!WIFSIGNALED(status))
        fail_at(file, line, "child exited with %d, not killed by signal %d", WEXITSTATUS(status),
                sig);
    if (WTERMSIG(status) != sig || (error && WFAULTERR(status) != error))
        fail_at(file, line, "child killed by signal %d, error %d; not %d, %d", WTERMSIG(status),
                WFAULTERR(status), sig, error);
}

void touch_read(void *p)
{
    (void)*(volatile unsigned char *)p;
}

void touch_write(void *p)
{
    *(volatile unsigned char *)p = 99;
}
