/*
 * tee.c - copies standard input to standard output and to files; -a appends to them.
 */
#include <duality/tool.h>
#include <fcntl.h>
#include <unistd.h>

enum { FILES_MAX = 32 };

int main(int argc, char **argv)
{
    static char buffer[16384];
    unsigned char opt[128];
    int i = tool_flags(argc, argv, "a", "[-a] [FILE...]", opt), fds[FILES_MAX], count = 0, bad = 0;
    ssize_t n;

    for (; i < argc && count < FILES_MAX; i++) {
        fds[count] = open(argv[i], O_WRONLY | O_CREAT | (opt['a'] ? O_APPEND : O_TRUNC), 0666);
        if (fds[count] < 0)
            bad |= tool_errno(argv[i]);
        else
            count++;
    }
    while ((n = read(0, buffer, sizeof(buffer))) > 0) {
        if (tool_write(1, buffer, (size_t)n))
            bad |= tool_errno("standard output");
        for (int k = 0; k < count; k++)
            if (tool_write(fds[k], buffer, (size_t)n))
                bad |= tool_errno("write");
    }
    return n < 0 ? tool_errno("standard input") : bad;
}
