/*
 * log.h - messages of the kernel on the console.
 *
 * log_print() writes the whole line at once under the log lock, polling the UART. Callable from any
 * place, with any lock below RANK_UART held, before and after the console is up.
 */
#ifndef CORE_LOG_H
#define CORE_LOG_H

__attribute__((format(printf, 1, 2))) void log_print(const char *fmt, ...);

#endif
