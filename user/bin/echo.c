/*
 * echo.c - writes its arguments, with blanks between and a newline after (-n: without).
 */
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    int newline = argc < 2 || strcmp(argv[1], "-n") != 0;

    for (int i = newline ? 1 : 2; i < argc; i++)
        printf("%s%s", argv[i], i + 1 < argc ? " " : "");
    if (newline)
        putchar('\n');
    return fflush(stdout) ? 1 : 0;
}
