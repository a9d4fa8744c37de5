/*
 * truncate.c - makes files exactly -s SIZE bytes long (+SIZE longer, -SIZE shorter), and makes
 * them if they are not there (-c: does not).
 */
#include <duality/tool.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    const char *usage = "[-c] -s [+-]SIZE FILE...", *size = NULL;
    int option, make = O_CREAT, bad = 0;

    while ((option = getopt(argc, argv, "cs:")) != -1) {
        if (option == 's')
            size = optarg;
        else if (option == 'c')
            make = 0;
        else
            tool_usage(usage);
    }
    if (!size || optind == argc)
        tool_usage(usage);
    for (int i = optind; i < argc; i++) {
        int relative = *size == '+' || *size == '-';
        int64_t len = tool_number(*size == '+' ? size + 1 : size);
        int fd = open(argv[i], O_WRONLY | make, 0666);
        struct stat st;

        if (fd < 0 || fstat(fd, &st)) {
            bad |= tool_errno(argv[i]);
            continue;
        }
        if (relative)
            len = st.st_size + len > 0 ? st.st_size + len : 0;
        if (ftruncate(fd, len))
            bad |= tool_errno(argv[i]);
        close(fd);
    }
    return bad;
}
