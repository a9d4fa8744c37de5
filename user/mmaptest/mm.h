/*
 * mm.h - what the files of mmaptest share: how a test fails, files of known contents, children.
 *
 * A test is a function run in a process of its own: it returns (passed), or prints its one line
 * and exits (failed). Tests stand in tables, one for each t_*.c, that main.c runs in order.
 */
#ifndef MMAPTEST_MM_H
#define MMAPTEST_MM_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <duality/errno.h>
#include <duality/sys.h>

enum { PAGE = 4096 };

enum {              /* flags of a test */
       FILLS = 1,   /* fails if no page was filled by a pager while it ran */
       FLUSHES = 2, /* the same for pages flushed */
};

struct test {
    const char *name;
    void (*run)(void);
    unsigned flags;
};

extern const struct test tests_basic[], tests_share[], tests_unmap[], tests_fault[], tests_fork[],
    tests_size[], tests_buffer[], tests_protect[], tests_many[], tests_pager[], tests_last[];

/* fail.c */
extern const char *test_name;
_Noreturn void fail_at(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#define FAIL(...) fail_at(__FILE__, __LINE__, __VA_ARGS__)

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            FAIL("%s", #condition);                                                                \
    } while (0)

#define CHECK_EQ(got, want)                                                                        \
    do {                                                                                           \
        long got_ = (long)(got), want_ = (long)(want);                                             \
        if (got_ != want_)                                                                         \
            FAIL("%s is %ld, not %ld (errno %d)", #got, got_, want_, errno);                       \
    } while (0)

/* The call is refused with that error. */
#define CHECK_ERR(call, error)                                                                     \
    do {                                                                                           \
        long got_ = (long)(call);                                                                  \
        if (got_ != -1 || errno != (error))                                                        \
            FAIL("%s is %ld, errno %d, not -1 with %s", #call, got_, errno, #error);               \
    } while (0)

/*
 * files.c. Byte i of a file of seed s is pattern(i, s): pages differ from each other and from
 * zeros.
 */
unsigned char pattern(size_t i, unsigned seed);
void pattern_fill(unsigned char *p, size_t from, size_t len,
                  unsigned seed); /* p[0] is byte `from` */
/* Fails at the caller's line unless p holds bytes [from, from + len) of the pattern. */
void pattern_check_at(const char *file, int line, const unsigned char *p, size_t from, size_t len,
                      unsigned seed);
void bytes_check_at(const char *file, int line, const unsigned char *p, size_t len,
                    unsigned char value);
#define CHECK_PATTERN(p, from, len, seed) pattern_check_at(__FILE__, __LINE__, p, from, len, seed)
#define CHECK_BYTES(p, len, value)        bytes_check_at(__FILE__, __LINE__, p, len, value)

/* A new file of that many bytes, open with O_RDWR, none of its pages in memory. */
int file_make(const char *name, size_t len, unsigned seed);
/* Takes a file's pages out of memory, so that the next touch asks the pager. */
void file_make_cold(int fd, size_t len);
/* Fails unless the file is `len` bytes of the pattern, as read() sees it. */
void file_check_at(const char *file, int line, const char *name, size_t len, unsigned seed);
#define CHECK_FILE(name, len, seed) file_check_at(__FILE__, __LINE__, name, len, seed)
size_t file_size(int fd);

/* mmap() that fails the test if it fails. */
unsigned char *map_at(const char *file, int line, size_t len, int prot, int flags, int fd,
                      off_t offset);
#define MAP(len, prot, flags, fd, offset) map_at(__FILE__, __LINE__, len, prot, flags, fd, offset)
#define RW                                (PROT_READ | PROT_WRITE)

/* children.c: runs fn(arg) in a child. */
void child_passes(void (*fn)(void *), void *arg); /* it must return or exit(0) */
pid_t child_start(void (*fn)(void *), void *arg);
void child_wait(pid_t pid); /* it must have exited with 0 */
/* It must be killed by the signal, with the error number in its status (0: do not look). */
void child_is_killed_at(const char *file, int line, void (*fn)(void *), void *arg, int sig,
                        int error);
#define CHECK_KILLED(fn, arg, sig, error)                                                          \
    child_is_killed_at(__FILE__, __LINE__, fn, arg, sig, error)
void touch_read(void *p);  /* loads the byte at p */
void touch_write(void *p); /* stores to it */

/* pagers.c: the pager of files, from outside. */
bool pager_find(struct info_pager *p); /* the running one */
uint64_t counter(const char *name);
void pager_note_found(void); /* who runs now is put back by pager_restore() */
void pager_restore(void);
pid_t pager_start(void);    /* a new pagerd, serving when this returns */
void pager_make_ours(void); /* the running one is a pagerd of ours */
void pager_stop(int sig);   /* no pager runs: ours is killed, the found one only asked */
uint64_t now_ms(void);

#endif
