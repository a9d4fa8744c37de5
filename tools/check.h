/*
 * check.h - the tree's own checks: what main (check.c) asks of floors.c and style.c.
 */
#ifndef TOOLS_CHECK_H
#define TOOLS_CHECK_H

#include <stdbool.h>

/* One source file in memory. */
struct source {
    const char *path; /* from the top of the tree */
    char **lines;     /* without newlines */
    int nlines;
};

/* Prints "PATH:LINE: what" and counts it. */
void complain(const struct source *s, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* True if tools/exceptions has the line "KIND PATH NAME". */
bool is_exception(const char *kind, const char *path, const char *name);

/* Who may include whom. */
void floors_check(const struct source *s);

/* Head comment, lengths, marks. */
void style_check(const struct source *s);

#endif
