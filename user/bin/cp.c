/*
 * cp.c - copies files; with -r whole directories, with symbolic links and modes kept.
 */
#include <dirent.h>
#include <duality/tool.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static unsigned char opt[128];

static int copy(const char *from, const char *to);

static int copy_file(const char *from, const char *to, const struct stat *st)
{
    int in = open(from, O_RDONLY), out, reading, bad = 0;
    struct stat target;

    if (in < 0)
        return tool_errno(from);
    if (stat(to, &target) == 0 && target.st_ino == st->st_ino && target.st_dev == st->st_dev) {
        close(in);
        return tool_warn("%s and %s are the same file", from, to);
    }
    out = open(to, O_WRONLY | O_CREAT | O_TRUNC, st->st_mode & 0777);
    if (out < 0) {
        close(in);
        return tool_errno(to);
    }
    if (tool_copy(in, out, &reading))
        bad = tool_errno(reading ? from : to);
    close(in);
    if (close(out))
        bad = tool_errno(to);
    return bad;
}

static int copy_link(const char *from, const char *to)
{
    char target[4096];
    ssize_t n = readlink(from, target, sizeof(target) - 1);

    if (n < 0)
        return tool_errno(from);
    target[n] = '\0';
    return symlink(target, to) ? tool_errno(to) : 0;
}

static int copy_directory(const char *from, const char *to, const struct stat *st)
{
    struct stat target;
    struct dirent *d;
    DIR *dir = opendir(from);
    int bad = 0;

    if (!dir)
        return tool_errno(from);
    if (stat(to, &target) && mkdir(to, (st->st_mode & 0777) | 0700)) {
        closedir(dir);
        return tool_errno(to);
    }
    while ((d = readdir(dir))) {
        char *source, *dest;

        if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
            continue;
        source = tool_join(from, d->d_name);
        dest = tool_join(to, d->d_name);
        bad |= copy(source, dest);
        free(source);
        free(dest);
    }
    closedir(dir);
    return bad;
}

static int copy(const char *from, const char *to)
{
    struct stat st;

    if (opt['r'] ? lstat(from, &st) : stat(from, &st))
        return tool_errno(from);
    if (opt['v'])
        printf("%s -> %s\n", from, to);
    if (S_ISDIR(st.st_mode))
        return opt['r'] ? copy_directory(from, to, &st)
                        : tool_warn("%s: is a directory (-r copies it)", from);
    return S_ISLNK(st.st_mode) ? copy_link(from, to) : copy_file(from, to, &st);
}

int main(int argc, char **argv)
{
    const char *usage = "[-rv] FROM TO | [-rv] FROM... DIRECTORY";
    int i = tool_flags(argc, argv, "rRavfp", usage, opt), bad = 0, into;
    struct stat st;

    opt['r'] |= opt['R'] | opt['a'];
    if (argc - i < 2)
        tool_usage(usage);
    into = stat(argv[argc - 1], &st) == 0 && S_ISDIR(st.st_mode);
    if (argc - i > 2 && !into)
        return tool_warn("%s: not a directory", argv[argc - 1]);
    for (; i < argc - 1; i++) {
        char *to = into ? tool_join(argv[argc - 1], tool_base(argv[i])) : argv[argc - 1];

        bad |= copy(argv[i], to);
        if (into)
            free(to);
    }
    return bad;
}
