/*
 * tr.c - replaces characters of standard input: tr SET1 SET2, tr -d SET1. Sets know a-z and \n \t.
 */
#include <duality/tool.h>
#include <stdio.h>
#include <string.h>

struct set {
    unsigned char c[1024];
    size_t count;
};

static unsigned char take(const char **p)
{
    if (**p == '\\' && (*p)[1]) {
        char c = *++*p;

        ++*p;
        return (unsigned char)(c == 'n' ? '\n' : c == 't' ? '\t' : c);
    }
    return (unsigned char)*(*p)++;
}

static struct set parse(const char *p)
{
    struct set s = {.count = 0};

    while (*p) {
        unsigned from = take(&p), to = from;

        if (*p == '-' && p[1]) {
            p++;
            to = take(&p);
        }
        for (; from <= to && s.count < sizeof(s.c); from++)
            s.c[s.count++] = (unsigned char)from;
    }
    return s;
}

int main(int argc, char **argv)
{
    unsigned char opt[128], map[256], drop[256] = {0};
    int i = tool_flags(argc, argv, "d", "SET1 SET2 | -d SET1", opt), c;
    struct set from, to;

    if (argc - i != (opt['d'] ? 1 : 2))
        tool_usage("SET1 SET2 | -d SET1");
    from = parse(argv[i]);
    to = parse(opt['d'] ? "" : argv[i + 1]);
    for (int k = 0; k < 256; k++)
        map[k] = (unsigned char)k;
    for (size_t k = 0; k < from.count; k++) {
        if (to.count)
            map[from.c[k]] = to.c[k < to.count ? k : to.count - 1];
        else
            drop[from.c[k]] = 1;
    }
    while ((c = getchar()) != EOF)
        if (!drop[c])
            putchar(map[c]);
    return fflush(stdout) ? tool_errno("standard output") : 0;
}
