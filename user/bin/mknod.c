/*
 * mknod.c - makes a device node or a named pipe: mknod PATH c MAJOR MINOR, mknod PATH p.
 */
#include <duality/tool.h>
#include <string.h>
#include <sys/stat.h>

int main(int argc, char **argv)
{
    mode_t mode = 0666;
    dev_t dev = 0;

    if (argc == 3 && strcmp(argv[2], "p") == 0) {
        mode |= S_IFIFO;
    } else if (argc == 5 && (strcmp(argv[2], "c") == 0 || strcmp(argv[2], "b") == 0)) {
        mode |= argv[2][0] == 'c' ? S_IFCHR : S_IFBLK;
        dev = (dev_t)(tool_number(argv[3]) << 8 | (tool_number(argv[4]) & 255));
    } else {
        tool_usage("PATH c|b MAJOR MINOR | PATH p");
    }
    return mknod(argv[1], mode, dev) ? tool_errno(argv[1]) : 0;
}
