/*
 * t_string.c - the kernel's memory and string functions against the C library's.
 * sources: kernel/lib/string.c
 *
 * Every combination of small offsets and lengths, so that each alignment and each tail is met, in
 * exactly sized heap blocks, so that the sanitizer sees a byte too many.
 */
#include <stdio.h>
#include <stdlib.h>
#include "lib/string.h"
#include "lib/assert.h"

enum { SPAN = 200 };

static void fill(unsigned char *p, size_t len, unsigned seed)
{
    for (size_t i = 0; i < len; i++)
        p[i] = (unsigned char)(seed = seed * 69069u + 1);
}

static void check_copy(size_t to, size_t from, size_t len)
{
    unsigned char *src = malloc(from + len + 1), *dst = malloc(to + len + 1);
    fill(src, from + len, (unsigned)len);
    memset(dst, 0x55, to + len);
    ASSERT(lib_memcpy(dst + to, src + from, len) == dst + to);
    ASSERT(memcmp(dst + to, src + from, len) == 0);
    ASSERT(to == 0 || dst[to - 1] == 0x55);
    ASSERT(lib_memset(dst + to, 0xA7, len) == dst + to);
    for (size_t i = 0; i < len; i++)
        ASSERT(dst[to + i] == 0xA7);
    ASSERT(to == 0 || dst[to - 1] == 0x55);
    free(src);
    free(dst);
}

static void check_move(size_t to, size_t from, size_t len)
{
    unsigned char mine[SPAN], theirs[SPAN];
    fill(mine, SPAN, 7);
    fill(theirs, SPAN, 7);
    lib_memmove(mine + to, mine + from, len);
    memmove(theirs + to, theirs + from, len);
    ASSERT(memcmp(mine, theirs, SPAN) == 0);
}

static int sign(int v)
{
    return (v > 0) - (v < 0);
}

static void check_compare(size_t a, size_t b, size_t len)
{
    unsigned char *p = malloc(a + len + 1), *q = malloc(b + len + 1);
    fill(p + a, len, 3);
    fill(q + b, len, 3);
    ASSERT(lib_memcmp(p + a, q + b, len) == 0);
    for (size_t i = 0; i < len; i += 5) {
        p[a + i] ^= 0x80;
        ASSERT(sign(lib_memcmp(p + a, q + b, len)) == sign(memcmp(p + a, q + b, len)));
        p[a + i] ^= 0x80;
    }
    free(p);
    free(q);
}

static void check_strings(void)
{
    static const char *const words[] = {"",  "a",    "ab",     "abc",  "abd",
                                        "b", "\xff", "abcabc", "a/b/c"};
    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        const char *s = words[i];
        ASSERT(lib_strlen(s) == strlen(s) && lib_strnlen(s, 2) == strnlen(s, 2));
        for (int c = 0; c < 256; c++)
            ASSERT(lib_strchr(s, c) == strchr(s, c) && lib_strrchr(s, c) == strrchr(s, c));
        for (size_t j = 0; j < ARRAY_SIZE(words); j++) {
            ASSERT(sign(lib_strcmp(s, words[j])) == sign(strcmp(s, words[j])));
            for (size_t n = 0; n < 5; n++)
                ASSERT(sign(lib_strncmp(s, words[j], n)) == sign(strncmp(s, words[j], n)));
        }
    }
    char buf[4];
    ASSERT(strlcpy(buf, "ab", sizeof(buf)) == 2 && !strcmp(buf, "ab"));
    ASSERT(strlcpy(buf, "abcdef", sizeof(buf)) == 6 && !strcmp(buf, "abc"));
    ASSERT(strlcpy(buf, "xyz", 0) == 3 && !strcmp(buf, "abc"));
}

static void check_pages(void)
{
    unsigned char *a = aligned_alloc(4096, 4096), *b = aligned_alloc(4096, 4096);
    fill(a, 4096, 1);
    copy_page(b, a);
    ASSERT(memcmp(a, b, 4096) == 0);
    zero_page(b);
    for (size_t i = 0; i < 4096; i++)
        ASSERT(b[i] == 0);
    free(a);
    free(b);
}

int main(void)
{
    for (size_t to = 0; to < 9; to++) {
        for (size_t from = 0; from < 9; from++) {
            for (size_t len = 0; len < 90; len++) {
                check_copy(to, from, len);
                check_compare(to, from, len);
                check_move(to, from, len);
                check_move(to + 40, from, len);
                check_move(to, from + 21, len);
                check_move(to + 1 + from, to, len);
            }
        }
    }
    check_strings();
    check_pages();
    printf("t_string: ok\n");
    return 0;
}
