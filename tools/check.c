/*
 * check.c - make check: reads every C and assembly file of ours and has it judged.
 *
 * Run from the top of the tree. Not looked at: user/xv6, which holds other people's programs as
 * they are. What is accepted against the rules stands, with its reason, in tools/exceptions. Exit
 * status 1 if anything was found.
 */
#include "check.h"

#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int complaints, files, total_lines;
static struct source exceptions;

void complain(const struct source *s, int line, const char *format, ...)
{
    va_list args;

    printf("%s:%d: ", s->path, line);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    printf("\n");
    complaints++;
}

bool is_exception(const char *kind, const char *path, const char *name)
{
    char wanted[512];
    size_t len = snprintf(wanted, sizeof wanted, "%s %s %s", kind, path, name);

    for (int i = 0; i < exceptions.nlines; i++) {
        const char *line = exceptions.lines[i];

        if (strncmp(line, wanted, len) == 0 && (line[len] == 0 || line[len] == ' '))
            return true;
    }
    return false;
}

static bool source_read(struct source *s, const char *path)
{
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t cap = 0;
    ssize_t len;

    *s = (struct source){.path = path};
    if (!file)
        return false;
    while ((len = getline(&line, &cap, file)) > 0) {
        line[strcspn(line, "\n")] = 0;
        s->lines = realloc(s->lines, (s->nlines + 1) * sizeof s->lines[0]);
        s->lines[s->nlines++] = strdup(line);
    }
    free(line);
    fclose(file);
    return true;
}

static void source_free(struct source *s)
{
    for (int i = 0; i < s->nlines; i++)
        free(s->lines[i]);
    free(s->lines);
}

static bool is_ours(const char *path)
{
    static const char *const kinds[] = {".c", ".h", ".S", ".def"};
    const char *dot = strrchr(path, '.');

    if (!dot || strncmp(path, "user/xv6/", 9) == 0)
        return false;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(dot, kinds[i]) == 0)
            return true;
    return false;
}

static int visit(const char *path, const struct stat *st, int type, struct FTW *at)
{
    struct source s;

    (void)st;
    (void)at;
    if (type != FTW_F || !is_ours(path))
        return 0;
    if (!source_read(&s, path)) {
        complain(&s, 0, "cannot be read");
        return 0;
    }
    files++;
    total_lines += s.nlines;
    floors_check(&s);
    style_check(&s);
    source_free(&s);
    return 0;
}

int main(void)
{
    static const char *const roots[] = {"include", "kernel", "user",     "mkfs",
                                        "grade",   "tools",  "test/host"};

    source_read(&exceptions, "tools/exceptions");
    for (size_t i = 0; i < sizeof roots / sizeof roots[0]; i++)
        nftw(roots[i], visit, 16, FTW_PHYS);
    printf("check: %d files, %d lines, %d complaints\n", files, total_lines, complaints);
    return complaints > 0;
}
