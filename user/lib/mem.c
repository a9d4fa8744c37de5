/*
 * mem.c - memcpy, memmove, memset, memcmp, strlen by words: picolibc's go byte by byte.
 *
 * Words are loaded only from addresses aligned to 8. memcpy reads a misaligned source through two
 * neighbouring aligned words and shifts, so no load is split and none leaves the source's pages.
 * strlen reads whole aligned words, which never cross into a page the string does not touch.
 */
#include <stdint.h>
#include <string.h>

#pragma GCC optimize("no-tree-loop-distribute-patterns")

enum { WORD = 8, SMALL = 16 };

typedef uint64_t word __attribute__((may_alias));

static void copy_bytes(unsigned char *to, const unsigned char *from, size_t len)
{
    while (len--)
        *to++ = *from++;
}

/* `to` is aligned, `from` is not: len is a multiple of 8. */
static void copy_shifted(word *to, const unsigned char *from, size_t len)
{
    unsigned skip = (unsigned)((uintptr_t)from & (WORD - 1)) * 8;
    const word *source = (const word *)(from - skip / 8);
    word low = *source++;

    for (; len; len -= WORD) {
        word high = *source++;

        *to++ = low >> skip | high << (64 - skip);
        low = high;
    }
}

static void copy_aligned(word *to, const word *from, size_t len)
{
    for (; len >= 8 * WORD; len -= 8 * WORD, to += 8, from += 8) {
        word a = from[0], b = from[1], c = from[2], d = from[3];
        word e = from[4], f = from[5], g = from[6], h = from[7];

        to[0] = a, to[1] = b, to[2] = c, to[3] = d;
        to[4] = e, to[5] = f, to[6] = g, to[7] = h;
    }
    for (; len; len -= WORD)
        *to++ = *from++;
}

void *memcpy(void *restrict dest, const void *restrict src, size_t len)
{
    unsigned char *to = dest;
    const unsigned char *from = src;
    size_t head, body;

    if (len < SMALL) {
        copy_bytes(to, from, len);
        return dest;
    }
    head = -(uintptr_t)to & (WORD - 1);
    copy_bytes(to, from, head);
    to += head, from += head, len -= head;
    body = len & ~(size_t)(WORD - 1);
    if (((uintptr_t)from & (WORD - 1)) == 0)
        copy_aligned((word *)to, (const word *)from, body);
    else
        copy_shifted((word *)to, from, body);
    copy_bytes(to + body, from + body, len - body);
    return dest;
}

static void copy_backwards(unsigned char *to, const unsigned char *from, size_t len)
{
    to += len, from += len;
    if ((((uintptr_t)to ^ (uintptr_t)from) & (WORD - 1)) == 0) {
        for (; len && ((uintptr_t)to & (WORD - 1)); len--)
            *--to = *--from;
        for (; len >= WORD; len -= WORD) {
            to -= WORD, from -= WORD;
            *(word *)to = *(const word *)from;
        }
    }
    while (len--)
        *--to = *--from;
}

void *memmove(void *dest, const void *src, size_t len)
{
    uintptr_t gap = (uintptr_t)dest - (uintptr_t)src;

    if (gap >= len && -gap >= len) /* no overlap */
        return memcpy(dest, src, len);
    if (gap < len) {
        copy_backwards(dest, src, len);
        return dest;
    }
    if ((gap & (WORD - 1)) == 0 && len >= SMALL) {
        unsigned char *to = dest;
        const unsigned char *from = src;

        for (; (uintptr_t)to & (WORD - 1); len--)
            *to++ = *from++;
        for (; len >= WORD; len -= WORD, to += WORD, from += WORD)
            *(word *)to = *(const word *)from;
        copy_bytes(to, from, len);
        return dest;
    }
    copy_bytes(dest, src, len);
    return dest;
}

void *memset(void *dest, int value, size_t len)
{
    unsigned char *to = dest;
    word pattern = (unsigned char)value * 0x0101010101010101ul;

    for (; len && ((uintptr_t)to & (WORD - 1)); len--)
        *to++ = (unsigned char)value;
    for (; len >= 4 * WORD; len -= 4 * WORD, to += 4 * WORD) {
        word *w = (word *)to;

        w[0] = pattern, w[1] = pattern, w[2] = pattern, w[3] = pattern;
    }
    for (; len >= WORD; len -= WORD, to += WORD)
        *(word *)to = pattern;
    while (len--)
        *to++ = (unsigned char)value;
    return dest;
}

int memcmp(const void *left, const void *right, size_t len)
{
    const unsigned char *a = left, *b = right;

    if ((((uintptr_t)a ^ (uintptr_t)b) & (WORD - 1)) == 0) {
        for (; len && ((uintptr_t)a & (WORD - 1)) && *a == *b; len--)
            a++, b++;
        if (((uintptr_t)a & (WORD - 1)) == 0)
            for (; len >= WORD && *(const word *)a == *(const word *)b; len -= WORD)
                a += WORD, b += WORD;
    }
    for (; len; len--, a++, b++)
        if (*a != *b)
            return *a - *b;
    return 0;
}

size_t strlen(const char *string)
{
    const char *p = string;
    const word low = 0x0101010101010101ul, high = low << 7;
    word w;

    for (; (uintptr_t)p & (WORD - 1); p++)
        if (!*p)
            return (size_t)(p - string);
    for (; w = *(const word *)p, !((w - low) & ~w & high); p += WORD)
        ;
    while (*p)
        p++;
    return (size_t)(p - string);
}
