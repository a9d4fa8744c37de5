/*
 * kill.c - sends a signal to processes, or to groups as negative numbers; -l lists the names.
 */
#include <duality/tool.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int list_signals(void)
{
    char name[SIG2STR_MAX];

    for (int sig = 1; sig < NSIG; sig++)
        if (sig2str(sig, name) == 0)
            printf("%2d %s\n", sig, name);
    return 0;
}

int main(int argc, char **argv)
{
    int sig = SIGTERM, i = 1, bad = 0;

    if (argc == 2 && strcmp(argv[1], "-l") == 0)
        return list_signals();
    if (argc > 1 && argv[1][0] == '-') {
        const char *name = argv[1] + 1;

        i = 2;
        if (strcmp(name, "s") == 0 && argc > 2)
            name = argv[i++];
        if (strcmp(name, "-") != 0 && str2sig(name, &sig)) {
            tool_warn("%s: no such signal (-l lists them)", name);
            return 2;
        }
    }
    if (i >= argc)
        tool_usage("[-SIGNAL] PID... | -l");
    for (; i < argc; i++)
        if (kill((pid_t)tool_number(argv[i]), sig))
            bad |= tool_errno(argv[i]);
    return bad;
}
