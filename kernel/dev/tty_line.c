/*
 * tty_line.c - the line discipline of the terminal.
 *
 * With line editing (ABI_TTY_CANON): ^H and DEL rub out a character (all bytes of a UTF-8 one), ^W
 * a word, ^U the line, ^R shows it again, ^D ends the line without a newline (at its start: end of
 * file), CR and NL end it. Without it every byte is for the readers at once and CR is NL still.
 * ABI_TTY_ISIG: ^C and ^\ drop the line typed so far and ask for a signal. ^P with line editing
 * asks for the list of threads. ABI_TTY_ECHO: what is typed is shown, control characters as ^X,
 * tab as one space (so that every character rubs out with a known width).
 *
 * A full ring refuses characters with a bell, but always keeps one place for the end of the line.
 */
#include "dev/tty_line.h"

#include "abi/fs.h"

#define CTRL(c) ((c)&0x1f)

enum { TTY_LINE_END = 0x100, DEL = 0x7f, BELL = 7 };

_Static_assert((TTY_RING & (TTY_RING - 1)) == 0, "indices wrap");

void tty_init(struct tty_line *t, void (*echo)(char c))
{
    t->mode = ABI_TTY_CANON | ABI_TTY_ECHO | ABI_TTY_ISIG;
    t->read = t->commit = t->edit = 0;
    t->echo = echo;
}

static uint16_t *at(struct tty_line *t, uint32_t i)
{
    return &t->ring[i % TTY_RING];
}

static uint32_t room(const struct tty_line *t)
{
    return TTY_RING - (t->edit - t->read);
}

/* --- echo --- */

static bool is_control(uint16_t c)
{
    return (c < ' ' && c != '\t') || c == DEL;
}

static bool is_continuation(uint16_t c) /* a byte of a UTF-8 character after its first */
{
    return (c & 0xc0) == 0x80;
}

static void show(struct tty_line *t, uint16_t c)
{
    if (!(t->mode & ABI_TTY_ECHO))
        return;
    if (c == '\n' || c == BELL) {
        t->echo((char)c);
    } else if (is_control(c)) {
        t->echo('^');
        t->echo((char)(c ^ 0x40));
    } else {
        t->echo(c == '\t' ? ' ' : (char)c);
    }
}

static void rub(struct tty_line *t, unsigned columns)
{
    if (!(t->mode & ABI_TTY_ECHO))
        return;
    while (columns--) {
        t->echo('\b');
        t->echo(' ');
        t->echo('\b');
    }
}

/* --- editing --- */

static void erase_char(struct tty_line *t)
{
    if (t->edit == t->commit)
        return;
    uint16_t c = *at(t, --t->edit);
    while (is_continuation(c) && t->edit != t->commit)
        c = *at(t, --t->edit);
    rub(t, is_control(c) ? 2 : 1);
}

static uint16_t last_char(struct tty_line *t)
{
    return *at(t, t->edit - 1);
}

static bool is_blank(uint16_t c)
{
    return c == ' ' || c == '\t';
}

static void erase_word(struct tty_line *t)
{
    while (t->edit != t->commit && is_blank(last_char(t)))
        erase_char(t);
    while (t->edit != t->commit && !is_blank(last_char(t)))
        erase_char(t);
}

static void erase_line(struct tty_line *t)
{
    while (t->edit != t->commit)
        erase_char(t);
}

static void show_again(struct tty_line *t)
{
    show(t, CTRL('R'));
    show(t, '\n');
    for (uint32_t i = t->commit; i != t->edit; i++)
        show(t, *at(t, i));
}

static void append(struct tty_line *t, uint16_t c)
{
    *at(t, t->edit++) = c;
}

static unsigned commit(struct tty_line *t)
{
    t->commit = t->edit;
    return TTY_READY;
}

static unsigned input_text(struct tty_line *t, unsigned char c)
{
    if (room(t) < 2) { /* the last place is for the end of the line */
        show(t, BELL);
        return 0;
    }
    append(t, c);
    show(t, c);
    return 0;
}

static unsigned end_line(struct tty_line *t, uint16_t end)
{
    if (room(t) == 0) /* readers are behind by a whole ring of lines */
        return 0;
    append(t, end);
    if (end == '\n')
        show(t, '\n');
    return commit(t);
}

static unsigned input_line(struct tty_line *t, unsigned char c)
{
    switch (c) {
    case '\n':
        return end_line(t, '\n');
    case CTRL('D'):
        return end_line(t, TTY_LINE_END);
    case CTRL('H'):
    case DEL:
        erase_char(t);
        return 0;
    case CTRL('U'):
        erase_line(t);
        return 0;
    case CTRL('W'):
        erase_word(t);
        return 0;
    case CTRL('R'):
        show_again(t);
        return 0;
    case CTRL('P'):
        return TTY_STATE;
    default:
        return input_text(t, c);
    }
}

static unsigned input_raw(struct tty_line *t, unsigned char c)
{
    if (room(t) == 0)
        return 0;
    append(t, c);
    show(t, c);
    return commit(t);
}

static unsigned input_signal(struct tty_line *t, unsigned char c)
{
    t->edit = t->commit;
    show(t, c);
    show(t, '\n');
    return c == CTRL('C') ? TTY_INTR : TTY_QUIT;
}

unsigned tty_input(struct tty_line *t, unsigned char c)
{
    if (c == '\r')
        c = '\n';
    if ((t->mode & ABI_TTY_ISIG) && (c == CTRL('C') || c == CTRL('\\')))
        return input_signal(t, c);
    return t->mode & ABI_TTY_CANON ? input_line(t, c) : input_raw(t, c);
}

/* --- reading --- */

bool tty_ready(const struct tty_line *t)
{
    return t->read != t->commit;
}

size_t tty_read(struct tty_line *t, char *buf, size_t len)
{
    size_t n = 0;

    while (n < len && t->read != t->commit) {
        uint16_t c = *at(t, t->read++);
        if (c == TTY_LINE_END)
            return n;
        buf[n++] = (char)c;
        if (c == '\n' && (t->mode & ABI_TTY_CANON))
            return n;
    }
    /* The buffer ended just where ^D did: that end belongs to this read, or the next would
     * take it for the end of the file. */
    if (n && t->read != t->commit && *at(t, t->read) == TTY_LINE_END)
        t->read++;
    return n;
}

size_t tty_pending(const struct tty_line *t)
{
    size_t n = 0;

    for (uint32_t i = t->read; i != t->commit; i++)
        n += t->ring[i % TTY_RING] != TTY_LINE_END;
    return n;
}

void tty_set_mode(struct tty_line *t, uint32_t mode)
{
    t->mode = mode & (ABI_TTY_CANON | ABI_TTY_ECHO | ABI_TTY_ISIG);
    if (!(t->mode & ABI_TTY_CANON))
        commit(t);
}
