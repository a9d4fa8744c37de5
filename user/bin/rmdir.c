/*
 * rmdir.c - removes empty directories.
 */
#include <duality/tool.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int bad = 0;

    if (argc < 2)
        tool_usage("DIRECTORY...");
    for (int i = 1; i < argc; i++)
        if (rmdir(argv[i]))
            bad |= tool_errno(argv[i]);
    return bad;
}
