/*
 * raw.h - what the files of the library share: raw calls, and questions about user addresses.
 *
 * A course program may hand any address to a call and expects -1 if it is a bad one. So the library
 * itself touches a program's memory only after the kernel has said that it may be touched.
 */
#ifndef XV6LIB_RAW_H
#define XV6LIB_RAW_H

#include <stddef.h>
#include <stdint.h>

#include "abi/errno.h"
#include "abi/fs.h"
#include "abi/info.h"
#include "abi/msg.h"
#include "abi/proc.h"
#include "abi/vm.h"

#define SYSCALL(number, name, nargs, type, params) type sc_##name params;
#include "abi/syscall.def"
#undef SYSCALL

/* 0 or a positive result as it is; an error becomes -1. */
static inline int xv6_result(long r)
{
    return r < 0 ? -1 : (int)r;
}

/* probe.c: bytes of the string at p without its NUL, or -1: unreadable, or not ended in `max`. */
long xv6_string_length(const char *p, unsigned long max);
int xv6_readable(const void *p); /* the word there can be read */
int xv6_writable(void *p);       /* 16 bytes there can be written */

/*
 * path.c: course programs take names of 14 bytes to be whole, and look for programs in the current
 * directory. Writes the other path to try after `path` was not found to buf (ABI_PATH_MAX bytes).
 * 0: there is no other path.
 */
int xv6_path_cut(const char *path, char *buf);      /* every name cut to 14 bytes */
int xv6_path_cut_last(const char *path, char *buf); /* the last name cut to 14 bytes */
int xv6_path_program(const char *path, char *buf);  /* the program in /bin */

/* dir.c: read() of a directory. */
long xv6_read_dir(int fd, void *buf, int n);

/* proc.c: the first C code of a program; `stack` is at argc. */
_Noreturn void xv6_start(long *stack);

/* proc.c: SIGPIPE is ignored while a course program runs: a write to a broken pipe is -1. */
void xv6_ignore_sigpipe(int ignore);

#endif
