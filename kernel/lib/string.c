/*
 * string.c - memory and string functions; string.h has the list.
 *
 * Copies and fills go by 64-bit words, eight at a time, wherever both ends can be aligned together;
 * otherwise by bytes: the machine need not do misaligned accesses fast, or at all. SAN=1 builds
 * leave this file uninstrumented, for speed: the mem functions ask for their whole ranges instead.
 *
 * The compiler must not turn the loops below back into calls of the functions they implement.
 */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("no-tree-loop-distribute-patterns")
#endif

#include "lib/string.h"

#if __STDC_HOSTED__
#define memcpy  lib_memcpy
#define memmove lib_memmove
#define memset  lib_memset
#define memcmp  lib_memcmp
#define strlen  lib_strlen
#define strnlen lib_strnlen
#define strcmp  lib_strcmp
#define strncmp lib_strncmp
#define strchr  lib_strchr
#define strrchr lib_strrchr
#endif

#if CONFIG_SAN && !__STDC_HOSTED__
void __asan_loadN_noabort(uintptr_t addr, size_t size); /* core/san_kasan.c */
void __asan_storeN_noabort(uintptr_t addr, size_t size);
#define MAY_READ(p, len)  __asan_loadN_noabort((uintptr_t)(p), len)
#define MAY_WRITE(p, len) __asan_storeN_noabort((uintptr_t)(p), len)
#else
#define MAY_READ(p, len)  ((void)0)
#define MAY_WRITE(p, len) ((void)0)
#endif

/* May alias anything, as these functions touch objects of every type. */
typedef uint64_t __attribute__((may_alias)) word_t;

enum { WORD = sizeof(word_t), BLOCK = 8 * WORD, PAGE_BYTES = 4096 };

static bool same_phase(const void *a, const void *b)
{
    return (((uintptr_t)a ^ (uintptr_t)b) % WORD) == 0;
}

static inline void copy_block(word_t *to, const word_t *from)
{
    word_t a = from[0], b = from[1], c = from[2], d = from[3];
    word_t e = from[4], f = from[5], g = from[6], h = from[7];
    to[0] = a;
    to[1] = b;
    to[2] = c;
    to[3] = d;
    to[4] = e;
    to[5] = f;
    to[6] = g;
    to[7] = h;
}

/* From low to high addresses: right for overlapping ranges too when to < from. */
static void copy_up(unsigned char *to, const unsigned char *from, size_t len)
{
    if (len >= WORD && same_phase(to, from)) {
        for (; (uintptr_t)to % WORD; len--)
            *to++ = *from++;
        for (; len >= BLOCK; len -= BLOCK, to += BLOCK, from += BLOCK)
            copy_block((word_t *)to, (const word_t *)from);
        for (; len >= WORD; len -= WORD, to += WORD, from += WORD)
            *(word_t *)to = *(const word_t *)from;
    }
    for (; len; len--)
        *to++ = *from++;
}

/* From high to low addresses: for overlapping ranges with to > from. */
static void copy_down(unsigned char *to, const unsigned char *from, size_t len)
{
    to += len;
    from += len;
    if (len >= WORD && same_phase(to, from)) {
        for (; (uintptr_t)to % WORD; len--)
            *--to = *--from;
        for (; len >= WORD; len -= WORD) {
            to -= WORD;
            from -= WORD;
            *(word_t *)to = *(const word_t *)from;
        }
    }
    for (; len; len--)
        *--to = *--from;
}

void *memcpy(void *to, const void *from, size_t len)
{
    MAY_READ(from, len);
    MAY_WRITE(to, len);
    copy_up(to, from, len);
    return to;
}

void *memmove(void *to, const void *from, size_t len)
{
    MAY_READ(from, len);
    MAY_WRITE(to, len);
    if ((uintptr_t)to - (uintptr_t)from >= len) /* also when to < from: the difference wraps */
        copy_up(to, from, len);
    else
        copy_down(to, from, len);
    return to;
}

static inline void fill_block(word_t *to, word_t w)
{
    to[0] = w;
    to[1] = w;
    to[2] = w;
    to[3] = w;
    to[4] = w;
    to[5] = w;
    to[6] = w;
    to[7] = w;
}

void *memset(void *to, int byte, size_t len)
{
    unsigned char *p = to;
    word_t w = (unsigned char)byte * 0x0101010101010101ul;

    MAY_WRITE(to, len);
    if (len >= WORD) {
        for (; (uintptr_t)p % WORD; len--)
            *p++ = (unsigned char)byte;
        for (; len >= BLOCK; len -= BLOCK, p += BLOCK)
            fill_block((word_t *)p, w);
        for (; len >= WORD; len -= WORD, p += WORD)
            *(word_t *)p = w;
    }
    for (; len; len--)
        *p++ = (unsigned char)byte;
    return to;
}

int memcmp(const void *a, const void *b, size_t len)
{
    const unsigned char *p = a, *q = b;

    MAY_READ(a, len);
    MAY_READ(b, len);
    if (len >= WORD && same_phase(p, q)) {
        for (; (uintptr_t)p % WORD; len--, p++, q++)
            if (*p != *q)
                return *p - *q;
        for (; len >= WORD && *(const word_t *)p == *(const word_t *)q; len -= WORD) {
            p += WORD;
            q += WORD;
        }
    }
    for (; len; len--, p++, q++)
        if (*p != *q)
            return *p - *q;
    return 0;
}

size_t strlen(const char *s)
{
    const char *p = s;
    while (*p)
        p++;
    return (size_t)(p - s);
}

size_t strnlen(const char *s, size_t max)
{
    size_t n = 0;
    while (n < max && s[n])
        n++;
    return n;
}

int strcmp(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return (unsigned char)*a - (unsigned char)*b;
}

int strncmp(const char *a, const char *b, size_t max)
{
    for (; max; max--, a++, b++) {
        if (*a != *b)
            return (unsigned char)*a - (unsigned char)*b;
        if (!*a)
            return 0;
    }
    return 0;
}

char *strchr(const char *s, int c)
{
    for (; *s != (char)c; s++)
        if (!*s)
            return NULL;
    return (char *)(uintptr_t)s;
}

char *strrchr(const char *s, int c)
{
    const char *found = NULL;
    for (;; s++) {
        if (*s == (char)c)
            found = s;
        if (!*s)
            return (char *)(uintptr_t)found;
    }
}

size_t strlcpy(char *to, const char *from, size_t size)
{
    size_t len = strlen(from);
    if (size) {
        size_t n = MIN(len, size - 1);
        memcpy(to, from, n);
        to[n] = '\0';
    }
    return len;
}

void copy_page(void *to, const void *from)
{
    word_t *t = to;
    const word_t *f = from;
    MAY_READ(from, PAGE_BYTES);
    MAY_WRITE(to, PAGE_BYTES);
    for (const word_t *end = t + PAGE_BYTES / WORD; t != end; t += 32, f += 32) {
        copy_block(t, f);
        copy_block(t + 8, f + 8);
        copy_block(t + 16, f + 16);
        copy_block(t + 24, f + 24);
    }
}

void zero_page(void *page)
{
    word_t *p = page;
    MAY_WRITE(page, PAGE_BYTES);
    for (const word_t *end = p + PAGE_BYTES / WORD; p != end; p += 32) {
        fill_block(p, 0);
        fill_block(p + 8, 0);
        fill_block(p + 16, 0);
        fill_block(p + 24, 0);
    }
}
