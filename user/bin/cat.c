/*
 * cat.c - writes files, or standard input, to standard output. -n numbers the lines.
 */
#include <duality/tool.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static unsigned char opt[128];
static int line_number;

static int numbered(int fd, const char *name)
{
    FILE *f = fdopen(dup(fd), "r");
    int c, at_start = 1;

    if (!f)
        return tool_errno(name);
    while ((c = getc(f)) != EOF) {
        if (at_start)
            printf("%6d  ", ++line_number);
        putchar(c);
        at_start = c == '\n';
    }
    fclose(f);
    return fflush(stdout) ? tool_errno("standard output") : 0;
}

static int show(int fd, const char *name)
{
    int reading;

    if (opt['n'])
        return numbered(fd, name);
    if (tool_copy(fd, 1, &reading))
        return tool_errno(reading ? name : "standard output");
    return 0;
}

static int show_file(const char *name)
{
    int fd, bad;

    if (strcmp(name, "-") == 0)
        return show(0, "standard input");
    fd = open(name, O_RDONLY);
    if (fd < 0)
        return tool_errno(name);
    bad = show(fd, name);
    close(fd);
    return bad;
}

int main(int argc, char **argv)
{
    int i = tool_flags(argc, argv, "n", "[-n] [FILE...]", opt), bad = 0;

    if (i == argc)
        bad = show(0, "standard input");
    for (; i < argc; i++)
        bad |= show_file(argv[i]);
    return bad;
}
