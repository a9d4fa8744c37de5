/*
 * fmt.c - formatted text; fmt.h has the contract.
 *
 * One conversion at a time: parse_spec() reads it into a struct spec, the emit functions write the
 * field. No state outside the stack, no allocation, so it serves panic() and interrupt paths.
 */
#include "lib/fmt.h"
#include "lib/string.h"

struct out {
    void (*put)(void *ctx, char c);
    void *ctx;
    size_t count;
};

enum size { SIZE_CHAR, SIZE_SHORT, SIZE_INT, SIZE_LONG };

struct spec {
    bool left, zero, plus, space, alternate;
    size_t width;
    bool has_precision;
    size_t precision;
    enum size size;
    char conversion;
};

static void put_char(struct out *o, char c)
{
    o->put(o->ctx, c);
    o->count++;
}

static void put_repeat(struct out *o, char c, size_t n)
{
    while (n--)
        put_char(o, c);
}

static void put_text(struct out *o, const char *s, size_t len)
{
    while (len--)
        put_char(o, *s++);
}

/* A field of known text, padded with blanks. */
static void emit_text(struct out *o, const struct spec *sp, const char *s, size_t len)
{
    size_t pad = sp->width > len ? sp->width - len : 0;
    if (!sp->left)
        put_repeat(o, ' ', pad);
    put_text(o, s, len);
    if (sp->left)
        put_repeat(o, ' ', pad);
}

static void emit_string(struct out *o, const struct spec *sp, const char *s)
{
    if (!s)
        s = "(null)";
    size_t max = sp->has_precision ? sp->precision : SIZE_MAX;
    size_t len = 0;
    while (len < max && s[len])
        len++;
    emit_text(o, sp, s, len);
}

/* Digits of v in the base, last first from the end of buf; returns how many. */
static size_t digits(char *end, uint64_t v, unsigned base, bool upper)
{
    const char *set = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    size_t n = 0;
    for (; v; v /= base)
        *(end - ++n) = set[v % base];
    return n;
}

/* prefix (sign or 0x), zeros, digits, with padding around or zeros filled in. */
static void emit_number(struct out *o, const struct spec *sp, uint64_t v, const char *prefix,
                        unsigned base)
{
    char buf[24];
    char *end = buf + sizeof(buf);
    size_t len = digits(end, v, base, sp->conversion == 'X');
    size_t precision = sp->has_precision ? sp->precision : 1;
    size_t prefix_len = strlen(prefix);
    size_t zeros = precision > len ? precision - len : 0;
    size_t total = prefix_len + zeros + len;
    size_t pad = sp->width > total ? sp->width - total : 0;

    if (sp->zero && !sp->left && !sp->has_precision) {
        zeros += pad;
        pad = 0;
    }
    if (!sp->left)
        put_repeat(o, ' ', pad);
    put_text(o, prefix, prefix_len);
    put_repeat(o, '0', zeros);
    put_text(o, end - len, len);
    if (sp->left)
        put_repeat(o, ' ', pad);
}

static void emit_signed(struct out *o, const struct spec *sp, int64_t v)
{
    const char *prefix = v < 0 ? "-" : sp->plus ? "+" : sp->space ? " " : "";
    uint64_t magnitude = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    emit_number(o, sp, magnitude, prefix, 10);
}

static void emit_unsigned(struct out *o, const struct spec *sp, uint64_t v)
{
    unsigned base = sp->conversion == 'u' ? 10 : sp->conversion == 'o' ? 8 : 16;
    const char *prefix = "";
    if (sp->alternate && v && base == 16)
        prefix = sp->conversion == 'X' ? "0X" : "0x";
    else if (sp->alternate && v && base == 8)
        prefix = "0";
    emit_number(o, sp, v, prefix, base);
}

static void emit_pointer(struct out *o, const struct spec *sp, const void *p)
{
    struct spec hex = *sp;
    hex.has_precision = true;
    hex.precision = 16;
    hex.conversion = 'x';
    emit_number(o, &hex, (uintptr_t)p, "0x", 16);
}

static const char *parse_flags(const char *f, struct spec *sp)
{
    for (;; f++) {
        switch (*f) {
        case '-':
            sp->left = true;
            break;
        case '0':
            sp->zero = true;
            break;
        case '+':
            sp->plus = true;
            break;
        case ' ':
            sp->space = true;
            break;
        case '#':
            sp->alternate = true;
            break;
        default:
            return f;
        }
    }
}

static const char *parse_count(const char *f, size_t *count)
{
    for (*count = 0; *f >= '0' && *f <= '9'; f++)
        if (*count < 1000000)
            *count = *count * 10 + (size_t)(*f - '0');
    return f;
}

static const char *parse_size(const char *f, struct spec *sp)
{
    sp->size = SIZE_INT;
    for (;; f++) {
        switch (*f) {
        case 'h':
            sp->size = sp->size == SIZE_SHORT ? SIZE_CHAR : SIZE_SHORT;
            break;
        case 'l':
        case 'z':
        case 'j':
        case 't':
            sp->size = SIZE_LONG;
            break;
        default:
            return f;
        }
    }
}

/* A va_list in a struct can be passed by reference on every machine. */
struct args {
    va_list ap;
};

/* Reads what stands behind the %; returns the place behind the conversion character. */
static const char *parse_spec(const char *f, struct spec *sp, struct args *args)
{
    *sp = (struct spec){0};
    f = parse_flags(f, sp);
    if (*f == '*') {
        int width = va_arg(args->ap, int);
        sp->left |= width < 0;
        sp->width = (size_t)(width < 0 ? -(long)width : width);
        f++;
    } else {
        f = parse_count(f, &sp->width);
    }
    if (*f == '.') {
        f++;
        if (*f == '*') {
            int precision = va_arg(args->ap, int);
            sp->has_precision = precision >= 0;
            sp->precision = precision >= 0 ? (size_t)precision : 0;
            f++;
        } else {
            sp->has_precision = true;
            f = parse_count(f, &sp->precision);
        }
    }
    f = parse_size(f, sp);
    sp->conversion = *f;
    return *f ? f + 1 : f;
}

static int64_t arg_signed(const struct spec *sp, struct args *args)
{
    if (sp->size == SIZE_LONG)
        return va_arg(args->ap, long);
    int v = va_arg(args->ap, int);
    return sp->size == SIZE_CHAR ? (signed char)v : sp->size == SIZE_SHORT ? (short)v : v;
}

static uint64_t arg_unsigned(const struct spec *sp, struct args *args)
{
    if (sp->size == SIZE_LONG)
        return va_arg(args->ap, unsigned long);
    unsigned v = va_arg(args->ap, unsigned);
    return sp->size == SIZE_CHAR ? (unsigned char)v : sp->size == SIZE_SHORT ? (uint16_t)v : v;
}

/* One conversion; `text` is the whole specification, printed as it is when unknown. */
static void convert(struct out *o, const struct spec *sp, struct args *args, const char *text,
                    size_t text_len)
{
    char c;
    switch (sp->conversion) {
    case 'd':
    case 'i':
        emit_signed(o, sp, arg_signed(sp, args));
        break;
    case 'u':
    case 'x':
    case 'X':
    case 'o':
        emit_unsigned(o, sp, arg_unsigned(sp, args));
        break;
    case 'p':
        emit_pointer(o, sp, va_arg(args->ap, void *));
        break;
    case 's':
        emit_string(o, sp, va_arg(args->ap, const char *));
        break;
    case 'c':
        c = (char)va_arg(args->ap, int);
        emit_text(o, sp, &c, 1);
        break;
    case '%':
        put_char(o, '%');
        break;
    default:
        put_text(o, text, text_len);
    }
}

size_t fmt_vformat(void (*put)(void *ctx, char c), void *ctx, const char *fmt, va_list ap)
{
    struct out o = {.put = put, .ctx = ctx};
    struct args args;

    va_copy(args.ap, ap);
    while (*fmt) {
        if (*fmt != '%') {
            put_char(&o, *fmt++);
            continue;
        }
        struct spec sp;
        const char *end = parse_spec(fmt + 1, &sp, &args);
        convert(&o, &sp, &args, fmt, (size_t)(end - fmt));
        fmt = end;
    }
    va_end(args.ap);
    return o.count;
}

struct buffer {
    char *at, *last; /* last: the place of the NUL at the latest */
};

static void put_in_buffer(void *ctx, char c)
{
    struct buffer *b = ctx;
    if (b->at < b->last)
        *b->at++ = c;
}

int fmt_vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
    struct buffer b = {buf, size ? buf + size - 1 : buf};
    size_t len = fmt_vformat(put_in_buffer, &b, fmt, ap);
    if (size)
        *b.at = '\0';
    return (int)len;
}

int fmt_snprintf(char *buf, size_t size, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int len = fmt_vsnprintf(buf, size, fmt, ap);
    va_end(ap);
    return len;
}
