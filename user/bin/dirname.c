/*
 * dirname.c - a path without its last part.
 */
#include <duality/tool.h>
#include <libgen.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    if (argc != 2)
        tool_usage("PATH");
    puts(dirname(argv[1]));
    return 0;
}
