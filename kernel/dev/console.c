/*
 * console.c - the terminal: readers, writers, the foreground group.
 *
 * Joins the serial line (uart.c) and the line discipline (tty_line.c), and puts threads to sleep on
 * both sides. Output: a newline is sent as CR LF; writers may fill the ring up to a rest that is
 * kept for echo; a writer who finds it full sleeps until it is half empty. Input that nobody reads
 * is kept, up to the size of the line discipline's ring. Lock: RANK_CONSOLE for the line, the mode,
 * the group and both wait queues. The hooks are called without it, from the interrupt.
 */
#include "dev/console.h"

#include "abi/errno.h"
#include "abi/fs.h"
#include "abi/proc.h"
#include "core/log.h"
#include "core/spinlock.h"
#include "dev/tty_line.h"
#include "dev/uart.h"
#include "lib/types.h"
#include "sched/sched.h"
#include "sched/waitq.h"

enum { ECHO_ROOM = 1024, CHUNK = 256 };

static struct spinlock lock = SPINLOCK_INIT(RANK_CONSOLE);
static struct tty_line tty;                        /* [l] */
static struct waitq readers = WAITQ_INIT(readers); /* [l] */
static struct waitq writers = WAITQ_INIT(writers); /* [l] */
static int64_t foreground;                         /* [l] */
static unsigned events;                            /* [l] TTY_* of the present burst of input */
static const struct console_hooks *hooks;          /* [I] after boot */

/* --- from the interrupt --- */

static void echo(char c)
{
    if (c == '\n')
        uart_write("\r\n", 2, 0);
    else
        uart_write(&c, 1, 0);
}

static void input(unsigned char c)
{
    spin_lock(&lock);
    events |= tty_input(&tty, c);
    spin_unlock(&lock);
}

static void print_thread(struct thread *t, void *arg)
{
    static const char *const states[] = {"new", "ready", "running", "waiting", "exited"};

    (void)arg;
    log_print("  tid %d hart %u %-8s %-16s %s", t->tid, t->hart->index,
              t->state < ARRAY_SIZE(states) ? states[t->state] : "?", t->name,
              t->state == THREAD_WAITING && t->wait_name ? t->wait_name : "");
}

static void print_state(void)
{
    if (hooks && hooks->print_state) {
        hooks->print_state();
        return;
    }
    log_print("\nthreads:");
    thread_for_each(print_thread, NULL);
}

static void signal_foreground(int64_t pgrp, int sig)
{
    if (hooks && hooks->signal_group && pgrp)
        hooks->signal_group(pgrp, sig);
}

static void input_end(void)
{
    spin_lock(&lock);
    unsigned what = events;
    int64_t pgrp = foreground;
    events = 0;
    if (what & TTY_READY)
        waitq_wake_all(&readers);
    spin_unlock(&lock);

    if (what & TTY_INTR)
        signal_foreground(pgrp, ABI_SIGINT);
    if (what & TTY_QUIT)
        signal_foreground(pgrp, ABI_SIGQUIT);
    if (what & TTY_STATE)
        print_state();
    if ((what & TTY_READY) && hooks && hooks->poll_ready)
        hooks->poll_ready();
}

static void output_room(void)
{
    spin_lock(&lock);
    waitq_wake_all(&writers);
    spin_unlock(&lock);
    if (hooks && hooks->poll_ready)
        hooks->poll_ready();
}

/* --- for the rest of the kernel --- */

void console_init(void)
{
    static const struct uart_ops ops = {input, input_end, output_room};

    tty_init(&tty, echo);
    if (!uart_init(&ops))
        log_print("console: no serial line found");
}

void console_set_hooks(const struct console_hooks *h)
{
    hooks = h;
}

long console_read(char *buf, size_t len, int nonblock)
{
    long n = 0;

    spin_lock(&lock);
    while (n == 0 && !tty_ready(&tty))
        n = nonblock ? -EAGAIN
                     : waitq_wait(&readers, &lock, TIME_NEVER, WAIT_INTR, "console input");
    if (n == 0)
        n = (long)tty_read(&tty, buf, len);
    spin_unlock(&lock);
    return n;
}

/* Copies a piece of buf with CR before each LF; how much of buf was taken. */
static size_t cook(char out[2 * CHUNK], size_t *out_len, const char *buf, size_t len)
{
    size_t n = MIN(len, (size_t)CHUNK), o = 0;

    for (size_t i = 0; i < n; i++) {
        if (buf[i] == '\n')
            out[o++] = '\r';
        out[o++] = buf[i];
    }
    *out_len = o;
    return n;
}

/* Queues all of out, sleeping while the ring is full. 0 or -EINTR. */
static int send_locked(const char *out, size_t len)
{
    for (size_t sent = 0; sent < len;) {
        size_t n = uart_write(out + sent, len - sent, ECHO_ROOM);
        sent += n;
        if (n == 0) {
            int err = waitq_wait(&writers, &lock, TIME_NEVER, WAIT_INTR, "console output");
            if (err)
                return err;
        }
    }
    return 0;
}

long console_write(const char *buf, size_t len)
{
    char out[2 * CHUNK];
    size_t done = 0, out_len;
    int err = 0;

    spin_lock(&lock);
    while (done < len && !err) {
        size_t n = cook(out, &out_len, buf + done, len - done);
        err = send_locked(out, out_len);
        if (!err)
            done += n;
    }
    spin_unlock(&lock);
    return done ? (long)done : err;
}

uint32_t console_get_mode(void)
{
    return __atomic_load_n(&tty.mode, __ATOMIC_RELAXED);
}

void console_set_mode(uint32_t mode)
{
    spin_lock(&lock);
    tty_set_mode(&tty, mode);
    if (tty_ready(&tty))
        waitq_wake_all(&readers);
    spin_unlock(&lock);
}

int64_t console_get_pgrp(void)
{
    return __atomic_load_n(&foreground, __ATOMIC_RELAXED);
}

void console_set_pgrp(int64_t pgrp)
{
    __atomic_store_n(&foreground, pgrp, __ATOMIC_RELAXED);
}

int console_poll(void)
{
    spin_lock(&lock);
    int ready = tty_ready(&tty) ? ABI_POLLIN : 0;
    spin_unlock(&lock);
    if (uart_room() > ECHO_ROOM)
        ready |= ABI_POLLOUT;
    return ready;
}

int console_input_pending(void)
{
    spin_lock(&lock);
    int n = (int)tty_pending(&tty);
    spin_unlock(&lock);
    return n;
}

void console_drain(void)
{
    uart_drain();
}
