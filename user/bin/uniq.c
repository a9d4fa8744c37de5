/*
 * uniq.c - writes equal neighbouring lines once. -c with how often, -d only repeated ones, -u
 * only others.
 */
#include <duality/tool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned char opt[128];

static void print(const char *line, unsigned long times)
{
    if (times == 0 || (opt['d'] && times == 1) || (opt['u'] && times > 1))
        return;
    if (opt['c'])
        printf("%7lu ", times);
    fputs(line, stdout);
}

int main(int argc, char **argv)
{
    int i = tool_flags(argc, argv, "cdu", "[-cdu] [FILE]", opt);
    FILE *f = i < argc ? fopen(argv[i], "r") : stdin;
    char *line = NULL, *last = NULL;
    size_t size = 0;
    unsigned long times = 0;

    if (!f)
        tool_die(argv[i]);
    while (getline(&line, &size, f) > 0) {
        if (last && strcmp(line, last) == 0) {
            times++;
            continue;
        }
        print(last, times);
        free(last);
        last = strdup(line);
        times = 1;
    }
    print(last, times);
    return fflush(stdout) ? tool_errno("standard output") : 0;
}
