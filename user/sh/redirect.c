/*
 * redirect.c - opens files in the place of descriptors, for one command or for good.
 *
 * With `saved` the replaced descriptors are kept (at SAVED_FD and above, closed on exec) and
 * redirect_undo() puts them back in reverse order: for builtins, which run in the shell itself.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sh.h"

static int save(struct saved_fds *saved, int fd)
{
    if (!saved)
        return 0;
    if (saved->count == SAVED_MAX) {
        complain("too many redirections");
        return -1;
    }
    saved->item[saved->count].fd = fd;
    saved->item[saved->count++].copy = fcntl(fd, F_DUPFD_CLOEXEC, SAVED_FD);
    return 0;
}

/* A pipe holds a short body; a child writes a long one, so that nobody waits for the shell. */
static int open_here(const char *body)
{
    size_t len = strlen(body);
    int fds[2];
    pid_t pid;

    if (pipe(fds))
        return -1;
    fflush(NULL);
    pid = len <= 512 ? -1 : fork();
    if (pid <= 0) {
        ssize_t n = write(fds[1], body, len);

        if (pid == 0)
            _exit(n < 0);
    }
    close(fds[1]);
    return fds[0];
}

static int open_target(const struct redir *r, const char *name)
{
    static const int flags[] = {
        [REDIR_IN] = O_RDONLY,
        [REDIR_OUT] = O_WRONLY | O_CREAT | O_TRUNC,
        [REDIR_APPEND] = O_WRONLY | O_CREAT | O_APPEND,
        [REDIR_BOTH] = O_RDWR | O_CREAT,
    };

    return open(name, flags[r->kind], 0666);
}

static int place(int from, int to)
{
    if (from == to)
        return 0;
    if (dup2(from, to) < 0)
        return -1;
    return close(from);
}

static int redirect_dup(const struct redir *r, const char *name)
{
    if (strcmp(name, "-") == 0) {
        close(r->fd);
        return 0;
    }
    if (!isdigit((unsigned char)*name) || name[1]) {
        int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0666); /* >&file: both outputs */

        if (fd < 0 || dup2(fd, 2) < 0)
            return -1;
        return place(fd, 1);
    }
    return dup2(*name - '0', r->fd) < 0 ? -1 : 0;
}

static int redirect_one(const struct redir *r)
{
    char *name = r->kind == REDIR_HERE ? expand_here(r->body) : expand_text(r->text);
    int fd, bad;

    if (r->kind == REDIR_DUP) {
        bad = redirect_dup(r, name);
    } else {
        fd = r->kind == REDIR_HERE ? open_here(name) : open_target(r, name);
        bad = fd < 0 ? -1 : place(fd, r->fd);
    }
    if (bad)
        complain("%s: %s", r->kind == REDIR_HERE ? "<<" : name, strerror(errno));
    free(name);
    return bad;
}

int redirect(const struct redir *r, struct saved_fds *saved)
{
    for (; r; r = r->next)
        if (save(saved, r->fd) || redirect_one(r))
            return -1;
    return 0;
}

void redirect_undo(struct saved_fds *saved)
{
    fflush(stdout);
    while (saved->count) {
        int fd = saved->item[--saved->count].fd, copy = saved->item[saved->count].copy;

        if (copy < 0) {
            close(fd);
        } else {
            dup2(copy, fd);
            close(copy);
        }
    }
}
