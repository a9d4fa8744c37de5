/*
 * sync.c - writes everything to the disk: all that is dirty, or the given files.
 */
#include <duality/tool.h>
#include <fcntl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int bad = 0;

    if (argc < 2)
        sync();
    for (int i = 1; i < argc; i++) {
        int fd = open(argv[i], O_RDONLY);

        if (fd < 0 || fsync(fd))
            bad |= tool_errno(argv[i]);
        if (fd >= 0)
            close(fd);
    }
    return bad;
}
