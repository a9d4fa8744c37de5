/*
 * basename.c - the last part of a path, without SUFFIX if it ends so.
 */
#include <duality/tool.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    size_t len, suffix;
    char *name;

    if (argc < 2 || argc > 3)
        tool_usage("PATH [SUFFIX]");
    name = basename(argv[1]);
    len = strlen(name);
    suffix = argc > 2 ? strlen(argv[2]) : 0;
    if (suffix && len > suffix && strcmp(name + len - suffix, argv[2]) == 0)
        name[len - suffix] = '\0';
    puts(name);
    return 0;
}
