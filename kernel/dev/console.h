/*
 * console.h - the terminal: line editing on input, buffered output, ^C ^D ^P.
 *
 * Input: bytes from the UART's interrupt go through the line discipline (echo, erase ^H DEL, kill
 * ^U, word erase ^W, end of file ^D, ^P: print threads, ^C: SIGINT to the foreground group through
 * the signal hook handed down by proc). Output: written to a ring that the UART's interrupt
 * empties; a writer sleeps when it is full. Kernel buffers here only: callers copy from and to
 * users.
 */
#ifndef DEV_CONSOLE_H
#define DEV_CONSOLE_H

#include <stdint.h>
#include <stddef.h>

void console_init(void);
/* Waits for input as the mode says; bytes copied, 0 at end of file, -EINTR, or -EAGAIN if
 * `nonblock`. */
long console_read(char *buf, size_t len, int nonblock);
/* Queues all of buf (sleeping as needed). len, or -EINTR if nothing was written. */
long console_write(const char *buf, size_t len);
uint32_t console_get_mode(void); /* ABI_TTY_* */
void console_set_mode(uint32_t mode);
int64_t console_get_pgrp(void);
void console_set_pgrp(int64_t pgrp);
/* ABI_POLLIN / ABI_POLLOUT that hold now. */
int console_poll(void);
int console_input_pending(void); /* bytes */
/* Waits until the output ring is empty and the UART idle; for poweroff. */
void console_drain(void);

/* Hooks handed down at boot. */
struct console_hooks {
    void (*signal_group)(int64_t pgrp, int sig); /* ^C, ^\ */
    void (*poll_ready)(void);                    /* input or room: wakes pollers */
    void (*print_state)(void);                   /* ^P */
};
void console_set_hooks(const struct console_hooks *h);

#endif
