/*
 * t_tty_line.c - the terminal's line discipline: what readers get and what the screen shows.
 * sources: kernel/dev/tty_line.c
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "abi/fs.h"
#include "dev/tty_line.h"

static struct tty_line tty;
static char screen[3 * TTY_RING];
static size_t shown;
static int failures;

static void echo(char c)
{
    if (shown < sizeof(screen) - 1)
        screen[shown++] = c;
}

static unsigned type(const char *keys)
{
    unsigned events = 0;
    for (; *keys; keys++)
        events |= tty_input(&tty, (unsigned char)*keys);
    return events;
}

static void start(void)
{
    tty_init(&tty, echo);
    shown = 0;
}

static void expect(int line, const char *what, const char *have, size_t n, const char *want)
{
    if (n == strlen(want) && memcmp(have, want, n) == 0)
        return;
    printf("t_tty_line.c:%d: %s is \"%.*s\", not \"%s\"\n", line, what, (int)n, have, want);
    failures++;
}

#define READS(len, want)                                                                           \
    do {                                                                                           \
        char buf_[TTY_RING];                                                                       \
        NUMBER(tty_ready(&tty), 1);                                                                \
        size_t n_ = tty_read(&tty, buf_, len);                                                     \
        expect(__LINE__, "line", buf_, n_, want);                                                  \
    } while (0)
#define SHOWS(want) expect(__LINE__, "screen", screen, shown, want)
#define NUMBER(have, want)                                                                         \
    do {                                                                                           \
        long h_ = (long)(have), w_ = (long)(want);                                                 \
        if (h_ != w_) {                                                                            \
            printf("t_tty_line.c:%d: %s is %ld, not %ld\n", __LINE__, #have, h_, w_);              \
            failures++;                                                                            \
        }                                                                                          \
    } while (0)

static void test_lines(void)
{
    start();
    NUMBER(type("ab"), 0);
    NUMBER(tty_ready(&tty), 0);
    NUMBER(type("c\r"), TTY_READY);
    type("second\n");
    NUMBER(tty_pending(&tty), 11);
    READS(100, "abc\n");
    READS(3, "sec");
    READS(100, "ond\n");
    NUMBER(tty_ready(&tty), 0);
    SHOWS("abc\nsecond\n");
}

static void test_editing(void)
{
    start();
    type("x\x7f\x7f"
         "a\bcat dog  \x17\x17"
         "end\x15"
         "z\x01\x7f\n");
    READS(100, "z\n");

    start();
    type("a\x01\x7f");
    SHOWS("a^A\b \b\b \b");

    start();
    type("\xc3\xa9\x7f\n"); /* one character of two bytes */
    SHOWS("\xc3\xa9\b \b\n");
    READS(100, "\n");

    start();
    type("ls\x12");
    SHOWS("ls^R\nls");
}

static void test_end_of_file(void)
{
    start();
    type("\x04");
    READS(100, "");
    type("abc\x04");
    READS(100, "abc");
    NUMBER(tty_ready(&tty), 0);
    type("abc\x04");
    READS(3, "abc"); /* exactly full: no false end of file */
    NUMBER(tty_ready(&tty), 0);
    type("q\n\x04r\n");
    READS(100, "q\n");
    READS(100, "");
    READS(100, "r\n");
    NUMBER(tty_pending(&tty), 0);
}

static void test_signals(void)
{
    start();
    NUMBER(type("abc\x03"), TTY_INTR);
    SHOWS("abc^C\n");
    NUMBER(type("\x1c"), TTY_QUIT);
    type("d\n");
    READS(100, "d\n");
    NUMBER(type("\x10"), TTY_STATE);
    tty_set_mode(&tty, ABI_TTY_CANON);
    NUMBER(type("\x03\n"), TTY_READY);
    READS(100, "\x03\n");
}

static void test_raw(void)
{
    start();
    type("half");
    tty_set_mode(&tty, ABI_TTY_ECHO);
    READS(100, "half");
    NUMBER(type("\x04\x7f\x03"), TTY_READY);
    READS(2, "\x04\x7f");
    READS(100, "\x03");
    type("a\nb");
    READS(100, "a\nb");
    tty_set_mode(&tty, 0);
    shown = 0;
    type("secret");
    SHOWS("");
}

static void test_full(void)
{
    start();
    for (int i = 0; i < TTY_RING + 100; i++)
        type("a");
    NUMBER(screen[shown - 1], 7);
    NUMBER(type("\n"), TTY_READY);
    char buf[TTY_RING + 1];
    NUMBER(tty_read(&tty, buf, sizeof(buf)), TTY_RING);
    NUMBER(buf[TTY_RING - 1], '\n');

    start();
    for (int i = 0; i < TTY_RING + 100; i++)
        type("\n");
    NUMBER(tty_pending(&tty), TTY_RING);
}

/* Any bytes in any mode: indices stay in order, and no read passes the commit. */
static void test_random(void)
{
    char buf[64];

    start();
    for (int i = 0; i < 400000; i++) {
        if (shown > sizeof(screen) / 2)
            shown = 0;
        tty_input(&tty, (unsigned char)(rand() >> 7));
        if (rand() % 50 == 0 && tty_ready(&tty))
            tty_read(&tty, buf, (size_t)(rand() % 64));
        if (rand() % 1000 == 0)
            tty_set_mode(&tty, (uint32_t)rand());
        if (tty.commit - tty.read > TTY_RING || tty.edit - tty.read > TTY_RING ||
            tty.commit - tty.read > tty.edit - tty.read) {
            printf("t_tty_line.c: indices out of order at step %d\n", i);
            failures++;
            return;
        }
    }
}

int main(void)
{
    test_lines();
    test_editing();
    test_end_of_file();
    test_signals();
    test_raw();
    test_full();
    test_random();
    printf("t_tty_line: %d failures\n", failures);
    return failures != 0;
}
