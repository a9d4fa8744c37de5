/*
 * mount-info.c - what is mounted: there is one file system, the root.
 */
#include <duality/tool.h>
#include <stdio.h>
#include <sys/statfs.h>

int main(int argc, char **argv)
{
    struct abi_statfs s;

    (void)argv;
    if (argc > 1)
        tool_usage("");
    if (statfs("/", &s))
        tool_die("/");
    printf("%.16s on / type %.16s (%s, blocks of %llu)\n", s.device, s.type,
           s.read_only ? "read-only" : "read-write", (unsigned long long)s.block_size);
    return 0;
}
