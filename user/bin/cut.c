/*
 * cut.c - parts of lines: -f LIST fields (between tabs, or -d C), -c LIST characters. A LIST is
 * like 1,3-5,7-.
 */
#include <duality/tool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int listed(const char *list, long n)
{
    while (*list) {
        char *end;
        long from = strtol(list, &end, 10), to = from;

        if (*end == '-') {
            to = strtol(end + 1, &end, 10);
            if (to == 0)
                to = n;
        }
        if (n >= from && n <= to)
            return 1;
        list = *end ? end + 1 : end;
    }
    return 0;
}

static void cut_fields(char *line, const char *list, char delimiter)
{
    int any = 0;
    long n = 1;

    for (char *p = line;; n++) {
        size_t len = strcspn(p, (char[]){delimiter, '\0'});

        if (listed(list, n)) {
            printf("%s%.*s", any ? (char[]){delimiter, '\0'} : "", (int)len, p);
            any = 1;
        }
        if (!p[len])
            break;
        p += len + 1;
    }
    putchar('\n');
}

static void cut_characters(const char *line, const char *list)
{
    for (long n = 1; line[n - 1]; n++)
        if (listed(list, n))
            putchar(line[n - 1]);
    putchar('\n');
}

static void cut(FILE *f, const char *fields, const char *characters, char delimiter)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t n;

    while ((n = getline(&line, &size, f)) > 0) {
        if (line[n - 1] == '\n')
            line[n - 1] = '\0';
        if (fields)
            cut_fields(line, fields, delimiter);
        else
            cut_characters(line, characters);
    }
    free(line);
}

int main(int argc, char **argv)
{
    const char *fields = NULL, *characters = NULL;
    char delimiter = '\t';
    int option, bad = 0;

    while ((option = getopt(argc, argv, "f:c:d:")) != -1) {
        if (option == 'f')
            fields = optarg;
        else if (option == 'c')
            characters = optarg;
        else if (option == 'd')
            delimiter = *optarg;
        else
            tool_usage("-f LIST [-d C] | -c LIST [FILE...]");
    }
    if (!fields == !characters)
        tool_usage("-f LIST [-d C] | -c LIST [FILE...]");
    if (optind == argc)
        cut(stdin, fields, characters, delimiter);
    for (int i = optind; i < argc; i++) {
        FILE *f = fopen(argv[i], "r");

        if (!f) {
            bad |= tool_errno(argv[i]);
            continue;
        }
        cut(f, fields, characters, delimiter);
        fclose(f);
    }
    return bad;
}
