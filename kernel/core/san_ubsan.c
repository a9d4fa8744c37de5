/*
 * san_ubsan.c - the undefined-behaviour sanitizer's runtime (SAN=1): says what and where, and
 * panics.
 *
 * The compiler calls one handler for each kind of undefined behaviour; the first argument points at
 * data that begins with the place in the source (for nonnull_return the place is the second). The
 * rest of the data (types, operands) is not shown: file, line and column are enough.
 */
#if CONFIG_SAN

#include "core/panic.h"

#include <stdint.h>

struct source_place {
    const char *file;
    uint32_t line, column;
};

#define HANDLER(name, text)                                                                        \
    void __ubsan_handle_##name(const struct source_place *at);                                     \
    void __ubsan_handle_##name(const struct source_place *at)                                      \
    {                                                                                              \
        panic("ubsan: %s:%u:%u: " text, at->file, at->line, at->column);                           \
    }
HANDLER(type_mismatch_v1, "null or misaligned pointer, or object too small")
HANDLER(pointer_overflow, "pointer arithmetic overflows")
HANDLER(out_of_bounds, "array index out of bounds")
HANDLER(shift_out_of_bounds, "shift by too much, or of a negative number")
HANDLER(add_overflow, "signed addition overflows")
HANDLER(sub_overflow, "signed subtraction overflows")
HANDLER(mul_overflow, "signed multiplication overflows")
HANDLER(negate_overflow, "negation overflows")
HANDLER(divrem_overflow, "division by zero or overflow")
HANDLER(builtin_unreachable, "unreachable code reached")
HANDLER(missing_return, "end of a function without a value")
HANDLER(vla_bound_not_positive, "array of no size")
HANDLER(load_invalid_value, "value that its type cannot hold")
HANDLER(nonnull_arg, "null argument")
HANDLER(invalid_builtin, "bad argument of a built-in")

void __ubsan_handle_nonnull_return_v1(const void *data, const struct source_place *at);
void __ubsan_handle_nonnull_return_v1(const void *data, const struct source_place *at)
{
    (void)data;
    panic("ubsan: %s:%u:%u: null returned", at->file, at->line, at->column);
}

#endif

typedef int san_ubsan_not_empty; /* a translation unit holds at least one declaration */
