/*
 * which.c - where a command is found in $PATH.
 */
#include <duality/tool.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int find(const char *name)
{
    const char *path = getenv("PATH"), *end;
    char full[PATH_MAX];

    for (path = path ? path : "/bin";; path = end + 1) {
        end = path + strcspn(path, ":");
        snprintf(full, sizeof(full), "%.*s/%s", (int)(end - path), path, name);
        if (access(full, X_OK) == 0) {
            puts(full);
            return 0;
        }
        if (!*end)
            return 1;
    }
}

int main(int argc, char **argv)
{
    int bad = 0;

    if (argc < 2)
        tool_usage("COMMAND...");
    for (int i = 1; i < argc; i++)
        bad |= find(argv[i]);
    return bad;
}
