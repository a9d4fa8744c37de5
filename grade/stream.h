/*
 * stream.h - what a machine has printed, and the search for text in it.
 *
 * A stream only grows. `pos` is how far the case has read: expecting text moves it behind the
 * match. With a limit set (after a command has ended) the search stays inside what that command
 * printed and never waits. No input or output here, so that it is tested by itself.
 */
#ifndef GRADE_STREAM_H
#define GRADE_STREAM_H

#include <stdbool.h>
#include <stddef.h>

struct stream {
    char *data; /* always followed by a NUL that is not counted */
    size_t len, cap;
    size_t pos;
    size_t limit;   /* 0: none */
    size_t scanned; /* how far forbidden text has been looked for */
};

/* Appends n bytes without carriage returns and NULs. */
void stream_append(struct stream *s, const char *bytes, size_t n);

/* Finds text at or behind pos (and before the limit); moves pos behind it. */
bool stream_expect(struct stream *s, const char *text, size_t len);

/* The same with an extended regular expression, ^ and $ at lines. False also for a bad one. */
bool stream_match(struct stream *s, const char *regex);

/*
 * Finds the shell's prompt "$ " at the beginning of a line at or behind pos. With at_end, also a
 * "$ " that is the very end of the stream, as after output without a last newline.
 */
bool stream_prompt(struct stream *s, bool at_end);

/* The start of the last `lines` lines. */
const char *stream_tail(const struct stream *s, int lines);

/* memmem(), for text that may hold NULs. */
const char *bytes_find(const char *hay, size_t hay_len, const char *needle, size_t len);

#endif
