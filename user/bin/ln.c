/*
 * ln.c - gives a file another name; -s makes a symbolic link, -f replaces what is there.
 */
#include <duality/tool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    const char *usage = "[-sf] TARGET [NAME|DIRECTORY]";
    unsigned char opt[128];
    int i = tool_flags(argc, argv, "sf", usage, opt);
    const char *target, *name;
    struct stat st;

    if (argc - i < 1 || argc - i > 2)
        tool_usage(usage);
    target = argv[i];
    name = argc - i == 2 ? argv[i + 1] : tool_base(target);
    if (stat(name, &st) == 0 && S_ISDIR(st.st_mode))
        name = tool_join(name, tool_base(target));
    if (opt['f'])
        unlink(name);
    if (opt['s'] ? symlink(target, name) : link(target, name))
        return tool_errno(name);
    return 0;
}
