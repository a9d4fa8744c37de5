/*
 * mkdir.c - makes directories; -p with those above, and without complaint if they are there.
 */
#include <duality/tool.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static int make_parents(char *path)
{
    struct stat st;

    for (char *p = path + 1; *p; p++) {
        if (*p != '/' || p[-1] == '/')
            continue;
        *p = '\0';
        if (mkdir(path, 0777) && errno != EEXIST)
            return tool_errno(path);
        *p = '/';
    }
    if (mkdir(path, 0777) == 0)
        return 0;
    if (errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return 0;
    return tool_errno(path);
}

int main(int argc, char **argv)
{
    unsigned char opt[128];
    int i = tool_flags(argc, argv, "p", "[-p] DIRECTORY...", opt), bad = 0;

    if (i == argc)
        tool_usage("[-p] DIRECTORY...");
    for (; i < argc; i++) {
        if (opt['p'])
            bad |= make_parents(argv[i]);
        else if (mkdir(argv[i], 0777))
            bad |= tool_errno(argv[i]);
    }
    return bad;
}
