/*
 * main.c - mkfs: makes an ext2 image with files in it.
 *
 *     mkfs -o IMG [-s SIZE] [-b 1024|2048|4096] [-i INODES] [-t SECONDS] [-U UUID] [-L LABEL]
 *          [DEST=SOURCE | DEST=@link:TARGET | DEST=@dir | DEST=@chr:MAJOR:MINOR] ...
 *
 * The same arguments and sources give the same bytes: time and UUID are fixed unless given. Files
 * get mode 0755 if the source is executable, else 0644; missing directories on the way are made.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "mkfs.h"

static const char usage[] =
    "usage: mkfs -o IMG [-s SIZE[K|M|G]] [-b 1024|2048|4096] [-i INODES] [-t SECONDS]\n"
    "            [-U UUID] [-L LABEL] [DEST=WHAT ...]\n"
    "WHAT: a file of the host, @dir, @link:TARGET, @chr:MAJOR:MINOR\n";

void die(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fputs("mkfs: ", stderr);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
    va_end(ap);
    image_remove();
    exit(1);
}

void *xalloc(size_t len)
{
    void *p = calloc(1, len);
    if (!p)
        die("out of memory");
    return p;
}

char *xstrdup(const char *s)
{
    char *copy = strdup(s);
    if (!copy)
        die("out of memory");
    return copy;
}

/* A number with an optional K, M or G (if `units`) in [min, max]. */
static uint64_t number(const char *what, const char *text, bool units, uint64_t min, uint64_t max)
{
    char *end;
    errno = 0;
    uint64_t v = strtoull(text, &end, 0);
    bool bad = errno || end == text || text[0] == '-';
    unsigned shift = 0;
    if (units && *end) {
        shift = *end == 'K' ? 10 : *end == 'M' ? 20 : *end == 'G' ? 30 : 0;
        bad |= shift == 0;
        end++;
    }
    if (bad || *end || v > UINT64_MAX >> shift)
        die("%s: \"%s\" is not a number%s", what, text, units ? " of bytes" : "");
    v <<= shift;
    if (v < min || v > max)
        die("%s: %s is out of range (%llu to %llu)", what, text, (unsigned long long)min,
            (unsigned long long)max);
    return v;
}

static void parse_uuid(const char *text, uint8_t uuid[16])
{
    unsigned n = 0;
    for (const char *p = text; *p; p++) {
        static const char digits[] = "0123456789abcdef";
        if (*p == '-')
            continue;
        const char *d = strchr(digits, *p | 32);
        if (!d || n == 32)
            die("-U: \"%s\" is not a UUID", text);
        uuid[n / 2] = (uint8_t)(uuid[n / 2] << 4 | (d - digits));
        n++;
    }
    if (n != 32)
        die("-U: \"%s\" is not a UUID", text);
}

static void parse_options(int argc, char **argv, struct options *o)
{
    int c;
    while ((c = getopt(argc, argv, "o:s:b:i:t:U:L:h")) != -1) {
        switch (c) {
        case 'o':
            o->path = optarg;
            break;
        case 's':
            o->size_bytes = number("-s", optarg, true, 64 << 10, 1ull << 42);
            break;
        case 'b':
            o->block_size = (uint32_t)number("-b", optarg, false, 1024, 4096);
            if (o->block_size & (o->block_size - 1))
                die("-b: block size is 1024, 2048 or 4096");
            break;
        case 'i':
            o->inodes = (uint32_t)number("-i", optarg, false, 16, 1u << 31);
            break;
        case 't':
            o->time = (uint32_t)number("-t", optarg, false, 0, INT32_MAX);
            break;
        case 'U':
            parse_uuid(optarg, o->uuid);
            break;
        case 'L':
            if (strlen(optarg) > 16)
                die("-L: a label has at most 16 bytes");
            o->label = optarg;
            break;
        default:
            fputs(usage, c == 'h' ? stdout : stderr);
            exit(c == 'h' ? 0 : 2);
        }
    }
}

int main(int argc, char **argv)
{
    struct options o = {
        .size_bytes = 64 << 20,
        .block_size = 4096,
        .time = 1767225600, /* 2026-01-01 */
        .uuid = {0xd0, 0xa1, 0x17, 0x79, 0x00, 0x00, 0x40, 0x00, 0x80, 0, 0, 0, 0, 0, 0, 1},
        .label = "duality",
    };
    parse_options(argc, argv, &o);
    if (!o.path) {
        fputs("mkfs: -o IMG is missing\n", stderr);
        fputs(usage, stderr);
        return 2;
    }
    for (int i = optind; i < argc; i++)
        tree_add_argument(argv[i]);
    tree_add_defaults();
    image_create(&o);
    write_tree();
    image_finish();
    return 0;
}
