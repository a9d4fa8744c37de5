/*
 * t_fmt.c - the kernel's text formatting against the C library's.
 * sources: kernel/lib/fmt.c kernel/lib/string.c
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/fmt.h"

static int failures;

#define SAME(...)                                                                                  \
    do {                                                                                           \
        char mine_[200], theirs_[200];                                                             \
        int m_ = fmt_snprintf(mine_, sizeof(mine_), __VA_ARGS__);                                  \
        int t_ = snprintf(theirs_, sizeof(theirs_), __VA_ARGS__);                                  \
        expect(__LINE__, mine_, m_, theirs_, t_);                                                  \
    } while (0)

static void expect(int line, const char *mine, int m, const char *theirs, int t)
{
    if (m == t && !strcmp(mine, theirs))
        return;
    printf("t_fmt.c:%d: \"%s\" (%d), expected \"%s\" (%d)\n", line, mine, m, theirs, t);
    failures++;
}

static void check_numbers(void)
{
    static const long values[] = {0,         1,         -1,        9,         10,       255,
                                  INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN, 123456789};
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        long v = values[i];
        SAME("%d %i %u %x %X %o", (int)v, (int)v, (unsigned)v, (unsigned)v, (unsigned)v,
             (unsigned)v);
        SAME("%ld %lu %lx %zu %zx %lld %llx %jd", v, v, v, (size_t)v, (size_t)v, (long long)v,
             (long long)v, (intmax_t)v);
        SAME("[%8d] [%-8d] [%08d] [%+d] [% d] [%.5d] [%8.5d]", (int)v, (int)v, (int)v, (int)v,
             (int)v, (int)v, (int)v);
        SAME("[%20lx] [%-20lx] [%020lx] [%#lx] [%#020lx] [%#lo]", v, v, v, v, v, v);
        SAME("%hhd %hhu %hd %hu %hx", (signed char)v, (unsigned char)v, (short)v, (unsigned short)v,
             (unsigned short)v);
        SAME("[%*d] [%-*ld] [%.*lx]", 12, (int)v, 22, v, 3, v);
    }
}

static void check_text(void)
{
    SAME("plain");
    SAME("%s|%10s|%-10s|%.3s|%10.2s|%.0s", "abcdef", "abc", "abc", "abcdef", "abcdef", "abc");
    SAME("%c%3c%-3c|%%|%5d%%", 'x', 'y', 'z', 42);
    SAME("%.*s", 2, "unterminated");
    char buf[64];
    int n = fmt_snprintf(buf, sizeof(buf), "%p", (void *)0xffffffc080001234ul);
    expect(__LINE__, buf, n, "0xffffffc080001234", 18);
    const char *volatile null = NULL; /* volatile: the compiler would warn */
    n = fmt_snprintf(buf, sizeof(buf), "%s", null);
    expect(__LINE__, buf, n, "(null)", 6);
}

static void check_cut(void)
{
    char buf[8];
    memset(buf, '#', sizeof(buf));
    int n = fmt_snprintf(buf, 5, "%s", "abcdefgh");
    expect(__LINE__, buf, n, "abcd", 8);
    if (buf[5] != '#')
        failures++;
    n = fmt_snprintf(buf, 0, "%d", 1234);
    expect(__LINE__, "", n, "", 4);
    n = fmt_snprintf(buf, 1, "%d", 1234);
    expect(__LINE__, buf, n, "", 4);
}

int main(void)
{
    check_numbers();
    check_text();
    check_cut();
    printf("t_fmt: %s\n", failures ? "FAILED" : "ok");
    return failures != 0;
}
