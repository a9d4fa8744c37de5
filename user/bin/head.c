/*
 * head.c - the first lines (-n N, -N; 10) or bytes (-c N) of files or standard input.
 */
#include <ctype.h>
#include <duality/tool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int64_t lines = 10, bytes = -1;

static void show(FILE *f)
{
    int64_t left = bytes >= 0 ? bytes : lines;
    int c;

    while (left > 0 && (c = getc(f)) != EOF) {
        putchar(c);
        if (bytes >= 0 || c == '\n')
            left--;
    }
}

int main(int argc, char **argv)
{
    int i, bad = 0, several;

    for (i = 1; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
        if (isdigit((unsigned char)argv[i][1]))
            lines = tool_number(argv[i] + 1);
        else if (argv[i][1] == 'n' && (argv[i][2] || i + 1 < argc))
            lines = tool_number(argv[i][2] ? argv[i] + 2 : argv[++i]);
        else if (argv[i][1] == 'c' && (argv[i][2] || i + 1 < argc))
            bytes = tool_number(argv[i][2] ? argv[i] + 2 : argv[++i]);
        else
            tool_usage("[-n LINES | -c BYTES] [FILE...]");
    }
    several = argc - i > 1;
    if (i == argc)
        show(stdin);
    for (; i < argc; i++) {
        FILE *f = fopen(argv[i], "r");

        if (!f) {
            bad |= tool_errno(argv[i]);
            continue;
        }
        if (several)
            printf("==> %s <==\n", argv[i]);
        show(f);
        fclose(f);
    }
    return bad;
}
