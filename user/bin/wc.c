/*
 * wc.c - counts lines, words and bytes (-l -w -c: only those) of files or standard input.
 */
#include <ctype.h>
#include <duality/tool.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

struct counts {
    unsigned long lines, words, bytes;
};

static unsigned char opt[128];
static struct counts total;

static void print(const struct counts *c, const char *name)
{
    const unsigned long value[] = {c->lines, c->words, c->bytes};
    int all = !opt['l'] && !opt['w'] && !opt['c'], any = 0;

    for (int i = 0; i < 3; i++)
        if (all || opt[(int)"lwc"[i]])
            printf("%s%lu", any++ ? " " : "", value[i]);
    printf("%s%s\n", *name ? " " : "", name);
}

static int count(int fd, const char *name)
{
    static char buffer[16384];
    struct counts c = {0};
    int in_word = 0;
    ssize_t n;

    while ((n = read(fd, buffer, sizeof(buffer))) > 0) {
        c.bytes += (size_t)n;
        for (ssize_t i = 0; i < n; i++) {
            int space = isspace((unsigned char)buffer[i]);

            c.lines += buffer[i] == '\n';
            c.words += !space && !in_word;
            in_word = !space;
        }
    }
    if (n < 0)
        return tool_errno(name);
    print(&c, fd ? name : "");
    total.lines += c.lines;
    total.words += c.words;
    total.bytes += c.bytes;
    return 0;
}

int main(int argc, char **argv)
{
    int i = tool_flags(argc, argv, "lwc", "[-lwc] [FILE...]", opt), bad = 0;
    int several = argc - i > 1;

    if (i == argc)
        return count(0, "standard input");
    for (; i < argc; i++) {
        int fd = open(argv[i], O_RDONLY);

        if (fd < 0) {
            bad |= tool_errno(argv[i]);
            continue;
        }
        bad |= count(fd, argv[i]);
        close(fd);
    }
    if (several)
        print(&total, "total");
    return bad;
}
