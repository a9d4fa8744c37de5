/*
 * printf.c - writes its arguments by a format: %s %c %d %i %u %x %o %f %g %e %%, with flags, width
 * and precision, \n \t \\ \0NNN; the format is used again while arguments are left.
 */
#include <duality/tool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char **arg;

static const char *next(void)
{
    return *arg ? *arg++ : "";
}

static const char *escape(const char *p)
{
    static const char from[] = "abfnrtv\\\"'e", to[] = "\a\b\f\n\r\t\v\\\"'\033";
    const char *found;
    int value = 0;

    if (*p >= '0' && *p <= '7') {
        for (int i = 0; i < 3 && *p >= '0' && *p <= '7'; i++)
            value = value * 8 + *p++ - '0';
        putchar(value);
        return p;
    }
    found = *p ? strchr(from, *p) : NULL;
    putchar(found ? to[found - from] : '\\');
    return found ? p + 1 : p;
}

#pragma GCC diagnostic ignored "-Wformat-nonliteral"

/* p is behind the '%'; the conversion is copied into a format of its own. */
static const char *convert(const char *p)
{
    char format[48] = "%";
    size_t len = strspn(p, "-+ #0123456789.");

    if (*p == '%' || len > 32 || !p[len]) {
        putchar('%');
        return *p == '%' ? p + 1 : p;
    }
    strncat(format, p, len);
    p += len;
    if (strchr("diouxX", *p)) {
        snprintf(format + 1 + len, 8, "ll%c", *p);
        printf(format, strtoll(next(), NULL, 0));
    } else if (strchr("eEfgG", *p)) {
        snprintf(format + 1 + len, 8, "%c", *p);
        printf(format, strtod(next(), NULL));
    } else {
        snprintf(format + 1 + len, 8, "%c", *p == 'c' ? 'c' : 's');
        if (*p == 'c')
            printf(format, *next());
        else
            printf(format, next());
    }
    return p + 1;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        tool_usage("FORMAT [ARG...]");
    arg = argv + 2;
    do {
        for (const char *p = argv[1]; *p;) {
            if (*p == '\\')
                p = escape(p + 1);
            else if (*p == '%')
                p = convert(p + 1);
            else
                putchar(*p++);
        }
    } while (*arg && strchr(argv[1], '%'));
    return fflush(stdout) ? tool_errno("standard output") : 0;
}
