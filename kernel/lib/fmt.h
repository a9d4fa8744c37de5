/*
 * fmt.h - formatted text: the core under the kernel's printf family.
 *
 * Knows %d %i %u %x %X %o %p %s %c %% with the flags - 0 + space #, width and precision (also as
 * *), and the sizes hh h l ll z j t. No floating point, no locale. %p prints 0x and 16 digits. %s
 * of NULL prints (null). An unknown conversion is printed as it stands.
 */
#ifndef LIB_FMT_H
#define LIB_FMT_H

#include <stdarg.h>
#include "lib/types.h"

/* Hands each character to put(ctx, c); returns how many. */
size_t fmt_vformat(void (*put)(void *ctx, char c), void *ctx, const char *fmt, va_list ap)
    __printf_like(3, 0);

/*
 * Writes at most size bytes with the NUL (none when size is 0). Returns the length the whole text
 * has; >= size: it was cut.
 */
int fmt_vsnprintf(char *buf, size_t size, const char *fmt, va_list ap) __printf_like(3, 0);
int fmt_snprintf(char *buf, size_t size, const char *fmt, ...) __printf_like(3, 4);

#if !__STDC_HOSTED__
#define vsnprintf fmt_vsnprintf
#define snprintf  fmt_snprintf
#endif

#endif
