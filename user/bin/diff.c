/*
 * diff.c - the lines in which two text files differ: "- " only in the first, "+ " only in the
 * second. Lines that begin or end both files are dropped, then the longest common subsequence
 * of the rest is found by the plain quadratic table. Status 0 equal, 1 different, 2 trouble.
 */
#include <duality/tool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct text {
    char **line;
    size_t count;
};

static struct text load(const char *path)
{
    FILE *f = fopen(path, "r");
    struct text t = {0};
    char *line = NULL;
    size_t size = 0, room = 0;
    ssize_t n;

    if (!f) {
        tool_errno(path);
        exit(2);
    }
    while ((n = getline(&line, &size, f)) > 0) {
        if (line[n - 1] == '\n')
            line[n - 1] = '\0';
        if (t.count == room) {
            room = room ? room * 2 : 256;
            t.line = realloc(t.line, room * sizeof(*t.line));
        }
        if (!t.line || !(t.line[t.count++] = strdup(line)))
            tool_die("memory");
    }
    free(line);
    fclose(f);
    return t;
}

static void print(char sign, size_t number, const char *line)
{
    printf("%c%zu: %s\n", sign, number + 1, line);
}

/* length[i][j]: lines in common of a from i on and b from j on */
static void compare(const struct text *a, const struct text *b, size_t from, size_t a_end,
                    size_t b_end)
{
    size_t rows = a_end - from + 1, columns = b_end - from + 1, i, j;
    unsigned *length = calloc(rows * columns, sizeof(*length));

    if (!length)
        tool_die("memory");
    for (i = rows - 1; i-- > 0;) {
        for (j = columns - 1; j-- > 0;) {
            unsigned down = length[(i + 1) * columns + j], right = length[i * columns + j + 1];

            if (strcmp(a->line[from + i], b->line[from + j]) == 0)
                length[i * columns + j] = length[(i + 1) * columns + j + 1] + 1;
            else
                length[i * columns + j] = down > right ? down : right;
        }
    }
    for (i = j = 0; i < rows - 1 || j < columns - 1;) {
        if (i < rows - 1 && j < columns - 1 && strcmp(a->line[from + i], b->line[from + j]) == 0) {
            i++;
            j++;
        } else if (j == columns - 1 ||
                   (i < rows - 1 && length[(i + 1) * columns + j] >= length[i * columns + j + 1])) {
            print('-', from + i, a->line[from + i]);
            i++;
        } else {
            print('+', from + j, b->line[from + j]);
            j++;
        }
    }
    free(length);
}

int main(int argc, char **argv)
{
    struct text a, b;
    size_t from = 0, a_end, b_end;

    if (argc != 3)
        tool_usage("FILE FILE");
    a = load(argv[1]);
    b = load(argv[2]);
    a_end = a.count;
    b_end = b.count;
    while (from < a_end && from < b_end && strcmp(a.line[from], b.line[from]) == 0)
        from++;
    while (a_end > from && b_end > from && strcmp(a.line[a_end - 1], b.line[b_end - 1]) == 0)
        a_end--, b_end--;
    if (from == a_end && from == b_end)
        return 0;
    compare(&a, &b, from, a_end, b_end);
    return 1;
}
