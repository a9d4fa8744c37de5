/*
 * mv.c - renames files and directories, or moves them into a directory.
 */
#include <duality/tool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int main(int argc, char **argv)
{
    const char *usage = "FROM TO | FROM... DIRECTORY";
    unsigned char opt[128];
    int i = tool_flags(argc, argv, "f", usage, opt), bad = 0, into;
    struct stat st;

    if (argc - i < 2)
        tool_usage(usage);
    into = stat(argv[argc - 1], &st) == 0 && S_ISDIR(st.st_mode);
    if (argc - i > 2 && !into)
        return tool_warn("%s: not a directory", argv[argc - 1]);
    for (; i < argc - 1; i++) {
        char *to = into ? tool_join(argv[argc - 1], tool_base(argv[i])) : argv[argc - 1];

        if (rename(argv[i], to))
            bad |= tool_errno(argv[i]);
        if (into)
            free(to);
    }
    return bad;
}
