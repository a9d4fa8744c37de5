/*
 * du.c - how much disk directories take, in KiB; -s only the given ones, -a files too.
 */
#include <dirent.h>
#include <duality/tool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static unsigned char opt[128];
static int bad;

static unsigned long long measure(const char *path, int top)
{
    unsigned long long blocks;
    struct dirent *d;
    struct stat st;
    DIR *dir;

    if (lstat(path, &st)) {
        bad |= tool_errno(path);
        return 0;
    }
    blocks = (unsigned long long)st.st_blocks;
    if (S_ISDIR(st.st_mode)) {
        dir = opendir(path);
        if (!dir)
            bad |= tool_errno(path);
        while (dir && (d = readdir(dir))) {
            char *full;

            if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
                continue;
            full = tool_join(path, d->d_name);
            blocks += measure(full, 0);
            free(full);
        }
        if (dir)
            closedir(dir);
    }
    if (top || (!opt['s'] && (S_ISDIR(st.st_mode) || opt['a'])))
        printf("%llu\t%s\n", (blocks + 1) / 2, path);
    return blocks;
}

int main(int argc, char **argv)
{
    int i = tool_flags(argc, argv, "sak", "[-sa] [PATH...]", opt);

    if (i == argc)
        measure(".", 1);
    for (; i < argc; i++)
        measure(argv[i], 1);
    return bad;
}
