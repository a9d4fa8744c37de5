/*
 * posix_exec.c - the exec family over execve(). A name without a slash is looked for in $PATH,
 * or in /bin when there is none. A file that is no program and not refused for another reason
 * (ENOEXEC) is given to /bin/sh by execvp, as users expect of scripts.
 */
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

enum { EXECL_MAX = 256 };

int execve(const char *path, char *const argv[], char *const envp[])
{
    return (int)check(sys_execve(path, argv, envp));
}

int execv(const char *path, char *const argv[])
{
    return execve(path, argv, environ);
}

static void exec_script(const char *path, char *const argv[], char *const envp[])
{
    size_t count = 0;
    char **args;

    while (argv[count])
        count++;
    args = malloc((count + 2) * sizeof(*args));
    if (!args)
        return;
    args[0] = (char *)"sh";
    args[1] = (char *)(uintptr_t)path;
    memcpy(args + 2, argv + 1, count * sizeof(*args));
    execve("/bin/sh", args, envp);
    free(args);
}

int execvpe(const char *file, char *const argv[], char *const envp[])
{
    const char *path = getenv("PATH"), *end;
    char full[PATH_MAX];
    int reason = ENOENT;

    if (strchr(file, '/')) {
        execve(file, argv, envp);
        if (errno == ENOEXEC)
            exec_script(file, argv, envp);
        return -1;
    }
    for (path = path ? path : "/bin"; *file; path = end + 1) {
        size_t len;

        end = path + strcspn(path, ":");
        len = (size_t)(end - path);
        if (len + strlen(file) + 2 <= sizeof(full)) {
            memcpy(full, path, len);
            strcpy(full + len, len ? "/" : "./");
            strcat(full, file);
            execve(full, argv, envp);
            if (errno == ENOEXEC)
                exec_script(full, argv, envp);
            if (errno != ENOENT && errno != ENOTDIR)
                reason = errno;
        }
        if (!*end)
            break;
    }
    return fail(reason);
}

int execvp(const char *file, char *const argv[])
{
    return execvpe(file, argv, environ);
}

/* Gathers execl's arguments into a table; the environment that execle has after them is kept. */
static int gather(char **argv, const char *first, va_list *args)
{
    int count = 0;

    argv[count++] = (char *)(uintptr_t)first;
    while (argv[count - 1]) {
        if (count == EXECL_MAX)
            return fail(E2BIG);
        argv[count++] = va_arg(*args, char *);
    }
    return 0;
}

int execl(const char *path, const char *first, ...)
{
    char *argv[EXECL_MAX];
    va_list args;
    int bad;

    va_start(args, first);
    bad = gather(argv, first, &args);
    va_end(args);
    return bad ? -1 : execv(path, argv);
}

int execlp(const char *file, const char *first, ...)
{
    char *argv[EXECL_MAX];
    va_list args;
    int bad;

    va_start(args, first);
    bad = gather(argv, first, &args);
    va_end(args);
    return bad ? -1 : execvp(file, argv);
}

int execle(const char *path, const char *first, ...)
{
    char *argv[EXECL_MAX], **envp;
    va_list args;
    int bad;

    va_start(args, first);
    bad = gather(argv, first, &args);
    envp = bad ? NULL : va_arg(args, char **);
    va_end(args);
    return bad ? -1 : execve(path, argv, envp);
}
