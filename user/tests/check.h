/*
 * check.h - how a guest test says what it found: one line a test, a count at the end.
 *
 *     TEST(name) { CHECK(cond); CHECK_EQ(a, b); CHECK_ERR(expr, EBADF); }
 *     int main(void) { RUN(name); return check_done("t_area"); }
 *
 * A failed check prints "FAIL file:line: got X want Y" and ends its test (the function returns);
 * a test without failure prints "ok NAME". check_done() prints the last line and returns main's
 * exit status. Output goes straight to descriptor 1, so that a child's lines are not doubled.
 */
#ifndef TESTS_CHECK_H
#define TESTS_CHECK_H

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <duality/errno.h>
#include <duality/syscall.h>

static int check_passed, check_failed;
static int check_bad; /* the running test has failed */

static __attribute__((unused)) void check_fail(const char *file, int line, const char *text,
                                               long got, long want)
{
    check_bad = 1;
    dprintf(1, "FAIL %s:%d: %s: got %ld want %ld\n", file, line, text, got, want);
}

#define TEST(name) static void test_##name(void)

#define CHECK(cond)                                                                                \
    do {                                                                                           \
        if (!(cond)) {                                                                             \
            check_fail(__FILE__, __LINE__, #cond, 0, 1);                                           \
            return;                                                                                \
        }                                                                                          \
    } while (0)

#define CHECK_EQ(a, b)                                                                             \
    do {                                                                                           \
        long check_a = (long)(a), check_b = (long)(b);                                             \
        if (check_a != check_b) {                                                                  \
            check_fail(__FILE__, __LINE__, #a, check_a, check_b);                                  \
            return;                                                                                \
        }                                                                                          \
    } while (0)

/* A POSIX call fails with -1 and this errno. */
#define CHECK_ERR(expr, number)                                                                    \
    do {                                                                                           \
        long check_r = (errno = 0, (long)(expr));                                                  \
        if (check_r != -1 || errno != (number)) {                                                  \
            check_fail(__FILE__, __LINE__, #expr, check_r == -1 ? -errno : check_r, -(number));    \
            return;                                                                                \
        }                                                                                          \
    } while (0)

/* A raw call returns exactly -number. */
#define CHECK_RAW(expr, number) CHECK_EQ(expr, -(number))

#define RUN(name)                                                                                  \
    do {                                                                                           \
        check_bad = 0;                                                                             \
        test_##name();                                                                             \
        if (check_bad)                                                                             \
            check_failed++;                                                                        \
        else                                                                                       \
            check_passed++, dprintf(1, "ok %s\n", #name);                                          \
    } while (0)

static __attribute__((unused)) int check_done(const char *program)
{
    dprintf(1, "%s: %d passed, %d failed\n", program, check_passed, check_failed);
    return check_failed != 0;
}

/* Wait status of child `pid`; -1: there is none. */
static __attribute__((unused)) int check_wait(pid_t pid)
{
    int status = -1;

    return pid > 0 && waitpid(pid, &status, 0) == pid ? status : -1;
}

static pid_t check_pid __attribute__((unused));

/* Runs the statements in a child, which exits with 0 if it gets to the end; the wait status. */
#define IN_CHILD(...)                                                                              \
    __extension__({                                                                                \
        check_pid = fork();                                                                        \
        if (check_pid == 0) {                                                                      \
            __VA_ARGS__;                                                                           \
            _exit(0);                                                                              \
        }                                                                                          \
        check_wait(check_pid);                                                                     \
    })

/* An address that the compiler must not think about. */
static __attribute__((unused)) void *wild(uintptr_t address)
{
    __asm__("" : "+r"(address));
    return (void *)address;
}

#define EXITED(code)   ((code) << 8)
#define KILLED_BY(sig) (sig)

#endif
