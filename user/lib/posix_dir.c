/*
 * posix_dir.c - directory streams over getdents(), and the working directory.
 *
 * A position (telldir, d_off) is the kernel's cookie of an entry: where reading goes on after it.
 */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

struct duality_dir {
    int fd;
    long where;          /* cookie of the entry returned last */
    size_t next, filled; /* bytes [next, filled) of the buffer are not yet returned */
    struct dirent entry;
    uint64_t buffer[512]; /* struct abi_dirent records */
};

DIR *fdopendir(int fd)
{
    DIR *dir = calloc(1, sizeof(*dir));

    if (dir)
        dir->fd = fd;
    return dir;
}

DIR *opendir(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir;

    if (fd < 0)
        return NULL;
    dir = fdopendir(fd);
    if (!dir)
        close(fd);
    return dir;
}

struct dirent *readdir(DIR *dir)
{
    const struct abi_dirent *d;

    if (dir->next >= dir->filled) {
        long n = check(sys_getdents(dir->fd, dir->buffer, sizeof(dir->buffer)));

        if (n <= 0)
            return NULL;
        dir->next = 0;
        dir->filled = (size_t)n;
    }
    d = (const struct abi_dirent *)((char *)dir->buffer + dir->next);
    dir->next += d->reclen;
    dir->where = d->next;
    dir->entry.d_ino = d->ino;
    dir->entry.d_off = d->next;
    dir->entry.d_type = d->type;
    dir->entry.d_reclen = sizeof(dir->entry);
    memcpy(dir->entry.d_name, d->name, d->namelen);
    dir->entry.d_name[d->namelen] = '\0';
    return &dir->entry;
}

int closedir(DIR *dir)
{
    int fd = dir->fd;

    free(dir);
    return close(fd);
}

void seekdir(DIR *dir, long where)
{
    lseek(dir->fd, where, SEEK_SET);
    dir->where = where;
    dir->next = dir->filled = 0;
}

void rewinddir(DIR *dir)
{
    seekdir(dir, 0);
}

long telldir(DIR *dir)
{
    return dir->where;
}

int dirfd(DIR *dir)
{
    return dir->fd;
}

int alphasort(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void free_list(struct dirent **list, size_t count)
{
    while (count)
        free(list[--count]);
    free(list);
}

int scandir(const char *path, struct dirent ***list, int (*keep)(const struct dirent *),
            int (*compare)(const struct dirent **, const struct dirent **))
{
    DIR *dir = opendir(path);
    struct dirent *d, **found = NULL, **grown;
    size_t count = 0;

    if (!dir)
        return -1;
    while ((d = readdir(dir))) {
        if (keep && !keep(d))
            continue;
        grown = realloc(found, (count + 1) * sizeof(*found));
        if (grown)
            found = grown;
        if (!grown || !(found[count] = malloc(sizeof(*d)))) {
            free_list(found, count);
            closedir(dir);
            return fail(ENOMEM);
        }
        memcpy(found[count++], d, sizeof(*d));
    }
    closedir(dir);
    if (compare && count)
        qsort(found, count, sizeof(*found), (int (*)(const void *, const void *))compare);
    *list = found;
    return (int)count;
}

int chdir(const char *path)
{
    return (int)check(sys_chdir(path));
}

int fchdir(int fd)
{
    return (int)check(sys_fchdir(fd));
}

/* With a null buffer one is allocated, as large as the path needs if size is 0. */
char *getcwd(char *buf, size_t size)
{
    char *into = buf ? buf : malloc(size ? size : PATH_MAX);

    if (!into)
        return NULL;
    if (check(sys_getcwd(into, buf || size ? size : PATH_MAX)) < 0) {
        if (!buf)
            free(into);
        return NULL;
    }
    return into;
}
