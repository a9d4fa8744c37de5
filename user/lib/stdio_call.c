/*
 * stdio_call.c - the stdio calls that move more than one byte, as one locked operation each.
 *
 * They replace picolibc's, which go byte by byte through put and get. For a FILE that is not a
 * stream of ours (picolibc makes some in memory) they fall back to single bytes. The formatting
 * itself stays picolibc's vfprintf; <stdio.h> sends programs' vfprintf to duality_vfprintf.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stream.h"

int duality_vfprintf(FILE *f, const char *format, va_list args);
extern int libc_vfprintf(FILE *f, const char *format, va_list args) __asm__("vfprintf");

int duality_vfprintf(FILE *f, const char *format, va_list args)
{
    int n;

    if (!stream_is_ours(f))
        return libc_vfprintf(f, format, args);
    stream_take(stream_of(f));
    n = libc_vfprintf(f, format, args);
    stream_give(stream_of(f));
    return n;
}

int fprintf(FILE *f, const char *format, ...)
{
    va_list args;
    int n;

    va_start(args, format);
    n = duality_vfprintf(f, format, args);
    va_end(args);
    return n;
}

int vprintf(const char *format, va_list args)
{
    return duality_vfprintf(stdout, format, args);
}

int printf(const char *format, ...)
{
    va_list args;
    int n;

    va_start(args, format);
    n = duality_vfprintf(stdout, format, args);
    va_end(args);
    return n;
}

int dprintf(int fd, const char *format, ...)
{
    va_list args;
    char *text;
    int n;

    va_start(args, format);
    n = vasprintf(&text, format, args);
    va_end(args);
    if (n < 0)
        return -1;
    n = (int)write(fd, text, (size_t)n);
    free(text);
    return n;
}

size_t fwrite(const void *data, size_t size, size_t count, FILE *f)
{
    const char *p = data;
    size_t len = size * count, n = 0;

    if (!len || !(f->flags & __SWR))
        return 0;
    if (stream_is_ours(f)) {
        stream_take(stream_of(f));
        n = stream_append(stream_of(f), p, len);
        stream_give(stream_of(f));
    } else {
        while (n < len && f->put(p[n], f) >= 0)
            n++;
    }
    return n / size;
}

int fputs(const char *text, FILE *f)
{
    size_t len = strlen(text);

    return fwrite(text, 1, len, f) == len ? 0 : EOF;
}

int puts(const char *text)
{
    int result;

    stream_take(stream_of(stdout));
    result = fputs(text, stdout) || fputc('\n', stdout) == EOF ? EOF : 0;
    stream_give(stream_of(stdout));
    return result;
}

/* Takes the byte that ungetc() left, if there is one, and up to len - 1 others. */
size_t fread(void *data, size_t size, size_t count, FILE *f)
{
    char *p = data;
    size_t len = size * count, n = 0;
    struct stream *s = stream_of(f);

    if (!len)
        return 0;
    if (!stream_is_ours(f) || f->unget) {
        int c = fgetc(f);

        if (c == EOF)
            return 0;
        p[n++] = (char)c;
    }
    if (!stream_is_ours(f)) {
        for (int c; n < len && (c = fgetc(f)) != EOF;)
            p[n++] = (char)c;
        return n / size;
    }
    stream_take(s);
    while (n < len) {
        size_t part = stream_fill(s);

        if (!part)
            break;
        if (part > len - n)
            part = len - n;
        memcpy(p + n, s->buffer + s->start, part);
        s->start += part;
        n += part;
    }
    stream_give(s);
    return n / size;
}

char *fgets(char *line, int size, FILE *f)
{
    int n = 0, c = EOF;
    int ours = stream_is_ours(f);

    if (ours)
        stream_take(stream_of(f));
    while (n < size - 1 && (c = fgetc(f)) != EOF) {
        line[n++] = (char)c;
        if (c == '\n')
            break;
    }
    if (ours)
        stream_give(stream_of(f));
    if (n == 0 || (c == EOF && (f->flags & __SERR)))
        return NULL;
    line[n] = '\0';
    return line;
}

ssize_t getdelim(char **line, size_t *size, int delimiter, FILE *f)
{
    size_t n = 0;
    int c;

    while ((c = fgetc(f)) != EOF) {
        if (n + 2 > *size || !*line) {
            size_t bigger = *line && *size ? *size * 2 : 128;
            char *grown = realloc(*line, bigger);

            if (!grown)
                return -1;
            *line = grown;
            *size = bigger;
        }
        (*line)[n++] = (char)c;
        if (c == delimiter)
            break;
    }
    if (n == 0)
        return -1;
    (*line)[n] = '\0';
    return (ssize_t)n;
}

ssize_t getline(char **line, size_t *size, FILE *f)
{
    return getdelim(line, size, '\n', f);
}

void flockfile(FILE *f)
{
    stream_take(stream_of(f));
}

void funlockfile(FILE *f)
{
    stream_give(stream_of(f));
}
