/*
 * free.c - what the memory is used for, in KiB (-p: in pages).
 */
#include <duality/sys.h>
#include <duality/tool.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    struct info_memory m;
    unsigned char opt[128];
    unsigned long long scale;

    if (tool_flags(argc, argv, "p", "[-p]", opt) != argc)
        tool_usage("[-p]");
    if (sysinfo(INFO_MEMORY, 0, &m, sizeof(m)) < 0)
        tool_die("sysinfo");
    scale = opt['p'] ? 1 : 4;
    const struct {
        const char *name, *text;
        uint64_t pages;
    } rows[] = {
        {"total", "", m.total},
        {"free", "", m.free},
        {"reserved", "firmware, kernel image", m.reserved},
        {"kernel", "its own objects, stacks, page tables", m.kernel},
        {"private", "pages of one process only", m.anon},
        {"cached", "pages of files and shared objects", m.cached},
        {"dirty", "of those, not yet written", m.dirty},
        {"lent", "in a pager's window now", m.lent},
        {"buffers", "metadata of the file system", m.buffers},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        printf("%-9s %10llu %s%s%s\n", rows[i].name, rows[i].pages * scale,
               opt['p'] ? "pages" : "KiB", *rows[i].text ? "  " : "", rows[i].text);
    return 0;
}
