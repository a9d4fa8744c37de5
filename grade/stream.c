/*
 * stream.c - the buffer of a machine's output and the three ways to search it (see stream.h).
 */
#include "stream.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

const char *bytes_find(const char *hay, size_t hay_len, const char *needle, size_t len)
{
    return memmem(hay, hay_len, needle, len);
}

void stream_append(struct stream *s, const char *bytes, size_t n)
{
    if (s->len + n + 1 > s->cap) {
        s->cap = (s->len + n + 1) * 2;
        s->data = realloc(s->data, s->cap);
        if (!s->data)
            abort();
    }
    for (size_t i = 0; i < n; i++)
        if (bytes[i] != '\r' && bytes[i] != '\0')
            s->data[s->len++] = bytes[i];
    s->data[s->len] = 0;
}

static size_t search_end(const struct stream *s)
{
    return s->limit ? s->limit : s->len;
}

bool stream_expect(struct stream *s, const char *text, size_t len)
{
    const char *found;

    if (!s->data || s->pos > search_end(s))
        return false;
    found = bytes_find(s->data + s->pos, search_end(s) - s->pos, text, len);
    if (!found)
        return false;
    s->pos = found + len - s->data;
    return true;
}

bool stream_match(struct stream *s, const char *regex)
{
    regex_t compiled;
    regmatch_t at;
    char *part;
    bool found;

    if (!s->data || s->pos > search_end(s) || regcomp(&compiled, regex, REG_EXTENDED | REG_NEWLINE))
        return false;
    part = strndup(s->data + s->pos, search_end(s) - s->pos);
    found = regexec(&compiled, part, 1, &at, 0) == 0;
    if (found)
        s->pos += at.rm_eo;
    free(part);
    regfree(&compiled);
    return found;
}

bool stream_prompt(struct stream *s, bool at_end)
{
    for (size_t i = s->pos; i + 2 <= s->len; i++) {
        bool line_start = i == 0 || s->data[i - 1] == '\n';

        if (s->data[i] == '$' && s->data[i + 1] == ' ' &&
            (line_start || (at_end && i + 2 == s->len))) {
            s->pos = i + 2;
            return true;
        }
    }
    return false;
}

const char *stream_tail(const struct stream *s, int lines)
{
    size_t i = s->len;

    if (!s->data)
        return "";
    if (i > 0 && s->data[i - 1] == '\n')
        i--;
    for (; i > 0; i--)
        if (s->data[i - 1] == '\n' && --lines == 0)
            break;
    return s->data + i;
}
