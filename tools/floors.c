/*
 * floors.c - who may include whom (docs/architecture.md, "Floors").
 *
 * A kernel file includes headers of its own folder and of lower floors; folders on one floor do not
 * include each other; another folder's internal header is nobody's business. user/, grade/ and
 * tools/ see include/abi and their own folder; mkfs/ and the host tests also see the kernel's
 * pure files. Only #include "..." is judged: <...> is the C library.
 */
#include <stdio.h>
#include <string.h>

#include "check.h"

static const struct floor {
    const char *folder;
    int height;
} floors[] = {
    {"abi", 0}, {"lib", 1}, {"arch", 2}, {"core", 3}, {"mem", 4},      {"sched", 5}, {"dev", 6},
    {"ipc", 6}, {"vm", 7},  {"fs", 8},   {"proc", 9}, {"syscall", 10}, {"trap", 11}, {"main.c", 12},
};

/* The folder that a path begins with ("vm" of "vm/vmo.h"), or NULL if it is not on a floor. */
static const struct floor *floor_of(const char *path)
{
    size_t len = strcspn(path, "/");

    for (size_t i = 0; i < sizeof floors / sizeof floors[0]; i++)
        if (strlen(floors[i].folder) == len && strncmp(floors[i].folder, path, len) == 0)
            return &floors[i];
    return NULL;
}

static bool starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool is_internal(const char *header)
{
    size_t len = strlen(header);

    return strstr(header, "internal.h") || (len > 6 && strcmp(header + len - 6, "_int.h") == 0);
}

static void kernel_check(const struct source *s, int line, const char *header)
{
    const struct floor *own = floor_of(s->path + strlen("kernel/"));
    const struct floor *other = floor_of(header);

    if (!own)
        complain(s, line, "this folder is on no floor");
    else if (!strchr(header, '/'))
        complain(s, line, "write \"%s/%s\"", own->folder, header);
    else if (!other)
        complain(s, line, "\"%s\" is on no floor", header);
    else if (own != other && other->height >= own->height)
        complain(s, line, "%s includes \"%s\", which is not on a lower floor", own->folder, header);
    else if (own != other && is_internal(header))
        complain(s, line, "\"%s\" is internal to %s", header, other->folder);
}

/* A header beside the file, or in the folder of the user library's public headers. */
static bool is_beside(const struct source *s, const char *header)
{
    static const char *const also[] = {"user/lib/include", "user/xv6lib/include"};
    char path[1024];
    FILE *file;

    snprintf(path, sizeof path, "%.*s/%s", (int)(strrchr(s->path, '/') - s->path), s->path, header);
    file = fopen(path, "r");
    for (size_t i = 0; !file && i < sizeof also / sizeof also[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", also[i], header);
        file = starts_with(s->path, "user/") ? fopen(path, "r") : NULL;
    }
    if (file)
        fclose(file);
    return file != NULL;
}

static void outside_check(const struct source *s, int line, const char *header)
{
    if (starts_with(header, "abi/") || is_beside(s, header))
        return;
    if (starts_with(s->path, "test/host/"))
        return;
    if (starts_with(s->path, "mkfs/") &&
        (starts_with(header, "fs/") || starts_with(header, "lib/")))
        return;
    complain(s, line, "\"%s\" is neither include/abi nor of this folder", header);
}

void floors_check(const struct source *s)
{
    for (int i = 0; i < s->nlines; i++) {
        char header[256];

        if (sscanf(s->lines[i], " # include \"%255[^\"]\"", header) != 1 ||
            is_exception("floor", s->path, header))
            continue;
        if (starts_with(s->path, "kernel/"))
            kernel_check(s, i + 1, header);
        else if (starts_with(s->path, "include/") && !starts_with(header, "abi/"))
            complain(s, i + 1, "include/abi includes only itself");
        else if (!starts_with(s->path, "include/"))
            outside_check(s, i + 1, header);
    }
}
