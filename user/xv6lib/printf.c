/*
 * printf.c - formatted output of course programs, straight to a descriptor.
 *
 * %d %i %u %x %p %s %c %%, with l or ll before d, i, u and x; %l with anything else behind it is a
 * long in decimal, as courses of some years have it. An unknown letter is printed with its %.
 * Unbuffered: what a call prints has been written when it returns, in one write() where it fits.
 */
#include <stdarg.h>

#include "user/user.h"

struct out {
    int fd;
    int used;
    char text[256];
};

static void out_flush(struct out *o)
{
    if (o->used)
        write(o->fd, o->text, o->used);
    o->used = 0;
}

static void out_char(struct out *o, char c)
{
    if (o->used == (int)sizeof(o->text))
        out_flush(o);
    o->text[o->used++] = c;
}

static void out_string(struct out *o, const char *s)
{
    for (s = s ? s : "(null)"; *s; s++)
        out_char(o, *s);
}

static void out_unsigned(struct out *o, uint64 value, uint base)
{
    char digits[24];
    int n = 0;

    do {
        digits[n++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    while (n)
        out_char(o, digits[--n]);
}

static void out_signed(struct out *o, long value)
{
    if (value < 0)
        out_char(o, '-');
    out_unsigned(o, value < 0 ? -(uint64)value : (uint64)value, 10);
}

static void out_pointer(struct out *o, uint64 value)
{
    int shift;

    out_string(o, "0x");
    for (shift = 60; shift >= 0; shift -= 4)
        out_char(o, "0123456789abcdef"[value >> shift & 15]);
}

/* A number: `wide` says that the argument is a long. */
static void out_number(struct out *o, char kind, int wide, va_list *ap)
{
    if (kind == 'd' || kind == 'i')
        out_signed(o, wide ? va_arg(*ap, long) : va_arg(*ap, int));
    else
        out_unsigned(o, wide ? va_arg(*ap, uint64) : va_arg(*ap, uint), kind == 'u' ? 10 : 16);
}

static int is_number(char c)
{
    return c == 'd' || c == 'i' || c == 'u' || c == 'x' || c == 'X';
}

/* One conversion; f is behind the '%'. What comes after it. */
static const char *convert(struct out *o, const char *f, va_list *ap)
{
    int longs = 0;

    while (f[longs] == 'l' && longs < 2)
        longs++;
    if (is_number(f[longs])) {
        out_number(o, f[longs], longs > 0, ap);
        return f + longs + 1;
    }
    if (longs) {
        out_signed(o, va_arg(*ap, long));
        return f + 1;
    }
    switch (*f) {
    case 'p':
        out_pointer(o, va_arg(*ap, uint64));
        break;
    case 's':
        out_string(o, va_arg(*ap, char *));
        break;
    case 'c':
        out_char(o, (char)va_arg(*ap, int));
        break;
    case '%':
        out_char(o, '%');
        break;
    case 0:
        out_char(o, '%');
        return f;
    default:
        out_char(o, '%');
        out_char(o, *f);
    }
    return f + 1;
}

static void print(int fd, const char *format, va_list *ap)
{
    struct out o;

    o.fd = fd;
    o.used = 0;
    while (*format)
        if (*format != '%')
            out_char(&o, *format++);
        else
            format = convert(&o, format + 1, ap);
    out_flush(&o);
}

void fprintf(int fd, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    print(fd, format, &ap);
    va_end(ap);
}

void printf(const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    print(1, format, &ap);
    va_end(ap);
}
