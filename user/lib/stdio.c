/*
 * stdio.c - streams over file descriptors, in the shape that picolibc's tinystdio calls.
 *
 * tinystdio formats and scans; it sees a FILE as put, get, flush, close, seek, setvbuf. This
 * file owns struct stream behind those: one buffer that holds either bytes read ahead or bytes
 * not yet written, never both. Standard output is line buffered on a terminal, fully buffered
 * otherwise (decided at its first use); standard error is unbuffered, but one printf call or one
 * fputs is one write. Reading from standard input flushes standard output if that is line
 * buffered. Every open stream is on a list, which exit() flushes.
 *
 * Locks: each stream's own, recursive, held for the length of one stdio call; list_lock guards
 * the list and is taken before a stream's.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stream.h"

static struct lock list_lock;
static struct stream *all;

static char in_buffer[BUFSIZ], out_buffer[BUFSIZ], err_buffer[256];

#define STANDARD(descriptor, rw, how, memory, after)                                               \
    {                                                                                              \
        .ext = STREAM_EXT(rw), .fd = (descriptor), .mode = (how), .buffer = (memory),              \
        .size = sizeof(memory), .next = (after), .is_static = 1                                    \
    }

static struct stream error = STANDARD(2, __SWR, STREAM_UNBUFFERED, err_buffer, NULL);
static struct stream output = STANDARD(1, __SWR, STREAM_AUTO, out_buffer, &error);
static struct stream input = STANDARD(0, __SRD, STREAM_FULL, in_buffer, &output);

FILE *const stdin = (FILE *)&input;
FILE *const stdout = (FILE *)&output;
FILE *const stderr = (FILE *)&error;

static void list_init(void)
{
    if (!all)
        all = &input;
}

struct stream *stream_of(FILE *f)
{
    return (struct stream *)f;
}

static void mark(struct stream *s, uint8_t flag)
{
    s->ext.cfile.file.flags |= flag;
}

/* Writes what is pending. On an error the bytes are dropped and the error flag is set. */
int stream_write_out(struct stream *s)
{
    size_t done = 0;

    if (s->state != STREAM_WRITING)
        return 0;
    while (done < s->end) {
        ssize_t n = write(s->fd, s->buffer + done, s->end - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            mark(s, __SERR);
            s->end = 0;
            return EOF;
        }
        done += (size_t)n;
    }
    s->end = 0;
    s->state = STREAM_IDLE;
    return 0;
}

/* Gives back bytes that were read ahead, where the file can seek. */
void stream_forget_input(struct stream *s)
{
    if (s->state == STREAM_READING) {
        if (s->start < s->end)
            lseek(s->fd, -(off_t)(s->end - s->start), SEEK_CUR);
        s->start = s->end = 0;
        s->state = STREAM_IDLE;
    }
}

static int has_buffer(struct stream *s)
{
    if (!s->buffer) {
        s->buffer = malloc(BUFSIZ);
        s->own_buffer = s->buffer != NULL;
        s->size = s->buffer ? BUFSIZ : 0;
    }
    return s->buffer != NULL;
}

static int begin_writing(struct stream *s)
{
    if (!has_buffer(s))
        return EOF;
    if (s->state == STREAM_WRITING)
        return 0;
    stream_forget_input(s);
    if (s->mode == STREAM_AUTO)
        s->mode = isatty(s->fd) ? STREAM_LINE : STREAM_FULL;
    s->state = STREAM_WRITING;
    s->end = 0;
    return 0;
}

/* Puts bytes in the buffer, writing it out as it fills. */
size_t stream_append(struct stream *s, const char *data, size_t len)
{
    size_t left = len;

    while (left) {
        size_t room;

        if (begin_writing(s))
            return len - left;
        room = s->size - s->end;
        if (room > left)
            room = left;
        memcpy(s->buffer + s->end, data, room);
        s->end += room, data += room, left -= room;
        if (s->end == s->size && stream_write_out(s))
            return len - left;
    }
    return len;
}

/* At the end of the outermost call on a stream: what its mode wants out goes out. */
void stream_give(struct stream *s)
{
    if (s->lock.depth == 1 && s->state == STREAM_WRITING && s->end &&
        (s->mode == STREAM_UNBUFFERED ||
         (s->mode == STREAM_LINE && memchr(s->buffer, '\n', s->end))))
        stream_write_out(s);
    lock_give(&s->lock);
}

void stream_take(struct stream *s)
{
    lock_take(&s->lock);
}

/* Reads the next bytes ahead. Returns how many there are; 0: end of file or error, marked. */
size_t stream_fill(struct stream *s)
{
    ssize_t n;

    if (s->state == STREAM_READING && s->start < s->end)
        return s->end - s->start;
    if (!has_buffer(s) || stream_write_out(s))
        return 0;
    if (s == &input && output.mode == STREAM_LINE)
        fflush(stdout);
    do
        n = read(s->fd, s->buffer, s->mode == STREAM_UNBUFFERED ? 1 : s->size);
    while (n < 0 && errno == EINTR);
    s->state = STREAM_READING;
    s->start = 0;
    s->end = n > 0 ? (size_t)n : 0;
    if (n <= 0)
        mark(s, n < 0 ? __SERR : __SEOF);
    return s->end;
}

int stream_put(char c, FILE *f)
{
    struct stream *s = stream_of(f);
    size_t n;

    stream_take(s);
    n = stream_append(s, &c, 1);
    stream_give(s);
    return n == 1 ? (unsigned char)c : EOF;
}

int stream_get(FILE *f)
{
    struct stream *s = stream_of(f);
    int c;

    stream_take(s);
    if (stream_fill(s))
        c = (unsigned char)s->buffer[s->start++];
    else
        c = f->flags & __SERR ? _FDEV_ERR : _FDEV_EOF;
    stream_give(s);
    return c;
}

int stream_flush(FILE *f)
{
    struct stream *s = stream_of(f);
    int result;

    stream_take(s);
    stream_forget_input(s);
    result = stream_write_out(s);
    stream_give(s);
    return result;
}

off_t stream_seek(FILE *f, off_t offset, int whence)
{
    struct stream *s = stream_of(f);
    off_t where;

    stream_take(s);
    if (whence == SEEK_CUR && offset == 0) { /* ftell: nothing moves */
        where = lseek(s->fd, 0, SEEK_CUR);
        if (where >= 0 && s->state == STREAM_READING)
            where -= (off_t)(s->end - s->start);
        else if (where >= 0 && s->state == STREAM_WRITING)
            where += (off_t)s->end;
    } else {
        stream_write_out(s);
        stream_forget_input(s);
        where = lseek(s->fd, offset, whence);
        if (where >= 0)
            f->flags &= (uint8_t)~__SEOF;
    }
    stream_give(s);
    return where;
}

int stream_setvbuf(FILE *f, char *buffer, int mode, size_t size)
{
    struct stream *s = stream_of(f);

    stream_take(s);
    stream_write_out(s);
    stream_forget_input(s);
    s->mode = mode == _IONBF ? STREAM_UNBUFFERED : mode == _IOLBF ? STREAM_LINE : STREAM_FULL;
    if (buffer && size && mode != _IONBF) {
        if (s->own_buffer)
            free(s->buffer);
        s->buffer = buffer, s->size = size, s->own_buffer = 0;
    }
    stream_give(s);
    return 0;
}

int stream_close(FILE *f)
{
    struct stream *s = stream_of(f), **link;
    int result = stream_flush(f);

    lock_take(&list_lock);
    list_init();
    for (link = &all; *link && *link != s; link = &(*link)->next)
        ;
    if (*link && !s->is_static)
        *link = s->next;
    lock_give(&list_lock);
    if (close(s->fd))
        result = EOF;
    if (s->own_buffer)
        free(s->buffer);
    if (!s->is_static)
        free(s);
    else
        s->own_buffer ? (void)(s->buffer = NULL) : (void)0;
    return result;
}

FILE *stream_new(int fd, uint8_t rw)
{
    struct stream *s = calloc(1, sizeof(*s));

    if (!s)
        return NULL;
    s->ext = (struct __file_ext)STREAM_EXT(rw);
    s->fd = fd;
    s->mode = STREAM_AUTO;
    lock_take(&list_lock);
    list_init();
    s->next = all;
    all = s;
    lock_give(&list_lock);
    return (FILE *)s;
}

void streams_flush_all(void)
{
    struct stream *s;

    lock_take(&list_lock);
    list_init();
    for (s = all; s; s = s->next)
        if (s->state == STREAM_WRITING && s->end)
            stream_flush((FILE *)s);
    lock_give(&list_lock);
}

static void __attribute__((destructor)) flush_at_exit(void)
{
    streams_flush_all();
}

int fflush(FILE *f)
{
    if (!f) {
        streams_flush_all();
        return 0;
    }
    return f->flush ? f->flush(f) : 0;
}
