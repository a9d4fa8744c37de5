/*
 * env.c - shows the environment, or runs a command in a changed one: env [-i] [NAME=VALUE...]
 * [COMMAND [ARG...]].
 */
#include <duality/tool.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int i = 1;

    if (i < argc && strcmp(argv[i], "-i") == 0) {
        static char *nothing[1];

        environ = nothing;
        i++;
    }
    for (; i < argc && strchr(argv[i], '='); i++) {
        char *value = strchr(argv[i], '=');

        *value = '\0';
        if (setenv(argv[i], value + 1, 1))
            tool_die(argv[i]);
    }
    if (i == argc) {
        for (char **e = environ; *e; e++)
            puts(*e);
        return 0;
    }
    execvp(argv[i], argv + i);
    tool_errno(argv[i]);
    return errno == ENOENT ? 127 : 126;
}
