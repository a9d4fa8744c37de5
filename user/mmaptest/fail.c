/*
 * fail.c - the one line of a failed test.
 */
#include <stdarg.h>

#include "mm.h"

const char *test_name = "?";

void fail_at(const char *file, int line, const char *format, ...)
{
    const char *base = strrchr(file, '/');
    char text[200];
    va_list ap;

    va_start(ap, format);
    vsnprintf(text, sizeof(text), format, ap);
    va_end(ap);
    printf("mmaptest: %s: FAILED %s:%d: %s\n", test_name, base ? base + 1 : file, line, text);
    fflush(stdout);
    _exit(1);
}
