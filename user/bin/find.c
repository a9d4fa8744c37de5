/*
 * find.c - paths below a directory: find [PATH...] [-name PATTERN] [-type f|d|l|c] [-size +-N]
 *
 * Sizes are in bytes, with k, M or G. Every condition given must hold.
 */
#include <dirent.h>
#include <duality/tool.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *name_pattern, *size_text;
static char type;
static int64_t size;
static int bad;

static int wanted(const char *path, const struct stat *st)
{
    static const char letters[] = "?pc?d?b?f?l?s???";

    if (name_pattern && fnmatch(name_pattern, tool_base(path), 0) != 0)
        return 0;
    if (type && letters[st->st_mode >> 12 & 15] != type)
        return 0;
    if (!size_text)
        return 1;
    if (*size_text == '+')
        return st->st_size > size;
    return *size_text == '-' ? st->st_size < size : st->st_size == size;
}

static void walk(const char *path)
{
    struct dirent *d;
    struct stat st;
    DIR *dir;

    if (lstat(path, &st)) {
        bad |= tool_errno(path);
        return;
    }
    if (wanted(path, &st))
        puts(path);
    if (!S_ISDIR(st.st_mode))
        return;
    dir = opendir(path);
    if (!dir) {
        bad |= tool_errno(path);
        return;
    }
    while ((d = readdir(dir))) {
        char *full;

        if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
            continue;
        full = tool_join(path, d->d_name);
        walk(full);
        free(full);
    }
    closedir(dir);
}

int main(int argc, char **argv)
{
    int paths = 1;

    while (paths < argc && argv[paths][0] != '-')
        paths++;
    for (int i = paths; i < argc; i += 2) {
        if (i + 1 == argc)
            tool_usage("[PATH...] [-name PATTERN] [-type f|d|l|c] [-size [+-]BYTES]");
        if (strcmp(argv[i], "-name") == 0) {
            name_pattern = argv[i + 1];
        } else if (strcmp(argv[i], "-type") == 0) {
            type = argv[i + 1][0];
        } else if (strcmp(argv[i], "-size") == 0) {
            size_text = argv[i + 1];
            size = tool_number(size_text + (*size_text == '+' || *size_text == '-'));
        } else {
            tool_usage("[PATH...] [-name PATTERN] [-type f|d|l|c] [-size [+-]BYTES]");
        }
    }
    if (paths == 1)
        walk(".");
    for (int i = 1; i < paths; i++)
        walk(argv[i]);
    return bad;
}
