/*
 * sort.c - sorts lines of files or standard input. -r backwards, -n by number, -u once each,
 * -f any case.
 */
#include <duality/tool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static unsigned char opt[128];
static char **lines;
static size_t count, room;

static int order(const char *a, const char *b)
{
    if (opt['n']) {
        double x = strtod(a, NULL), y = strtod(b, NULL);

        if (x != y)
            return x < y ? -1 : 1;
    }
    return opt['f'] ? strcasecmp(a, b) : strcmp(a, b);
}

static int compare(const void *a, const void *b)
{
    int result = order(*(char *const *)a, *(char *const *)b);

    return opt['r'] ? -result : result;
}

static void load(FILE *f)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t n;

    while ((n = getline(&line, &size, f)) > 0) {
        if (line[n - 1] == '\n')
            line[n - 1] = '\0';
        if (count == room) {
            room = room ? room * 2 : 1024;
            lines = realloc(lines, room * sizeof(*lines));
            if (!lines)
                tool_die("memory");
        }
        lines[count] = strdup(line);
        if (!lines[count++])
            tool_die("memory");
    }
    free(line);
}

int main(int argc, char **argv)
{
    int i = tool_flags(argc, argv, "rnuf", "[-rnuf] [FILE...]", opt), bad = 0;

    if (i == argc)
        load(stdin);
    for (; i < argc; i++) {
        FILE *f = fopen(argv[i], "r");

        if (!f) {
            bad |= tool_errno(argv[i]);
            continue;
        }
        load(f);
        fclose(f);
    }
    if (count)
        qsort(lines, count, sizeof(*lines), compare);
    for (size_t k = 0; k < count; k++)
        if (!opt['u'] || k == 0 || order(lines[k - 1], lines[k]) != 0)
            puts(lines[k]);
    return fflush(stdout) ? tool_errno("standard output") : bad;
}
