/*
 * glob.c - file names that a pattern matches, sorted. A backslash makes the next character plain.
 *
 * A pattern is taken apart at its slashes: a part without pattern characters is just appended, a
 * part with them is matched against the names of the directory so far. Names that begin with a
 * dot match only a pattern that does.
 */
#include <dirent.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sh.h"

static int has_pattern(const char *p, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (p[i] == '\\')
            i++;
        else if (strchr("*?[", p[i]))
            return 1;
    }
    return 0;
}

void glob_unescape(char *p)
{
    char *to = p;

    for (; *p; p++) {
        if (*p == '\\' && p[1])
            p++;
        *to++ = *p;
    }
    *to = '\0';
}

static void walk(char *path, size_t len, const char *pattern, struct fields *out);

static void walk_next(char *path, size_t len, const char *name, const char *rest,
                      struct fields *out)
{
    size_t name_len = strlen(name);

    if (len + name_len + 2 > PATH_MAX)
        return;
    memcpy(path + len, name, name_len + 1);
    len += name_len;
    if (!*rest) {
        if (access(path, F_OK) == 0)
            fields_add(out, must_alloc(strdup(path)));
        return;
    }
    for (; *rest == '/'; rest++)
        if (path[len - 1] != '/')
            path[len++] = '/';
    path[len] = '\0';
    if (*rest)
        walk(path, len, rest, out);
    else if (access(path, F_OK) == 0)
        fields_add(out, must_alloc(strdup(path)));
}

static void walk(char *path, size_t len, const char *pattern, struct fields *out)
{
    size_t part_len = strcspn(pattern, "/");
    char *part = must_alloc(strndup(pattern, part_len));
    struct dirent *d;
    DIR *dir;

    if (!has_pattern(part, part_len)) {
        glob_unescape(part);
        walk_next(path, len, part, pattern + part_len, out);
        free(part);
        return;
    }
    path[len] = '\0';
    dir = opendir(len ? path : ".");
    while (dir && (d = readdir(dir))) {
        if (d->d_name[0] == '.' && part[0] != '.')
            continue;
        if (fnmatch(part, d->d_name, 0) == 0)
            walk_next(path, len, d->d_name, pattern + part_len, out);
    }
    if (dir)
        closedir(dir);
    free(part);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Adds the matches to `out` and returns how many there are. */
int glob_expand(const char *pattern, struct fields *out)
{
    char path[PATH_MAX + 2];
    size_t before = out->count, len = 0;

    while (*pattern == '/') {
        path[0] = '/';
        len = 1;
        pattern++;
    }
    path[len] = '\0';
    walk(path, len, pattern, out);
    if (out->count > before)
        qsort(out->item + before, out->count - before, sizeof(char *), by_name);
    return (int)(out->count - before);
}
