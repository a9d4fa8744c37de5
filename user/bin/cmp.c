/*
 * cmp.c - compares two files byte by byte. Status 0 equal, 1 different, 2 unreadable. -s silent.
 */
#include <duality/tool.h>
#include <stdio.h>
#include <stdlib.h>

static FILE *open_file(const char *path)
{
    FILE *f = fopen(path, "r");

    if (!f) {
        tool_errno(path);
        exit(2);
    }
    return f;
}

int main(int argc, char **argv)
{
    unsigned char opt[128];
    int i = tool_flags(argc, argv, "s", "[-s] FILE FILE", opt), a, b;
    unsigned long byte = 0, line = 1;
    FILE *x, *y;

    if (argc - i != 2)
        tool_usage("[-s] FILE FILE");
    x = open_file(argv[i]);
    y = open_file(argv[i + 1]);
    do {
        a = getc(x);
        b = getc(y);
        byte++;
        if (a != b)
            break;
        line += a == '\n';
    } while (a != EOF);
    if (ferror(x) || ferror(y)) {
        tool_errno(argv[ferror(x) ? i : i + 1]);
        return 2;
    }
    if (a == b)
        return 0;
    if (opt['s'])
        return 1;
    if (a == EOF || b == EOF)
        printf("cmp: %s ends after byte %lu, line %lu\n", argv[a == EOF ? i : i + 1], byte - 1,
               line);
    else
        printf("%s %s differ: byte %lu, line %lu: %02x %02x\n", argv[i], argv[i + 1], byte, line, a,
               b);
    return 1;
}
