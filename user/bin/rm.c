/*
 * rm.c - removes files. -r directories and all in them, -f no complaint about what is not there.
 */
#include <dirent.h>
#include <duality/tool.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static unsigned char opt[128];

static int complain(const char *path)
{
    return opt['f'] && errno == ENOENT ? 0 : tool_errno(path);
}

static int remove_path(const char *path);

/* Opened again after each entry: what a directory stream shows while it shrinks is unsure. */
static int remove_contents(const char *path)
{
    struct dirent *d;
    int bad = 0, found = 1;

    while (found && !bad) {
        DIR *dir = opendir(path);

        if (!dir)
            return complain(path);
        found = 0;
        while ((d = readdir(dir))) {
            char *full;

            if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
                continue;
            found = 1;
            full = tool_join(path, d->d_name);
            bad |= remove_path(full);
            free(full);
        }
        closedir(dir);
    }
    return bad;
}

static int remove_path(const char *path)
{
    struct stat st;

    if (lstat(path, &st))
        return complain(path);
    if (!S_ISDIR(st.st_mode))
        return unlink(path) ? complain(path) : 0;
    if (!opt['r'])
        return tool_warn("%s: is a directory", path);
    if (remove_contents(path))
        return 1;
    return rmdir(path) ? complain(path) : 0;
}

int main(int argc, char **argv)
{
    int i = tool_flags(argc, argv, "rRf", "[-rf] PATH...", opt), bad = 0;

    opt['r'] |= opt['R'];
    if (i == argc && !opt['f'])
        tool_usage("[-rf] PATH...");
    for (; i < argc; i++) {
        const char *base = tool_base(argv[i]);

        if (strcmp(base, ".") == 0 || strcmp(base, "..") == 0)
            bad |= tool_warn("%s: not removed", argv[i]);
        else
            bad |= remove_path(argv[i]);
    }
    return bad;
}
