/*
 * df.c - size of the file system that holds a path (/), in KiB, and its inodes.
 */
#include <duality/tool.h>
#include <stdio.h>
#include <sys/statfs.h>

static int show(const char *path)
{
    struct abi_statfs s;
    unsigned long long total, unused;

    if (statfs(path, &s))
        return tool_errno(path);
    total = s.blocks * s.block_size / 1024;
    unused = s.blocks_free * s.block_size / 1024;
    printf("%-10.16s %-6.16s %10llu %10llu %10llu %4llu%% %8llu %8llu %s\n", s.device, s.type,
           total, total - unused, unused, total ? (total - unused) * 100 / total : 0,
           (unsigned long long)s.inodes, (unsigned long long)s.inodes_free, path);
    return 0;
}

int main(int argc, char **argv)
{
    int bad = 0;

    printf("DEVICE     TYPE          SIZE       USED       FREE  USE%%   INODES     FREE PATH\n");
    if (argc < 2)
        return show("/");
    for (int i = 1; i < argc; i++)
        bad |= show(argv[i]);
    return bad;
}
