/*
 * stream.h - struct stream, shared by stdio.c (one stream), stdio_open.c and stdio_call.c.
 *
 * `ext` comes first: a FILE * of ours is a struct stream *. FILEs made by picolibc itself
 * (snprintf, sscanf, fmemopen) are not; stream_is_ours() tells them apart by their put function.
 */
#ifndef USER_LIB_STREAM_H
#define USER_LIB_STREAM_H

#include <stdio.h>

#include "internal.h"

enum stream_state { STREAM_IDLE, STREAM_READING, STREAM_WRITING };
enum stream_mode { STREAM_AUTO, STREAM_FULL, STREAM_LINE, STREAM_UNBUFFERED };

struct stream {
    struct __file_ext ext;
    int fd;
    enum stream_state state;
    enum stream_mode mode;
    char *buffer;
    size_t size;
    size_t start, end; /* reading: bytes [start, end) are unread; writing: [0, end) pending */
    struct lock lock;
    struct stream *next;
    pid_t child; /* of popen() */
    unsigned own_buffer : 1, is_static : 1;
};

#define STREAM_EXT(rw)                                                                             \
    {                                                                                              \
        .cfile = {.file = {.flags = (rw) | __SCLOSE | __SEXT,                                      \
                           .put = stream_put,                                                      \
                           .get = stream_get,                                                      \
                           .flush = stream_flush},                                                 \
                  .close = stream_close},                                                          \
        .seek = stream_seek, .setvbuf = stream_setvbuf                                             \
    }

int stream_put(char c, FILE *f);
int stream_get(FILE *f);
int stream_flush(FILE *f);
int stream_close(FILE *f);
off_t stream_seek(FILE *f, off_t offset, int whence);
int stream_setvbuf(FILE *f, char *buffer, int mode, size_t size);

struct stream *stream_of(FILE *f);
FILE *stream_new(int fd, uint8_t rw);
void stream_take(struct stream *s);
void stream_give(struct stream *s);
size_t stream_fill(struct stream *s);
size_t stream_append(struct stream *s, const char *data, size_t len);
int stream_write_out(struct stream *s);
void stream_forget_input(struct stream *s);

static inline int stream_is_ours(FILE *f)
{
    return f->put == stream_put;
}

#endif
