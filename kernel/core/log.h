/*
 * log.h - messages of the kernel on the console.
 *
 * log_print() writes one line, whole, and adds the newline. Callable from any place, with any lock
 * below RANK_UART held, before and after the console is up.
 */
#ifndef CORE_LOG_H
#define CORE_LOG_H

#include <stddef.h>

__attribute__((format(printf, 1, 2))) void log_print(const char *fmt, ...);

/* Handed down by the serial driver: writes `len` bytes in one piece, by polling, taking RANK_UART
 * itself. Until then lines go through the firmware. */
void log_set_sink(void (*fn)(const char *text, size_t len));

#endif
