/*
 * tty_line.h - the line discipline of the terminal: bytes typed in, lines for readers out.
 *
 * Pure: no lock, no hardware; the caller's lock guards a struct tty_line. One ring holds what was
 * committed (a reader may have it) and behind it the line that is still being edited.
 */
#ifndef DEV_TTY_LINE_H
#define DEV_TTY_LINE_H

#include "lib/types.h"

enum { TTY_RING = 4096 }; /* power of two; the longest line is one less */

/* What tty_input() asks its caller to do; bits. */
enum {
    TTY_READY = 1, /* readers have something */
    TTY_INTR = 2,  /* ^C */
    TTY_QUIT = 4,  /* ^\ */
    TTY_STATE = 8, /* ^P */
};

struct tty_line {
    uint32_t mode; /* ABI_TTY_* */
    uint32_t read; /* free-running: ring[read..commit) may be read, ring[commit..edit) is edited */
    uint32_t commit;
    uint32_t edit;
    void (*echo)(char c);    /* a byte for the screen; newline as \n */
    uint16_t ring[TTY_RING]; /* bytes, or TTY_LINE_END where ^D ended a line */
};

/* Empty, with line editing, echo and signals on. */
void tty_init(struct tty_line *t, void (*echo)(char c));

/* One byte from the keyboard. Returns TTY_* bits. */
unsigned tty_input(struct tty_line *t, unsigned char c);

/* Whether tty_read() has something to say: bytes, or an end of file. */
bool tty_ready(const struct tty_line *t);

/* Takes up to `len` bytes, with line editing not past the end of a line. 0: end of file (or len 0).
 * Only when tty_ready(). */
size_t tty_read(struct tty_line *t, char *buf, size_t len);

/* Committed bytes. */
size_t tty_pending(const struct tty_line *t);

/* Changes the mode. Leaving line editing commits what has been typed. */
void tty_set_mode(struct tty_line *t, uint32_t mode);

#endif
