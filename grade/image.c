/*
 * image.c - mkfs, e2fsck and debugfs for the judge (see image.h). No file system knowledge here.
 */
#include "image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char *format(const char *pattern, const char *a, const char *b)
{
    char *text;

    if (asprintf(&text, pattern, a, b) < 0)
        abort();
    return text;
}

static void read_all(int fd, char **out, size_t *len)
{
    char *data = malloc(1);
    size_t used = 0;
    ssize_t n;

    do {
        data = realloc(data, used + 65536 + 1);
        n = read(fd, data + used, 65536);
        if (n > 0)
            used += n;
    } while (n > 0 || (n < 0 && errno == EINTR));
    data[used] = 0;
    *out = data;
    *len = used;
}

int host_run(char *const argv[], bool both, char **out, size_t *len)
{
    int fds[2], status;
    pid_t pid;

    if (pipe2(fds, O_CLOEXEC))
        abort();
    pid = fork();
    if (pid == 0) {
        int null = open("/dev/null", O_RDWR);

        dup2(null, 0);
        dup2(fds[1], 1);
        dup2(both ? fds[1] : null, 2);
        execvp(argv[0], argv);
        _exit(127);
    }
    close(fds[1]);
    read_all(fds[0], out, len);
    close(fds[0]);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool host_read(const char *path, char **data, size_t *len)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return false;
    read_all(fd, data, len);
    close(fd);
    return true;
}

bool image_make(const char *build, const struct grade_case *c, const char *image, char **out)
{
    char *list, *argv[2048];
    size_t len;
    int n = 0;

    if (!host_read(format("%s/%s", build, "fs.list"), &list, &len)) {
        *out = "no fs.list";
        return false;
    }
    argv[n++] = format("%s/%s", build, "host/mkfs");
    argv[n++] = "-o";
    argv[n++] = (char *)image;
    argv[n++] = "-s";
    argv[n++] = c->fs_size;
    argv[n++] = "-b";
    argv[n++] = c->block;
    for (char *item = strtok(list, "\n"); item && n < 2000; item = strtok(NULL, "\n"))
        argv[n++] = item;
    for (int i = 0; i < c->nputs; i++)
        argv[n++] = c->puts[i];
    argv[n] = NULL;
    return host_run(argv, true, out, &len) == 0;
}

bool image_fsck(const char *image, char **out)
{
    char *argv[] = {"e2fsck", "-fn", (char *)image, NULL};
    size_t len;

    return host_run(argv, true, out, &len) == 0;
}

void image_read(const char *image, const char *path, char **data, size_t *len)
{
    char *argv[] = {"debugfs", "-R", format("cat \"%s%s\"", path, ""), (char *)image, NULL};

    host_run(argv, false, data, len);
}

bool image_exists(const char *image, const char *path)
{
    char *argv[] = {"debugfs", "-R", format("stat \"%s%s\"", path, ""), (char *)image, NULL};
    char *out;
    size_t len;

    host_run(argv, false, &out, &len);
    return strstr(out, "Inode:") != NULL;
}

bool image_has_program(const char *build, const char *program)
{
    char *list;
    size_t len;

    return host_read(format("%s/%s", build, "fs.list"), &list, &len) &&
           strstr(list, format("/bin/%s=%s", program, ""));
}
