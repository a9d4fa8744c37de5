/*
 * readlink.c - where symbolic links point.
 */
#include <duality/tool.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    char target[PATH_MAX];
    int bad = 0;

    if (argc < 2)
        tool_usage("PATH...");
    for (int i = 1; i < argc; i++) {
        ssize_t n = readlink(argv[i], target, sizeof(target));

        if (n < 0)
            bad |= tool_errno(argv[i]);
        else
            printf("%.*s\n", (int)n, target);
    }
    return bad;
}
