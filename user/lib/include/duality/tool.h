/*
 * duality/tool.h - what the small programs of user/bin have in common: complaints, usage, numbers.
 *
 * Messages go to standard error as "program: ...". Exit statuses: 0 well, 1 failed, 2 bad usage.
 */
#ifndef DUALITY_TOOL_H
#define DUALITY_TOOL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

extern const char *program_name; /* last part of argv[0] */

/* "program: WHAT: text of errno"; returns 1, for exit statuses. */
int tool_errno(const char *what);
/* "program: ..."; returns 1. */
int tool_warn(const char *format, ...) __attribute__((__format__(__printf__, 1, 2)));
/* "usage: program ARGS"; exits with 2. */
_Noreturn void tool_usage(const char *args);
/* tool_errno() and exit(1). */
_Noreturn void tool_die(const char *what);

/* A decimal (or 0x) number with an optional k, M or G; prints usage-like complaint and exits 2. */
int64_t tool_number(const char *text);

/* Copies everything from one descriptor to the other. -1 and *reading if reading failed. */
int tool_copy(int from, int to, int *reading);
/* Writes all of it or fails with -1. */
int tool_write(int fd, const void *data, size_t len);

/* "-rwxr-xr-x" */
void tool_mode(mode_t mode, char text[11]);
/* directory/name, in memory to free */
char *tool_join(const char *directory, const char *name);
/* what follows the last slash */
const char *tool_base(const char *path);

/* Runs the options -x of `known` letters; opt[letter] counts them. Returns the index after them. */
int tool_flags(int argc, char **argv, const char *known, const char *usage, unsigned char opt[128]);

#endif
