/*
 * types.h - the small macros that every file of the kernel may use.
 *
 * Owns container_of, sizes of arrays, rounding, single accesses and branch hints. Knows no
 * hardware and no other header of the kernel, so it compiles on the host too. Alignments must be
 * powers of two. READ_ONCE and WRITE_ONCE are one untorn access each and order nothing: use the
 * __atomic built-ins where order matters.
 */
#ifndef LIB_TYPES_H
#define LIB_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#ifndef MIN
#define MIN(a, b)                                                                                  \
    ({                                                                                             \
        __typeof__(a) min_a_ = (a);                                                                \
        __typeof__(b) min_b_ = (b);                                                                \
        min_a_ < min_b_ ? min_a_ : min_b_;                                                         \
    })
#endif
#ifndef MAX
#define MAX(a, b)                                                                                  \
    ({                                                                                             \
        __typeof__(a) max_a_ = (a);                                                                \
        __typeof__(b) max_b_ = (b);                                                                \
        max_a_ > max_b_ ? max_a_ : max_b_;                                                         \
    })
#endif

#define ALIGN_DOWN(x, a)    ((x) & ~((__typeof__(x))(a)-1))
#define ALIGN_UP(x, a)      ALIGN_DOWN((x) + ((__typeof__(x))(a)-1), a)
#define IS_ALIGNED(x, a)    (((x) & ((__typeof__(x))(a)-1)) == 0)
#define DIV_ROUND_UP(n, by) (((n) + (by)-1) / (by))

#define READ_ONCE(x)     (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#ifndef __must_check
#define __must_check __attribute__((warn_unused_result))
#endif
#ifndef __noreturn
#define __noreturn __attribute__((noreturn))
#endif
#define __printf_like(fmt, first) __attribute__((format(printf, fmt, first)))

#endif
