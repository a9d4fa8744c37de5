/*
 * date.c - the time, in UTC: date [+FORMAT], as strftime() has it.
 */
#include <duality/tool.h>
#include <stdio.h>
#include <time.h>

int main(int argc, char **argv)
{
    const char *format = "%a %b %e %H:%M:%S UTC %Y";
    char text[256];
    time_t now = time(NULL);

    if (argc > 2 || (argc == 2 && argv[1][0] != '+'))
        tool_usage("[+FORMAT]");
    if (argc == 2)
        format = argv[1] + 1;
    strftime(text, sizeof(text), format, gmtime(&now));
    puts(text);
    return 0;
}
