/*
 * yes.c - writes its arguments, or "y", line after line without end.
 */
#include <duality/tool.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    for (;;) {
        if (argc < 2)
            fputs("y", stdout);
        for (int i = 1; i < argc; i++)
            printf("%s%s", argv[i], i + 1 < argc ? " " : "");
        if (putchar('\n') == EOF || ferror(stdout))
            return tool_errno("standard output");
    }
}
