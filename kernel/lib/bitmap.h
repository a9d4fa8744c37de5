/*
 * bitmap.h - arrays of bits in 64-bit words, bit 0 the lowest of word 0.
 *
 * Plain memory operations: the caller's lock guards them. The find functions return `nbits` when
 * there is no such bit; bits at and past `nbits` in the last word are never looked at.
 */
#ifndef LIB_BITMAP_H
#define LIB_BITMAP_H

#include "lib/types.h"

#define BITMAP_WORDS(nbits) (((nbits) + 63) / 64)

static inline bool bitmap_test(const uint64_t *map, size_t bit)
{
    return map[bit / 64] >> (bit % 64) & 1;
}

static inline void bitmap_set(uint64_t *map, size_t bit)
{
    map[bit / 64] |= 1ul << (bit % 64);
}

static inline void bitmap_clear(uint64_t *map, size_t bit)
{
    map[bit / 64] &= ~(1ul << (bit % 64));
}

static inline size_t bitmap_find_(const uint64_t *map, size_t nbits, size_t from, uint64_t flip)
{
    while (from < nbits) {
        uint64_t word = (map[from / 64] ^ flip) >> (from % 64);
        if (word) {
            from += (size_t)__builtin_ctzl(word);
            return from < nbits ? from : nbits;
        }
        from = (from / 64 + 1) * 64;
    }
    return nbits;
}

/* First set bit at or after `from`. */
static inline size_t bitmap_find_set(const uint64_t *map, size_t nbits, size_t from)
{
    return bitmap_find_(map, nbits, from, 0);
}

/* First clear bit at or after `from`. */
static inline size_t bitmap_find_clear(const uint64_t *map, size_t nbits, size_t from)
{
    return bitmap_find_(map, nbits, from, ~0ul);
}

static inline size_t bitmap_count(const uint64_t *map, size_t nbits)
{
    size_t n = 0;
    for (size_t i = 0; i < nbits / 64; i++)
        n += (size_t)__builtin_popcountl(map[i]);
    if (nbits % 64)
        n += (size_t)__builtin_popcountl(map[nbits / 64] & ((1ul << (nbits % 64)) - 1));
    return n;
}

#endif
