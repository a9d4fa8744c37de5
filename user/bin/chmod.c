/*
 * chmod.c - sets permission bits: an octal number, or +rwx, -rwx, =rwx for everybody.
 */
#include <duality/tool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static mode_t change(const char *text, mode_t old)
{
    mode_t bits = 0;
    char *end;

    if (*text >= '0' && *text <= '7') {
        bits = (mode_t)strtoul(text, &end, 8);
        if (*end)
            tool_usage("MODE PATH...");
        return bits;
    }
    if (!*text || !strchr("+-=", *text))
        tool_usage("MODE PATH...");
    for (const char *p = text + 1; *p; p++)
        bits |= *p == 'r' ? 0444 : *p == 'w' ? 0222 : *p == 'x' ? 0111 : 0;
    if (*text == '=')
        return (old & 07000) | bits;
    return *text == '+' ? old | bits : old & ~bits;
}

int main(int argc, char **argv)
{
    const char *text = argc > 1 && strncmp(argv[1], "a", 1) == 0 ? argv[1] + 1 : argv[1];
    int bad = 0;

    if (argc < 3)
        tool_usage("MODE PATH...");
    for (int i = 2; i < argc; i++) {
        struct stat st;

        if (stat(argv[i], &st) || chmod(argv[i], change(text, st.st_mode & 07777)))
            bad |= tool_errno(argv[i]);
    }
    return bad;
}
