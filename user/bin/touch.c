/*
 * touch.c - sets files' times to now and makes those that are not there (-c: does not).
 */
#include <duality/tool.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    unsigned char opt[128];
    int i = tool_flags(argc, argv, "c", "[-c] FILE...", opt), bad = 0;

    if (i == argc)
        tool_usage("[-c] FILE...");
    for (; i < argc; i++) {
        int fd;

        if (utimens(argv[i], NULL) == 0 || (errno == ENOENT && opt['c']))
            continue;
        fd = open(argv[i], O_WRONLY | O_CREAT, 0666);
        if (fd < 0)
            bad |= tool_errno(argv[i]);
        else
            close(fd);
    }
    return bad;
}
