/*
 * pmap.c - the regions of processes: addresses, protection, pages resident and private, object.
 */
#include <duality/sys.h>
#include <duality/tool.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* The kernel gives the whole list or E2BIG: the buffer grows until it fits. */
static struct info_region *load(int64_t pid, size_t *count)
{
    size_t size = 64 * sizeof(struct info_region);

    for (;; size *= 2) {
        struct info_region *list = malloc(size);
        ssize_t n;

        if (!list)
            tool_die("memory");
        n = sysinfo(INFO_REGIONS, pid, list, size);
        if (n >= 0) {
            *count = (size_t)n / sizeof(*list);
            return list;
        }
        free(list);
        if (errno != E2BIG)
            return NULL;
    }
}

static int show(const char *text)
{
    unsigned long long size = 0, resident = 0, private = 0;
    struct info_region *list;
    size_t count;

    list = load(tool_number(text), &count);
    if (!list)
        return tool_errno(text);
    printf("           START              END PROT  KIND     KiB     RSS    PRIV OBJECT     "
           "OFFSET NAME\n");
    for (size_t i = 0; i < count; i++) {
        const struct info_region *r = &list[i];

        printf("%16llx %16llx %c%c%c %c%c %8llu %7llu %7llu %6llu %10llx %.40s\n",
               (unsigned long long)r->start, (unsigned long long)r->end, r->prot & 1 ? 'r' : '-',
               r->prot & 2 ? 'w' : '-', r->prot & 4 ? 'x' : '-', r->flags & 1 ? 's' : 'p',
               r->flags & 0x20 ? 'a' : 'f', (unsigned long long)(r->end - r->start) / 1024,
               (unsigned long long)r->resident_pages * 4, (unsigned long long)r->private_pages * 4,
               (unsigned long long)r->object, (unsigned long long)r->offset, r->name);
        size += (r->end - r->start) / 1024;
        resident += r->resident_pages * 4;
        private += r->private_pages * 4;
    }
    printf("total %38s %8llu %7llu %7llu\n", "", size, resident, private);
    free(list);
    return 0;
}

int main(int argc, char **argv)
{
    int bad = 0;

    if (argc < 2)
        tool_usage("PID...");
    for (int i = 1; i < argc; i++)
        bad |= show(argv[i]);
    return bad;
}
