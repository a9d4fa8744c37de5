/*
 * t_fault.c - accesses that are not allowed: the right signal, the right record.
 */
#include <setjmp.h>
#include <signal.h>

#include "mm.h"

static void unmapped(void)
{
    CHECK_KILLED(touch_read, (void *)0x2000000000, SIGSEGV, 0);
    CHECK_KILLED(touch_write, (void *)0x2000000000, SIGSEGV, 0);
    CHECK_KILLED(touch_read, NULL, SIGSEGV, 0);
    CHECK_KILLED(touch_read, (void *)0xffffffc080000000, SIGSEGV, 0);
    CHECK_KILLED(touch_write, (void *)0x4000000000, SIGSEGV, 0);
}

static void read_only(void)
{
    int fd = file_make("f", 2 * PAGE, 1);
    unsigned char *p = MAP(2 * PAGE, PROT_READ, MAP_SHARED, fd, 0);
    unsigned char *q = MAP(2 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);

    CHECK_KILLED(touch_write, p, SIGSEGV, 0); /* not resident */
    CHECK_EQ(p[0], pattern(0, 1));
    CHECK_KILLED(touch_write, p, SIGSEGV, 0);
    CHECK_KILLED(touch_write, q, SIGSEGV, 0);
    CHECK_FILE("f", 2 * PAGE, 1);
    unlink("f");
}

static void no_access(void)
{
    int fd = file_make("f", PAGE, 2);
    unsigned char *p = MAP(PAGE, PROT_NONE, MAP_SHARED, fd, 0);

    CHECK_KILLED(touch_read, p, SIGSEGV, 0);
    CHECK_KILLED(touch_write, p, SIGSEGV, 0);
    unlink("f");
}

static void beyond_end(void)
{
    int fd = file_make("f", PAGE + 1, 3);
    unsigned char *p = MAP(4 * PAGE, RW, MAP_SHARED, fd, 0);

    CHECK_EQ(p[PAGE], pattern(PAGE, 3));
    CHECK_EQ(p[2 * PAGE - 1], 0);
    CHECK_KILLED(touch_read, p + 2 * PAGE, SIGBUS, EBOUNDS);
    CHECK_KILLED(touch_write, p + 3 * PAGE, SIGBUS, EBOUNDS);
    CHECK_EQ(file_size(fd), PAGE + 1);
    unlink("f");
}

static sigjmp_buf back;
static volatile siginfo_t seen;

static void on_fault(int sig, siginfo_t *info, void *context)
{
    (void)sig;
    (void)context;
    memcpy((void *)&seen, info, sizeof(seen));
    siglongjmp(back, 1);
}

/* Touches p with a handler; `seen` says what the handler got. */
static void touch_with_handler(unsigned char *p, int sig)
{
    struct sigaction act = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};

    CHECK_EQ(sigaction(sig, &act, NULL), 0);
    if (sigsetjmp(back, 1) == 0) {
        touch_write(p);
        FAIL("the store went through");
    }
}

static void handler_is_told(void)
{
    int fd = file_make("f", PAGE, 4);
    unsigned char *p = MAP(2 * PAGE, RW, MAP_SHARED, fd, 0);
    unsigned char *q = MAP(PAGE, PROT_READ, MAP_SHARED, fd, 0);

    touch_with_handler(p + PAGE + 5, SIGBUS);
    CHECK_EQ(seen.si_signo, SIGBUS);
    CHECK_EQ(seen.si_code, BUS_ADRERR);
    CHECK_EQ((long)seen.si_addr, (long)(p + PAGE + 5));
    CHECK_EQ(seen.si_fault.code, -EBOUNDS);
    CHECK_EQ(seen.si_fault.offset, PAGE);
    CHECK_EQ(seen.si_fault.access, ABI_ACCESS_WRITE);
    touch_with_handler(q + 7, SIGSEGV);
    CHECK_EQ(seen.si_code, SEGV_ACCERR);
    CHECK_EQ((long)seen.si_addr, (long)(q + 7));
    CHECK_EQ(munmap(q, PAGE), 0);
    touch_with_handler(q + 7, SIGSEGV);
    CHECK_EQ(seen.si_code, SEGV_MAPERR);
    p[0] = 1; /* and life goes on */
    unlink("f");
}

const struct test tests_fault[] = {
    {"unmapped-access", unmapped, 0},
    {"read-only-store", read_only, FILLS},
    {"no-access", no_access, 0},
    {"beyond-end", beyond_end, FILLS},
    {"handler-is-told", handler_is_told, 0},
    {NULL, NULL, 0},
};
