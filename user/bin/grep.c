/*
 * grep.c - lines that match a basic regular expression (-E extended, -F plain text).
 *
 * -n line numbers, -v lines that do not match, -i any case, -c count, -l names only, -q nothing,
 * -r directories. Exit status 0 if a line was found, 1 if none, 2 after an error.
 */
#define _GNU_SOURCE

#include <dirent.h>
#include <duality/tool.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static unsigned char opt[128];
static regex_t regex;
static const char *plain;
static int found, failed, with_name;

static int matches(const char *line)
{
    if (plain)
        return (opt['i'] ? strcasestr(line, plain) : strstr(line, plain)) != NULL;
    return regexec(&regex, line, 0, NULL, 0) == 0;
}

static void print_prefix(const char *name, long number)
{
    if (with_name)
        printf("%s:", name);
    if (opt['n'])
        printf("%ld:", number);
}

static void search(FILE *f, const char *name)
{
    long number = 0, hits = 0;
    size_t room = 0;
    char *line = NULL;
    ssize_t n;

    while ((n = getline(&line, &room, f)) > 0) {
        number++;
        if (line[n - 1] == '\n')
            line[n - 1] = '\0';
        if (matches(line) == !!opt['v'])
            continue;
        hits++;
        if (opt['q'] || opt['l'])
            break;
        if (opt['c'])
            continue;
        print_prefix(name, number);
        puts(line);
    }
    if (ferror(f)) {
        tool_errno(name);
        failed = 1;
    }
    free(line);
    found |= hits > 0;
    if (opt['c']) {
        if (with_name)
            printf("%s:", name);
        printf("%ld\n", hits);
    } else if (opt['l'] && hits) {
        puts(name);
    }
}

static void search_path(const char *path)
{
    struct dirent *d;
    struct stat st;
    FILE *f;

    if (opt['r'] && stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
        DIR *dir = opendir(path);

        while (dir && (d = readdir(dir))) {
            char *full = tool_join(path, d->d_name);

            if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
                search_path(full);
            free(full);
        }
        if (dir)
            closedir(dir);
        return;
    }
    f = fopen(path, "r");
    if (!f) {
        tool_errno(path);
        failed = 1;
        return;
    }
    search(f, path);
    fclose(f);
}

int main(int argc, char **argv)
{
    const char *usage = "[-nvicqlrEFhH] PATTERN [FILE...]";
    int i = tool_flags(argc, argv, "nvicqlrEFhHe", usage, opt), error;
    char text[100];

    if (i == argc)
        tool_usage(usage);
    if (opt['F']) {
        plain = argv[i];
    } else {
        error = regcomp(&regex, argv[i],
                        REG_NOSUB | (opt['i'] ? REG_ICASE : 0) | (opt['E'] ? REG_EXTENDED : 0));
        if (error) {
            regerror(error, &regex, text, sizeof(text));
            tool_warn("%s: %s", argv[i], text);
            return 2;
        }
    }
    i++;
    with_name = (argc - i > 1 || opt['r'] || opt['H']) && !opt['h'];
    if (i == argc)
        search(stdin, "(standard input)");
    for (; i < argc; i++)
        search_path(argv[i]);
    return failed ? 2 : !found;
}
