/*
 * panic.h - the end of the road: the kernel broke one of its own rules.
 *
 * Never for what a user, a pager, a disk or a device says. Prints hart, thread, held locks and a
 * backtrace, stops the other harts, and ends QEMU with failure. One of the link symbols that any
 * floor may call.
 */
#ifndef CORE_PANIC_H
#define CORE_PANIC_H

#include <stddef.h>

__attribute__((noreturn, format(printf, 1, 2))) void panic(const char *fmt, ...);

struct thread;

/* Handed down by main.c: writes a thread's name and process for panic to print. */
void panic_set_describe(void (*fn)(const struct thread *t, char *buf, size_t size));

/* Prints the call chain from frame pointer `fp`. */
void backtrace_print(unsigned long fp);

/* Powers the machine off; QEMU exits with `status` (0 to 255). Never returns. */
__attribute__((noreturn)) void machine_poweroff(int status);

#endif
