/*
 * errno.c - names and texts of error numbers, from abi/errno.def.
 *
 * picolibc's strerror() calls _user_strerror() for numbers it does not know: ours of 2001 and up.
 */
#include <duality/errno.h>
#include <stddef.h>
#include <stdint.h>

struct row {
    int number;
    const char *name, *text;
};

static const struct row rows[] = {
#define ERR(name, number, text) {number, #name, text},
#include "abi/errno.def"
#undef ERR
};

static const struct row *find(int number)
{
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].number == number)
            return &rows[i];
    return NULL;
}

const char *errno_name(int number)
{
    const struct row *row = find(number);

    return row ? row->name : NULL;
}

char *_user_strerror(int number, int internal, int *error);

char *_user_strerror(int number, int internal, int *error)
{
    const struct row *row = find(number);

    (void)internal;
    (void)error;
    return row ? (char *)(uintptr_t)row->text : NULL;
}
