/*
 * stdio_open.c - fopen and its kin, popen, system: how streams come and go.
 */
#include <fcntl.h>
#include <paths.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stream.h"

/* Reads a mode like "r+be" into open() flags; -1 and EINVAL if it is none. */
static int parse_mode(const char *mode, uint8_t *rw)
{
    int plus = strchr(mode, '+') != NULL, flags;

    if (*mode == 'r')
        flags = 0;
    else if (*mode == 'w')
        flags = O_CREAT | O_TRUNC;
    else if (*mode == 'a')
        flags = O_CREAT | O_APPEND;
    else
        return fail(EINVAL);
    *rw = plus ? __SRD | __SWR : *mode == 'r' ? __SRD : __SWR;
    flags |= plus ? O_RDWR : *mode == 'r' ? O_RDONLY : O_WRONLY;
    if (strchr(mode, 'x'))
        flags |= O_EXCL;
    if (strchr(mode, 'e'))
        flags |= O_CLOEXEC;
    return flags;
}

FILE *fdopen(int fd, const char *mode)
{
    uint8_t rw;

    if (parse_mode(mode, &rw) < 0)
        return NULL;
    return stream_new(fd, rw);
}

FILE *fopen(const char *path, const char *mode)
{
    uint8_t rw;
    int flags = parse_mode(mode, &rw), fd;
    FILE *f;

    if (flags < 0)
        return NULL;
    fd = open(path, flags, 0666);
    if (fd < 0)
        return NULL;
    f = stream_new(fd, rw);
    if (!f)
        close(fd);
    return f;
}

FILE *freopen(const char *path, const char *mode, FILE *f)
{
    struct stream *s = stream_of(f);
    uint8_t rw;
    int flags = parse_mode(mode, &rw), fd;

    if (flags < 0)
        return NULL;
    stream_flush(f);
    fd = open(path, flags, 0666);
    if (fd < 0)
        return NULL;
    if (fd != s->fd) {
        dup2(fd, s->fd);
        close(fd);
    }
    f->flags = rw | __SCLOSE | __SEXT;
    s->mode = STREAM_AUTO;
    return f;
}

int fileno(FILE *f)
{
    return stream_is_ours(f) ? stream_of(f)->fd : fail(EBADF);
}

static void exec_shell(const char *command)
{
    execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(127);
}

FILE *popen(const char *command, const char *mode)
{
    int reading = *mode == 'r', fds[2];
    pid_t pid;
    FILE *f;

    if ((*mode != 'r' && *mode != 'w') || pipe2(fds, O_CLOEXEC))
        return NULL;
    fflush(NULL);
    f = fdopen(fds[!reading], mode);
    pid = f ? fork() : -1;
    if (pid == 0) {
        dup2(fds[reading], reading);
        exec_shell(command);
    }
    close(fds[reading]);
    if (pid < 0) {
        if (f)
            fclose(f);
        else
            close(fds[!reading]);
        return NULL;
    }
    stream_of(f)->child = pid;
    return f;
}

static int wait_for(pid_t pid)
{
    int status;

    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return status;
}

int pclose(FILE *f)
{
    pid_t pid = stream_of(f)->child;

    fclose(f);
    return wait_for(pid);
}

int system(const char *command)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN}, old_int, old_quit;
    pid_t pid;
    int status = -1;

    if (!command)
        return 1;
    fflush(NULL);
    sigaction(SIGINT, &ignore, &old_int);
    sigaction(SIGQUIT, &ignore, &old_quit);
    pid = fork();
    if (pid == 0) {
        sigaction(SIGINT, &old_int, NULL);
        sigaction(SIGQUIT, &old_quit, NULL);
        exec_shell(command);
    }
    if (pid > 0)
        status = wait_for(pid);
    sigaction(SIGINT, &old_int, NULL);
    sigaction(SIGQUIT, &old_quit, NULL);
    return status;
}
