/*
 * string.c - the string and memory functions of course programs, and gets().
 */
#include "user/user.h"

#pragma GCC optimize("no-tree-loop-distribute-patterns")

typedef uint64 word __attribute__((may_alias));

static int all_aligned(const void *a, const void *b, size_t n)
{
    return (((uint64)a | (uint64)b | n) & (sizeof(word) - 1)) == 0;
}

void *memset(void *dst, int c, size_t n)
{
    uchar *p = dst;
    uint64 pattern = (uchar)c * 0x0101010101010101ul;

    if (all_aligned(p, p, n))
        for (; n; n -= sizeof(word), p += sizeof(word))
            *(word *)p = pattern;
    while (n--)
        *p++ = (uchar)c;
    return dst;
}

static void copy_down(uchar *to, const uchar *from, size_t n)
{
    if (all_aligned(to, from, n))
        for (; n; n -= sizeof(word), to += sizeof(word), from += sizeof(word))
            *(word *)to = *(const word *)from;
    while (n--)
        *to++ = *from++;
}

void *memmove(void *dst, const void *src, size_t n)
{
    uchar *to = dst;
    const uchar *from = src;

    if (to <= from || to >= from + n)
        copy_down(to, from, n);
    else
        while (n--)
            to[n] = from[n];
    return dst;
}

void *memcpy(void *dst, const void *src, size_t n)
{
    return memmove(dst, src, n);
}

int memcmp(const void *a, const void *b, size_t n)
{
    const uchar *p = a, *q = b;

    for (; n; n--, p++, q++)
        if (*p != *q)
            return *p - *q;
    return 0;
}

size_t strlen(const char *s)
{
    const char *end = s;

    while (*end)
        end++;
    return (size_t)(end - s);
}

char *strcpy(char *to, const char *from)
{
    memmove(to, from, strlen(from) + 1);
    return to;
}

int strcmp(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return (uchar)*a - (uchar)*b;
}

char *strchr(const char *s, int c)
{
    for (; *s; s++)
        if (*s == (char)c)
            return (char *)s;
    return NULL;
}

int atoi(const char *s)
{
    uint value = 0;

    while (*s >= '0' && *s <= '9')
        value = value * 10 + (uint)(*s++ - '0');
    return (int)value;
}

/* A line from descriptor 0 with its end, at most max - 1 bytes; empty at the end of input. */
char *gets(char *buf, int max)
{
    int used = 0;
    char c = 0;

    while (used + 1 < max && c != '\n' && c != '\r' && read(0, &c, 1) == 1)
        buf[used++] = c;
    if (max > 0)
        buf[used] = 0;
    return buf;
}
