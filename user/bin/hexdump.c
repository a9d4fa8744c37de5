/*
 * hexdump.c - bytes of a file in hexadecimal and as text, 16 to a line; equal lines once, as "*".
 *
 * -s OFFSET begins there, -n BYTES ends after so many, -v shows equal lines too.
 */
#include <ctype.h>
#include <duality/tool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void print_line(int64_t offset, const unsigned char *p, size_t n)
{
    printf("%08llx ", (long long)offset);
    for (size_t i = 0; i < 16; i++) {
        if (i < n)
            printf("%s%02x", i == 8 ? "  " : " ", p[i]);
        else
            printf("%s", i == 8 ? "    " : "   ");
    }
    printf("  |");
    for (size_t i = 0; i < n; i++)
        putchar(p[i] < 127 && isprint(p[i]) ? p[i] : '.');
    printf("|\n");
}

static void dump(FILE *f, int64_t offset, int64_t limit, int verbose)
{
    unsigned char line[16], last[16];
    int have_last = 0, starred = 0;

    while (limit) {
        size_t want = limit < 0 || limit > 16 ? 16 : (size_t)limit, n = fread(line, 1, want, f);

        if (n == 0)
            break;
        if (!verbose && have_last && n == 16 && memcmp(line, last, 16) == 0) {
            if (!starred)
                puts("*");
            starred = 1;
        } else {
            print_line(offset, line, n);
            starred = 0;
        }
        memcpy(last, line, 16);
        have_last = n == 16;
        offset += (int64_t)n;
        if (limit > 0)
            limit -= (int64_t)n;
    }
    printf("%08llx\n", (long long)offset);
}

int main(int argc, char **argv)
{
    int64_t offset = 0, limit = -1;
    int option, verbose = 0, bad = 0;

    while ((option = getopt(argc, argv, "s:n:vC")) != -1) {
        if (option == 's')
            offset = tool_number(optarg);
        else if (option == 'n')
            limit = tool_number(optarg);
        else if (option == 'v')
            verbose = 1;
        else if (option != 'C')
            tool_usage("[-v] [-s OFFSET] [-n BYTES] [FILE...]");
    }
    if (optind == argc)
        dump(stdin, 0, limit, verbose);
    for (int i = optind; i < argc; i++) {
        FILE *f = fopen(argv[i], "r");

        if (!f) {
            bad |= tool_errno(argv[i]);
            continue;
        }
        if (offset)
            fseek(f, (long)offset, SEEK_SET);
        dump(f, offset, limit, verbose);
        bad |= ferror(f) ? tool_errno(argv[i]) : 0;
        fclose(f);
    }
    return bad;
}
