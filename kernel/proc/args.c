/*
 * args.c - the strings with which a program starts, on their way from the old image to the new.
 *
 * Gathered in one kernel buffer, argv's strings first, then envp's, each with its NUL. Strings and
 * the pointers to them may take ABI_ARG_MAX bytes in all. The buffer doubles as it fills, so that
 * the usual few hundred bytes cost one small allocation.
 */
#include "abi/errno.h"
#include "lib/string.h"
#include "lib/types.h"
#include "mem/kalloc.h"
#include "proc/internal.h"
#include "vm/uaccess.h"

enum { FIRST_CAPACITY = 1024 };

void exec_args_init(struct exec_args *ea)
{
    *ea = (struct exec_args){0};
}

void exec_args_drop(struct exec_args *ea)
{
    kfree(ea->buf);
    exec_args_init(ea);
}

/* Bytes that strings may still take, with `more` more pointers. */
static size_t room_left(const struct exec_args *ea, unsigned more)
{
    size_t used = ea->len + (ea->argc + ea->envc + 2 + more) * sizeof(uint64_t);

    return used >= ABI_ARG_MAX ? 0 : ABI_ARG_MAX - used;
}

static int grow(struct exec_args *ea)
{
    size_t capacity = ea->capacity ? 2 * ea->capacity : FIRST_CAPACITY;
    char *buf = kalloc(capacity);

    if (!buf)
        return -ENOMEM;
    memcpy(buf, ea->buf, ea->len);
    kfree(ea->buf);
    ea->buf = buf;
    ea->capacity = capacity;
    return 0;
}

int exec_args_add(struct exec_args *ea, const char *string, uint32_t *count)
{
    size_t len = strlen(string) + 1;

    if (len > room_left(ea, 1))
        return -E2BIG;
    while (ea->capacity - ea->len < len) {
        int err = grow(ea);
        if (err)
            return err;
    }
    memcpy(ea->buf + ea->len, string, len);
    ea->len += len;
    ++*count;
    return 0;
}

/* One string of the user, straight into the buffer. */
static int add_user_string(struct exec_args *ea, uint64_t ustring, uint32_t *count)
{
    size_t limit = room_left(ea, 1);
    long len = -ENAMETOOLONG;

    while (len == -ENAMETOOLONG) {
        size_t space = MIN(ea->capacity - ea->len, limit);
        if (space)
            len = copy_string_from_user(ea->buf + ea->len, ustring, space);
        if (len != -ENAMETOOLONG)
            break;
        if (space == limit)
            return -E2BIG;
        int err = grow(ea);
        if (err)
            return err;
    }
    if (len < 0)
        return (int)len;
    ea->len += (size_t)len + 1;
    ++*count;
    return 0;
}

int exec_args_add_user(struct exec_args *ea, uint64_t uarray, uint32_t *count)
{
    uint64_t ustring;

    if (!uarray)
        return 0;
    for (;; uarray += sizeof(ustring)) {
        int err = get_user_u64(uarray, &ustring);
        if (err)
            return err;
        if (!ustring)
            return 0;
        err = add_user_string(ea, ustring, count);
        if (err)
            return err;
    }
}
