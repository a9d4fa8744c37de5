/*
 * init.c - the first process: gives everybody a console, runs the shell, reaps orphans.
 *
 * The kernel passes its command line as arguments. "cmd=LINE" (it takes the rest of the line)
 * means: run LINE with the shell, then power off with its exit status. Otherwise a shell runs on
 * the console, and again whenever it ends. A device node that is missing is made.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <duality/sys.h>

#include "abi/fs.h"

static void make_devices(void)
{
    static const struct {
        const char *path;
        unsigned dev;
    } table[] = {{"/dev/console", ABI_DEV_CONSOLE},
                 {"/dev/null", ABI_DEV_NULL},
                 {"/dev/zero", ABI_DEV_ZERO}};
    struct stat st;

    if (stat("/dev", &st))
        mkdir("/dev", 0755);
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (stat(table[i].path, &st))
            mknod(table[i].path, S_IFCHR | 0666, table[i].dev);
}

static void open_console(void)
{
    int fd = open("/dev/console", O_RDWR);

    if (fd < 0) {
        make_devices();
        fd = open("/dev/console", O_RDWR);
    }
    for (int i = 0; fd >= 0 && i < 3; i++)
        if (fd != i)
            dup2(fd, i);
    if (fd > 2)
        close(fd);
}

/* The command of "cmd=..." with the arguments after it, which the kernel split at blanks. */
static char *find_command(int argc, char **argv)
{
    static char line[4096];

    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "cmd=", 4) != 0)
            continue;
        strlcpy(line, argv[i] + 4, sizeof(line));
        for (i++; i < argc; i++) {
            strlcat(line, " ", sizeof(line));
            strlcat(line, argv[i], sizeof(line));
        }
        return line;
    }
    return NULL;
}

static pid_t start_shell(const char *command)
{
    pid_t pid = fork();

    if (pid)
        return pid;
    signal(SIGINT, SIG_DFL);
    signal(SIGQUIT, SIG_DFL);
    signal(SIGTSTP, SIG_DFL);
    setsid();
    setpgid(0, 0);
    tcsetpgrp(0, getpid());
    signal(SIGTTOU, SIG_DFL);
    if (command)
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    else
        execl("/bin/sh", "sh", (char *)NULL);
    fprintf(stderr, "init: /bin/sh: %s\n", strerror(errno));
    _exit(127);
}

/* Waits for the shell and, meanwhile, for every orphan. */
static int reap_until(pid_t shell)
{
    int status;
    pid_t pid;

    while ((pid = wait(&status)) != shell)
        if (pid < 0 && errno != EINTR)
            return 1 << 8;
    return status;
}

static int exit_status(int status)
{
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void finish(int status)
{
    fflush(NULL);
    sync();
    poweroff(status);
    for (;;)
        pause();
}

static void banner(void)
{
    struct info_system system;

    if (sysinfo(INFO_SYSTEM, 0, &system, sizeof(system)) > 0)
        printf("%s on %u hart%s: help lists what the shell knows, poweroff ends.\n", system.version,
               system.harts, system.harts == 1 ? "" : "s");
    fflush(stdout);
}

int main(int argc, char **argv)
{
    char *command = find_command(argc, argv);

    open_console();
    make_devices();
    signal(SIGINT, SIG_IGN);
    signal(SIGQUIT, SIG_IGN);
    signal(SIGTSTP, SIG_IGN);
    signal(SIGTTOU, SIG_IGN);
    setenv("PATH", "/bin", 1);
    setenv("HOME", "/", 1);
    if (command) {
        pid_t shell = start_shell(command);

        finish(shell < 0 ? 127 : exit_status(reap_until(shell)));
    }
    for (banner();;) {
        pid_t shell = start_shell(NULL);
        int status;

        if (shell < 0) {
            perror("init: fork");
            sleep(1);
            continue;
        }
        status = exit_status(reap_until(shell));
        if (status >= 127)
            sleep(1); /* no hurry: perhaps the machine is being switched off */
        printf("init: the shell ended with status %d, starting another\n", status);
        fflush(stdout);
    }
}
