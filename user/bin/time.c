/*
 * time.c - runs a command and says how long it took: by the clock, as user, in the kernel, and
 * waiting for pagers while this process ran (children's stalls are not summed by the kernel).
 */
#include <duality/tool.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void print(const char *name, long long us)
{
    fprintf(stderr, "%-5s %lld.%06lld s\n", name, us / 1000000, us % 1000000);
}

int main(int argc, char **argv)
{
    struct timespec before, after;
    struct rusage usage;
    int status;
    pid_t pid;

    if (argc < 2)
        tool_usage("COMMAND [ARG...]");
    clock_gettime(CLOCK_MONOTONIC, &before);
    pid = fork();
    if (pid < 0)
        tool_die("fork");
    if (pid == 0) {
        execvp(argv[1], argv + 1);
        tool_errno(argv[1]);
        _exit(errno == ENOENT ? 127 : 126);
    }
    signal(SIGINT, SIG_IGN);
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            tool_die("wait");
    clock_gettime(CLOCK_MONOTONIC, &after);
    getrusage(RUSAGE_CHILDREN, &usage);
    print("real",
          (after.tv_sec - before.tv_sec) * 1000000LL + (after.tv_nsec - before.tv_nsec) / 1000);
    print("user", usage.ru_utime.tv_sec * 1000000LL + usage.ru_utime.tv_usec);
    print("sys", usage.ru_stime.tv_sec * 1000000LL + usage.ru_stime.tv_usec);
    if (WIFEXITED(status))
        return WEXITSTATUS(status);
    tool_warn("%s: %s", argv[1], strsignal(WTERMSIG(status)));
    return 128 + WTERMSIG(status);
}
