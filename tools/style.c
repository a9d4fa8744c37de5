/*
 * style.c - what can be measured of the style: head comment, file, function and line length, marks
 * of unfinished work. Layout is clang-format's part (tools/format.sh).
 */
#include <ctype.h>
#include <string.h>

#include "check.h"

enum { FILE_LINES_MAX = 600, FUNCTION_LINES_MAX = 60, HEAD_LINES_MAX = 30, COLUMNS_MAX = 100 };

static void head_check(const struct source *s)
{
    int end = 0;

    if (s->nlines == 0 || strncmp(s->lines[0], "/*", 2)) {
        complain(s, 1, "a file begins with a comment that says what it owns");
        return;
    }
    while (end < s->nlines && !strstr(s->lines[end], "*/"))
        end++;
    if (end + 1 > HEAD_LINES_MAX)
        complain(s, 1, "head comment of %d lines, more than %d", end + 1, HEAD_LINES_MAX);
}

/* Columns, not bytes: the bytes that continue a UTF-8 character do not count. */
static int columns(const char *line)
{
    int n = 0;

    for (; *line; line++)
        n += *line == '\t' ? 8 : ((unsigned char)*line & 0xc0) != 0x80;
    return n;
}

static bool has_word(const char *line, const char *word)
{
    size_t len = strlen(word);

    for (const char *at = strstr(line, word); at; at = strstr(at + len, word)) {
        bool left = at > line && (isalnum((unsigned char)at[-1]) || at[-1] == '_');
        bool right = isalnum((unsigned char)at[len]) || at[len] == '_';

        if (!left && !right)
            return true;
    }
    return false;
}

static void line_check(const struct source *s, int i)
{
    /* in two halves, so that this file does not find itself */
    static const char *const marks[] = {"TO"
                                        "DO",
                                        "FIX"
                                        "ME",
                                        "XX"
                                        "X",
                                        "HA"
                                        "CK"};
    const char *line = s->lines[i];
    size_t len = strlen(line);

    if (columns(line) > COLUMNS_MAX && !strstr(line, "://") && !strstr(s->path, ".def"))
        complain(s, i + 1, "%d columns", columns(line));
    if (len > 0 && (line[len - 1] == ' ' || line[len - 1] == '\t'))
        complain(s, i + 1, "blanks at the end of the line");
    for (size_t k = 0; k < sizeof marks / sizeof marks[0]; k++)
        if (has_word(line, marks[k]))
            complain(s, i + 1, "%s: do it, or say in the docs that it is not there", marks[k]);
}

/* The name before the first parenthesis of the line that the body at `open` belongs to. */
static const char *function_name(const struct source *s, int open)
{
    static char name[128];
    int i = open - 1;
    const char *paren, *start;

    while (i > 0 && (isspace((unsigned char)s->lines[i][0]) || !strchr(s->lines[i], '(')))
        i--;
    paren = i >= 0 ? strchr(s->lines[i], '(') : NULL;
    if (!paren)
        return "?";
    start = paren;
    while (start > s->lines[i] && (isalnum((unsigned char)start[-1]) || start[-1] == '_'))
        start--;
    memset(name, 0, sizeof name);
    strncpy(name, start, paren - start < 127 ? paren - start : 127);
    return name;
}

static void functions_check(const struct source *s)
{
    int open = -1;

    for (int i = 0; i < s->nlines; i++) {
        if (strcmp(s->lines[i], "{") == 0)
            open = i;
        if (open < 0 || s->lines[i][0] != '}')
            continue;
        if (i - open + 1 > FUNCTION_LINES_MAX &&
            !is_exception("length", s->path, function_name(s, open)))
            complain(s, open, "%s() has %d lines", function_name(s, open), i - open + 1);
        open = -1;
    }
}

void style_check(const struct source *s)
{
    head_check(s);
    if (s->nlines > FILE_LINES_MAX && !is_exception("length", s->path, "file"))
        complain(s, s->nlines, "%d lines, more than %d", s->nlines, FILE_LINES_MAX);
    for (int i = 0; i < s->nlines; i++)
        line_check(s, i);
    functions_check(s);
}
