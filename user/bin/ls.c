/*
 * ls.c - lists directories and files, sorted by name.
 *
 * -l long, -a names with a dot too, -i inode numbers, -R directories below too, -d the directory
 * itself, -t by time, -S by size, -r backwards, -1 one to a line (as always when not a terminal).
 */
#include <dirent.h>
#include <duality/tool.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct entry {
    char *name;
    struct stat st;
};

struct listing {
    struct entry *entry;
    size_t count;
};

static unsigned char opt[128];
static int bad, columns;

static int compare(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int order = 0;

    if (opt['t'])
        order = (x->st.st_mtime < y->st.st_mtime) - (x->st.st_mtime > y->st.st_mtime);
    else if (opt['S'])
        order = (x->st.st_size < y->st.st_size) - (x->st.st_size > y->st.st_size);
    if (!order)
        order = strcmp(x->name, y->name);
    return opt['r'] ? -order : order;
}

static void add(struct listing *l, const char *name, const char *path)
{
    struct entry *e;

    l->entry = realloc(l->entry, (l->count + 1) * sizeof(*l->entry));
    if (!l->entry)
        tool_die("memory");
    e = &l->entry[l->count];
    if (lstat(path, &e->st)) {
        bad |= tool_errno(path);
        return;
    }
    e->name = strdup(name);
    l->count++;
}

static void print_long(const struct entry *e, const char *path)
{
    char mode[11], date[32], target[1024];
    struct tm *tm = gmtime(&e->st.st_mtime);
    ssize_t n;

    tool_mode(e->st.st_mode, mode);
    strftime(date, sizeof(date), "%Y-%m-%d %H:%M", tm);
    printf("%s %3u ", mode, (unsigned)e->st.st_nlink);
    if (S_ISCHR(e->st.st_mode) || S_ISBLK(e->st.st_mode))
        printf("%6u, %3u ", (unsigned)(e->st.st_rdev >> 8), (unsigned)(e->st.st_rdev & 255));
    else
        printf("%11lld ", (long long)e->st.st_size);
    printf("%s %s", date, e->name);
    if (S_ISLNK(e->st.st_mode) && (n = readlink(path, target, sizeof(target) - 1)) >= 0)
        printf(" -> %.*s", (int)n, target);
    putchar('\n');
}

static int width_of(const struct listing *l)
{
    int width = 0;

    for (size_t i = 0; i < l->count; i++)
        if ((int)strlen(l->entry[i].name) > width)
            width = (int)strlen(l->entry[i].name);
    return width + 2 + (opt['i'] ? 8 : 0);
}

static void print_short(const struct listing *l)
{
    int width = width_of(l), across = columns ? columns / width : 1;
    size_t rows;

    if (across < 1)
        across = 1;
    rows = (l->count + (size_t)across - 1) / (size_t)across;
    for (size_t row = 0; row < rows; row++) {
        for (size_t i = row; i < l->count; i += rows) {
            int used = 0;

            if (opt['i'])
                used = printf("%7lu ", l->entry[i].st.st_ino);
            used += printf("%s", l->entry[i].name);
            if (i + rows < l->count)
                printf("%*s", width - used, "");
        }
        putchar('\n');
    }
}

static void print_all(struct listing *l, const char *directory)
{
    if (l->count)
        qsort(l->entry, l->count, sizeof(*l->entry), compare);
    if (!opt['l']) {
        print_short(l);
        return;
    }
    for (size_t i = 0; i < l->count; i++) {
        char *path = directory ? tool_join(directory, l->entry[i].name) : l->entry[i].name;

        if (opt['i'])
            printf("%7lu ", l->entry[i].st.st_ino);
        print_long(&l->entry[i], path);
        if (directory)
            free(path);
    }
}

static void list_free(struct listing *l)
{
    for (size_t i = 0; i < l->count; i++)
        free(l->entry[i].name);
    free(l->entry);
}

static void list_directory(const char *path, int title)
{
    struct listing l = {0};
    struct dirent *d;
    DIR *dir = opendir(path);

    if (!dir) {
        bad |= tool_errno(path);
        return;
    }
    while (errno = 0, (d = readdir(dir))) {
        char *full;

        if (d->d_name[0] == '.' && !opt['a'])
            continue;
        full = tool_join(path, d->d_name);
        add(&l, d->d_name, full);
        free(full);
    }
    if (errno)
        bad |= tool_errno(path);
    closedir(dir);
    if (title)
        printf("%s:\n", path);
    print_all(&l, path);
    for (size_t i = 0; opt['R'] && i < l.count; i++) {
        const char *name = l.entry[i].name;

        if (S_ISDIR(l.entry[i].st.st_mode) && strcmp(name, ".") != 0 && strcmp(name, "..") != 0) {
            char *full = tool_join(path, name);

            putchar('\n');
            list_directory(full, 1);
            free(full);
        }
    }
    list_free(&l);
}

int main(int argc, char **argv)
{
    int first = tool_flags(argc, argv, "laiRdtSr1", "[-laiRdtSr1] [PATH...]", opt), several;
    struct listing files = {0};
    struct stat st;

    columns = isatty(1) && !opt['1'] ? 80 : 0;
    several = argc - first > 1 || opt['R'];
    if (first == argc) {
        if (opt['d'])
            add(&files, ".", ".");
        else
            list_directory(".", several);
    }
    for (int i = first; i < argc; i++)
        if (opt['d'] || stat(argv[i], &st) || !S_ISDIR(st.st_mode))
            add(&files, argv[i], argv[i]);
    if (files.count)
        print_all(&files, NULL);
    for (int i = first; i < argc; i++) {
        if (opt['d'] || stat(argv[i], &st) || !S_ISDIR(st.st_mode))
            continue;
        if (several && (i > first || files.count))
            putchar('\n');
        list_directory(argv[i], several);
    }
    return bad;
}
