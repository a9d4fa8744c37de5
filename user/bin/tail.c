/*
 * tail.c - the last lines (-n N, -N; 10) or bytes (-c N) of files or standard input; -f waits
 * for more. The whole input is kept in memory while it is read.
 */
#include <ctype.h>
#include <duality/tool.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int64_t lines = 10, bytes = -1;
static int follow;

static char *read_all(int fd, size_t *len)
{
    size_t room = 0;
    char *data = NULL;
    ssize_t n;

    *len = 0;
    do {
        if (*len + 16384 > room) {
            room = room ? room * 2 : 65536;
            data = realloc(data, room);
            if (!data)
                tool_die("memory");
        }
        n = read(fd, data + *len, room - *len);
        *len += n > 0 ? (size_t)n : 0;
    } while (n > 0);
    if (n < 0)
        tool_die("read");
    return data;
}

static void show(int fd)
{
    size_t len, start;
    char *data = read_all(fd, &len);
    int64_t left = lines;

    start = len;
    if (bytes >= 0) {
        start = (size_t)bytes < len ? len - (size_t)bytes : 0;
    } else if (lines > 0) {
        for (start = len; start > 0; start--)
            if (data[start - 1] == '\n' && start < len && --left == 0)
                break;
    }
    tool_write(1, data + start, len - start);
    free(data);
    while (follow) {
        int reading;

        tool_copy(fd, 1, &reading);
        usleep(200000);
    }
}

int main(int argc, char **argv)
{
    int i, bad = 0;

    for (i = 1; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
        if (isdigit((unsigned char)argv[i][1]))
            lines = tool_number(argv[i] + 1);
        else if (argv[i][1] == 'n' && (argv[i][2] || i + 1 < argc))
            lines = tool_number(argv[i][2] ? argv[i] + 2 : argv[++i]);
        else if (argv[i][1] == 'c' && (argv[i][2] || i + 1 < argc))
            bytes = tool_number(argv[i][2] ? argv[i] + 2 : argv[++i]);
        else if (strcmp(argv[i], "-f") == 0)
            follow = 1;
        else
            tool_usage("[-f] [-n LINES | -c BYTES] [FILE...]");
    }
    if (i == argc)
        show(0);
    for (; i < argc; i++) {
        int fd = open(argv[i], O_RDONLY);

        if (fd < 0) {
            bad |= tool_errno(argv[i]);
            continue;
        }
        show(fd);
        close(fd);
    }
    return bad;
}
