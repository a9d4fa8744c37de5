/*
 * t_stop.c - processes stopped and continued: what the parent hears, what the process notices.
 */
#include <signal.h>
#include <stdint.h>

#include "check.h"

#define MS 1000000ull

static void nap(uint64_t ns)
{
    sys_nanosleep(ns, NULL);
}

TEST(stop_continue)
{
    int status;
    pid_t pid = fork();

    if (pid == 0)
        for (;;)
            ;
    CHECK_EQ(kill(pid, SIGSTOP), 0);
    CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
    CHECK(WIFSTOPPED(status));
    CHECK_EQ(WSTOPSIG(status), SIGSTOP);
    CHECK_EQ(waitpid(pid, &status, WUNTRACED | WNOHANG), 0);
    kill(pid, SIGCONT);
    kill(pid, SIGTSTP);
    CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
    CHECK_EQ(WSTOPSIG(status), SIGTSTP);
    kill(pid, SIGTERM);
    nap(5 * MS);
    CHECK_EQ(waitpid(pid, &status, WNOHANG), 0);
    kill(pid, SIGCONT);
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK_EQ(status, KILLED_BY(SIGTERM));
}

TEST(kill_stopped)
{
    int status;
    pid_t pid = fork();

    if (pid == 0)
        nap(100000 * MS);
    kill(pid, SIGSTOP);
    CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
    kill(pid, SIGKILL);
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK_EQ(status, KILLED_BY(SIGKILL));
}

/* A sleep or a read that a stop interrupted goes on as if nothing had been. */
TEST(stop_is_transparent)
{
    int fds[2], status;
    pid_t pid;
    char c;

    CHECK_EQ(pipe(fds), 0);
    pid = fork();
    if (pid == 0)
        _exit(read(fds[0], &c, 1) == 1 && sys_nanosleep(10 * MS, NULL) == 0 ? 0 : 1);
    nap(5 * MS);
    kill(pid, SIGSTOP);
    waitpid(pid, &status, WUNTRACED);
    kill(pid, SIGCONT);
    nap(5 * MS);
    CHECK_EQ(write(fds[1], "x", 1), 1);
    nap(2 * MS);
    kill(pid, SIGSTOP);
    kill(pid, SIGCONT);
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK_EQ(status, 0);
    close(fds[0]);
    close(fds[1]);
}

int main(void)
{
    RUN(stop_continue);
    RUN(kill_stopped);
    RUN(stop_is_transparent);
    return check_done("t_stop");
}
