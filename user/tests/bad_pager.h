/*
 * bad_pager.h - a pager of files that breaks rules when told to, for t_pager*.c.
 *
 * bad_start() ends the pagerd that runs and forks a process that takes the role; bad_stop() ends
 * it; role_restore() leaves the machine with a pagerd if it had one. The pager serves correctly,
 * one request at a time, except for what `bad->mode` says at that moment: the client sets it,
 * touches a page, and reads in `bad` what the pager saw. `bad` is anonymous shared memory.
 */
#ifndef TESTS_BAD_PAGER_H
#define TESTS_BAD_PAGER_H

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <time.h>

#include <duality/sys.h>

#include "abi/pager.h"
#include "check.h"

enum { PAGE = 4096, BAD_OBJECTS = 64 };

enum bad_mode {
    GOOD,
    WRONG_TXN,       /* first an answer with another transaction, then the right one */
    DOUBLE_ANSWER,   /* the right answer twice */
    TOO_MANY_PAGES,  /* first an answer that says more pages than asked, then the right one */
    WRONG_ANSWER_OP, /* first BOUND, then FILLED */
    UNKNOWN_OP,      /* first an op that does not exist */
    UNKNOWN_FLAGS,   /* first an answer with all flags */
    POSITIVE_STATUS, /* first an answer with a positive status */
    ONE_PAGE_ONLY,   /* one page of each run */
    NO_PAGE,         /* success, but no page, once */
    STATUS,          /* FILL, FLUSH and BIND fail with bad->status */
    ZERO_FLAG,       /* FILLED with flag ZERO */
    SILENT,          /* no answer; the next answer comes when the mode changes */
    DIE,             /* exits when it gets a FILL */
    DIE_ON_FLUSH,
    SLOW_FLUSH,  /* answers a FLUSH after 300 ms */
    TOUCH_AFTER, /* touches the slot after the answer */
    OWN_OBJECT,  /* reads into a mapping of the file it pages; result in bad->result */
};

struct bad {
    volatile int mode, status;
    volatile int ready;
    volatile int fills, flushes, binds, unbinds, cancels, resizes; /* requests seen */
    volatile int errors;                                           /* ERROR messages seen */
    volatile int error_status, error_op;
    volatile uint64_t flush_bytes, fill_pages, fill_flags, flush_flags, size;
    volatile int result;
};

static char *file_map; /* the client's mapping of /bad.file */
static int file_fd = -1;
static int next_page;
static struct bad *bad;
static pid_t bad_pid;
static int role_found; /* pid of the pagerd that was there */

/* --- the pager's side --- */

static struct {
    int fd;
    char *window;
    int handles[BAD_OBJECTS];
    uint64_t objects[BAD_OBJECTS];
    struct abi_msg held; /* the answer that SILENT keeps back; op 0: none */
} own;

static void bad_call(struct abi_msg *out)
{
    channel_call(own.fd, out, 1, NULL, 0, 0);
}

static int bad_handle(uint64_t object)
{
    int i;

    for (i = 0; i < BAD_OBJECTS; i++)
        if (own.handles[i] && own.objects[i] == object)
            return own.handles[i];
    return -1;
}

static void bad_remember(uint64_t object, int fd)
{
    int i;

    for (i = 0; i < BAD_OBJECTS; i++)
        if (!own.handles[i]) {
            own.handles[i] = fd;
            own.objects[i] = object;
            return;
        }
}

static void bad_forget(uint64_t object)
{
    int i;

    for (i = 0; i < BAD_OBJECTS; i++)
        if (own.handles[i] && own.objects[i] == object) {
            close(own.handles[i]);
            own.handles[i] = 0;
        }
}

/* Something that must be refused goes before the right answer. */
static void bad_answer_first(const struct abi_msg *right)
{
    struct abi_msg wrong = *right;

    if (bad->mode == WRONG_TXN)
        wrong.txn += 1 << 20;
    else if (bad->mode == TOO_MANY_PAGES)
        wrong.word[0] += 1;
    else if (bad->mode == WRONG_ANSWER_OP)
        wrong.op = PAGER_BOUND;
    else if (bad->mode == UNKNOWN_OP)
        wrong.op = 999;
    else if (bad->mode == UNKNOWN_FLAGS)
        wrong.flags = 0xffff;
    else if (bad->mode == POSITIVE_STATUS)
        wrong.status = EIO;
    else
        return;
    bad_call(&wrong);
}

static void bad_answer(struct abi_msg *answer)
{
    char *slot = own.window;
    int mode = bad->mode; /* the answer lets the client run on and set another */

    if (mode == SILENT) {
        own.held = *answer;
        return;
    }
    bad_answer_first(answer);
    bad_call(answer);
    if (mode == DOUBLE_ANSWER)
        bad_call(answer);
    if (mode == TOUCH_AFTER && answer->op == PAGER_FILLED)
        slot[0] = 1;
}

static void bad_fill(const struct abi_msg *in, struct abi_msg *answer)
{
    char *slot = own.window + in->word[3] * PAGER_RUN_MAX * PAGE;

    bad->fills++;
    bad->fill_pages = in->word[2];
    bad->fill_flags = in->flags;
    bad->size = in->word[5];
    if (bad->mode == DIE)
        _exit(0);
    if (bad->mode == OWN_OBJECT) {
        char *map =
            mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, open("/bad.file", O_RDWR), 0);
        int zero = open("/dev/zero", O_RDONLY);

        bad->result = read(zero, map + 60 * PAGE, 1) == 1 ? 0 : errno;
        munmap(map, 64 * PAGE);
        close(zero);
    }
    answer->op = PAGER_FILLED;
    answer->word[0] = in->word[2];
    if (bad->mode == STATUS) {
        answer->status = bad->status;
        answer->word[0] = 0;
        return;
    }
    if (bad->mode == ZERO_FLAG) {
        answer->flags = PAGER_FILLED_ZERO;
        return;
    }
    if (bad->mode == ONE_PAGE_ONLY)
        answer->word[0] = 1;
    if (bad->mode == NO_PAGE) {
        answer->word[0] = 0;
        bad->mode = GOOD;
    }
    pread(bad_handle(in->word[0]), slot, in->word[2] * PAGE, (off_t)(in->word[1] * PAGE));
}

static void bad_flush(const struct abi_msg *in, struct abi_msg *answer)
{
    const struct timespec slow = {0, 300000000};
    char *slot = own.window + in->word[3] * PAGER_RUN_MAX * PAGE;

    bad->flushes++;
    bad->flush_bytes = in->word[5];
    bad->flush_flags = in->flags;
    answer->op = PAGER_FLUSHED;
    answer->word[0] = in->word[2];
    if (bad->mode == DIE_ON_FLUSH)
        _exit(0);
    if (bad->mode == STATUS) {
        answer->status = bad->status;
        answer->word[0] = 0;
        return;
    }
    pwrite(bad_handle(in->word[0]), slot, in->word[5], (off_t)(in->word[1] * PAGE));
    if (bad->mode == SLOW_FLUSH)
        nanosleep(&slow, NULL);
}

static void bad_serve(const struct abi_msg *in)
{
    struct abi_msg answer = {.txn = in->txn};

    switch (in->op) {
    case PAGER_BIND:
        bad->binds++;
        bad_remember(in->word[0], (int)in->word[1]);
        answer.op = PAGER_BOUND;
        answer.status = bad->mode == STATUS ? bad->status : 0;
        break;
    case PAGER_FILL:
        bad_fill(in, &answer);
        break;
    case PAGER_FLUSH:
        bad_flush(in, &answer);
        break;
    case PAGER_UNBIND:
        bad->unbinds++;
        bad_forget(in->word[0]);
        return;
    case PAGER_CANCEL:
        bad->cancels++;
        return;
    case PAGER_RESIZED:
        bad->size = in->word[1];
        bad->resizes++;
        return;
    case PAGER_ERROR:
        bad->error_status = in->status;
        bad->error_op = (int)in->word[0];
        bad->errors++;
        return;
    default:
        return;
    }
    bad_answer(&answer);
}

/* 0, or the exit status. */
static __attribute__((unused)) int bad_open(void)
{
    struct abi_msg hello = {.op = PAGER_HELLO, .word = {PAGER_VERSION}}, welcome;

    own.fd = pager_open(PAGER_OPEN_FILE, 8);
    if (own.fd < 0)
        return 10;
    own.window =
        mmap(NULL, 8ul * PAGER_RUN_MAX * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, own.fd, 0);
    if (own.window == MAP_FAILED)
        return 11;
    if (channel_call(own.fd, &hello, 1, &welcome, 1, 2000000000) != 1)
        return 12;
    return welcome.op == PAGER_WELCOME && welcome.status == 0 ? 0 : 13;
}

static void bad_main(void)
{
    struct abi_msg in;
    int status = bad_open();

    if (file_map) /* inherited: a pager must not hold what it pages */
        munmap(file_map, 64 * PAGE);
    if (status)
        _exit(status);
    bad->ready = 1;
    for (;;) {
        if (own.held.op && bad->mode != SILENT) {
            bad_call(&own.held);
            own.held.op = 0;
        }
        if (channel_call(own.fd, NULL, 0, &in, 1, 20000000) == 1)
            bad_serve(&in);
        else if (errno != ETIMEDOUT && errno != EINTR)
            _exit(14);
    }
}

/* --- the client's side --- */

static void sleep_ms(long ms)
{
    const struct timespec t = {ms / 1000, ms % 1000 * 1000000};

    nanosleep(&t, NULL);
}

static __attribute__((unused)) long clock_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Waits until the condition holds, at most 6 s. */
#define WAIT_FOR(condition)                                                                        \
    do {                                                                                           \
        int wait_rounds = 1200;                                                                    \
        while (!(condition) && wait_rounds-- > 0)                                                  \
            sleep_ms(5);                                                                           \
    } while (0)

/* Pid of the running pager of files, 0: none. */
static int role_holder(void)
{
    struct info_pager p;
    uint32_t after = 0;

    for (; sysinfo(INFO_PAGERS, after, &p, sizeof(p)) == (ssize_t)sizeof(p); after = p.session)
        if (p.state == INFO_PAGER_LIVE)
            return (int)p.pid;
    return 0;
}

/* The first time, a pagerd that was started on the same line may be about to come. */
static void role_free(void)
{
    static int waited;
    int pid, rounds;

    for (rounds = 0; !waited && rounds < 200 && !role_holder(); rounds++)
        sleep_ms(5);
    waited = 1;
    pid = role_holder();
    if (!pid)
        return;
    role_found = pid;
    kill(pid, SIGUSR1);
    WAIT_FOR(role_holder() != pid);
}

static __attribute__((unused)) int bad_start(void)
{
    if (!bad)
        bad = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANON, -1, 0);
    if (bad == MAP_FAILED)
        return -1;
    role_free();
    memset(bad, 0, sizeof(*bad));
    bad_pid = fork();
    if (bad_pid == 0)
        bad_main();
    WAIT_FOR(bad->ready);
    return bad->ready ? 0 : -1;
}

/* Its wait status, or -1. */
static __attribute__((unused)) int bad_reap(void)
{
    int status = -1;

    if (bad_pid > 0 && waitpid(bad_pid, &status, 0) != bad_pid)
        status = -1;
    bad_pid = 0;
    return status;
}

static __attribute__((unused)) void bad_stop(void)
{
    if (bad_pid > 0)
        kill(bad_pid, SIGKILL);
    bad_reap();
}

static __attribute__((unused)) void role_restore(void)
{
    bad_stop();
    if (!role_found)
        return;
    WAIT_FOR(role_holder() == 0);
    kill(role_found, SIGUSR1);
    WAIT_FOR(role_holder() == role_found);
}

static char byte_of(int page)
{
    return (char)('A' + page % 26);
}

/* A file of 64 pages on disk, mapped shared, none in memory, no read-ahead. -1: no. */
static __attribute__((unused)) int file_fresh(void)
{
    static char buf[PAGE];
    int i;

    if (file_map)
        munmap(file_map, 64 * PAGE);
    if (file_fd >= 0)
        close(file_fd);
    unlink("/bad.file");
    file_fd = open("/bad.file", O_RDWR | O_CREAT | O_TRUNC, 0644);
    for (i = 0; i < 64; i++) {
        memset(buf, byte_of(i), PAGE);
        if (write(file_fd, buf, PAGE) != PAGE)
            return -1;
    }
    file_map = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file_fd, 0);
    if (file_map == MAP_FAILED || msync(file_map, 64 * PAGE, MS_SYNC | MS_INVALIDATE) < 0)
        return -1;
    next_page = 0;
    return madvise(file_map, 64 * PAGE, MADV_RANDOM);
}

/* Loads a byte of a page in a child: 0 and the right byte, or minus the error that killed it. */
static __attribute__((unused)) int touch(int page)
{
    int status =
        IN_CHILD(if (*(volatile char *)(file_map + page * PAGE) != byte_of(page)) _exit(1));

    if (WIFSIGNALED(status))
        return WTERMSIG(status) == SIGBUS ? -WFAULTERR(status) : -1;
    return WEXITSTATUS(status);
}

#endif
