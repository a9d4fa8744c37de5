/*
 * main.c - pagerd, the pager of files: takes the role, wires itself, serves from several threads.
 *
 *     pagerd [-v] [-t THREADS]     serve until a signal ends it
 *     pagerd -p ...                do so from the first SIGUSR1 on
 *     pagerd -s                    show the counts of the pagers that run
 *
 * Each thread is in one loop: send the answers of the last batch and receive the next, serve it.
 * An answer that somebody waits for is not held back by the rest of its batch. The main thread
 * waits for SIGTERM, SIGINT or SIGHUP, has everything written back, and ends the process between
 * two batches; what arrives after that is replayed by the kernel to the next pager.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <duality/errno.h>
#include <duality/sys.h>

#include "pagerd.h"

enum { THREADS_DEFAULT = 4, THREADS_MAX = 32, STACK_BYTES = 64 * 1024 };

static const int64_t HELLO_NS = 2000000000;

bool verbose;

static int session = -1;
static char *window;
static unsigned busy;                /* threads between receiving and answering */
static volatile sig_atomic_t ending; /* the signal that asked for it */

void say(const char *format, ...)
{
    char line[160];
    va_list ap;
    int n;

    if (!verbose)
        return;
    va_start(ap, format);
    n = snprintf(line, sizeof(line), "pagerd: ");
    vsnprintf(line + n, sizeof(line) - (size_t)n - 1, format, ap);
    va_end(ap);
    n = (int)strlen(line);
    line[n++] = '\n';
    write(2, line, (size_t)n);
}

static int fail(const char *what)
{
    fprintf(stderr, "pagerd: %s: %s\n", what, strerror(errno));
    return 1;
}

/* Somebody sleeps until this request is answered. */
static bool is_urgent(const struct abi_msg *in)
{
    return in->op == PAGER_BIND || (in->op == PAGER_FILL && !(in->flags & PAGER_FILL_PREFETCH));
}

/* Serves n requests; leaves the answers not sent yet in `out` and says how many. */
static size_t serve_batch(const struct abi_msg *in, size_t n, struct abi_msg *out)
{
    size_t i, answers = 0;

    for (i = 0; i < n; i++) {
        answers += serve(&in[i], window, &out[answers]);
        if (i + 1 < n && answers && is_urgent(&in[i])) {
            channel_call(session, out, answers, NULL, 0, 0);
            answers = 0;
        }
    }
    return answers;
}

static void *serve_forever(void *unused)
{
    struct abi_msg in[BATCH], out[BATCH];
    size_t answers = 0;

    (void)unused;
    for (;;) {
        int n = channel_call(session, out, answers, in, BATCH, -1);

        answers = 0;
        if (n < 0 && errno != EINTR && errno != ETIMEDOUT) {
            fail("session");
            exit(1);
        }
        if (n > 0) {
            __atomic_add_fetch(&busy, 1, __ATOMIC_SEQ_CST);
            answers = serve_batch(in, (size_t)n, out);
            if (ending && answers) {
                channel_call(session, out, answers, NULL, 0, 0);
                answers = 0;
            }
            __atomic_sub_fetch(&busy, 1, __ATOMIC_SEQ_CST);
        }
    }
}

/* Takes the role and introduces itself. 0 or the exit status. */
static int open_session(void)
{
    struct abi_msg hello = {.op = PAGER_HELLO, .word = {PAGER_VERSION, PAGER_FEATURES}}, welcome;

    session = pager_open(PAGER_OPEN_FILE, PAGER_SLOTS_DEFAULT);
    if (session < 0 && errno == EBUSY) {
        fprintf(stderr, "pagerd: process %d is the pager of files already\n", stats_running_pid());
        return 1;
    }
    if (session < 0)
        return fail("pager_open");
    window = mmap(NULL, (size_t)PAGER_SLOTS_DEFAULT * SLOT_BYTES, PROT_READ | PROT_WRITE,
                  MAP_SHARED, session, 0);
    if (window == MAP_FAILED)
        return fail("window");
    if (mlockall(MCL_CURRENT | MCL_FUTURE) < 0)
        return fail("mlockall");
    if (channel_call(session, &hello, 1, &welcome, 1, HELLO_NS) != 1)
        return fail("hello");
    if (welcome.op != PAGER_WELCOME || welcome.status) {
        fprintf(stderr, "pagerd: the kernel speaks version %llu of the protocol, not %d\n",
                (unsigned long long)welcome.word[0], PAGER_VERSION);
        return 1;
    }
    say("session %llu, epoch %llu, %llu slots", (unsigned long long)welcome.word[5],
        (unsigned long long)welcome.word[2], (unsigned long long)welcome.word[3]);
    return 0;
}

/* The serving threads have every signal blocked: signals are the main thread's. */
static int start_threads(int count)
{
    pthread_attr_t attr;
    pthread_t thread;
    int i, error = 0;

    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK_BYTES);
    for (i = 0; i < count && !error; i++)
        error = pthread_create(&thread, &attr, serve_forever, NULL);
    if (error && i <= 1) {
        errno = error;
        return fail("thread");
    }
    return 0;
}

static void on_signal(int sig)
{
    ending = sig;
}

static void catch_signals(void)
{
    static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1};
    struct sigaction act = {.sa_handler = on_signal};
    sigset_t all;
    size_t i;

    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        sigaction(signals[i], &act, NULL);
}

/* Waits for the end: until no thread has a batch in hand, but not long. */
static void finish(void)
{
    const struct timespec pause_time = {0, 5000000};
    int rounds;

    say("ending");
    sync();
    for (rounds = 0; rounds < 200 && __atomic_load_n(&busy, __ATOMIC_SEQ_CST); rounds++)
        nanosleep(&pause_time, NULL);
}

/* Waits for one of the signals; which. */
static int wait_for_signal(void)
{
    sigset_t none;

    sigemptyset(&none);
    while (!ending)
        sigsuspend(&none);
    return ending;
}

/* Becomes a pagerd that waits; returns only if that fails. */
static int start_anew(int threads)
{
    char count[12];
    char *argv[] = {"pagerd", "-p", "-t", count, verbose ? "-v" : NULL, NULL};

    snprintf(count, sizeof(count), "%d", threads);
    execv("/bin/pagerd", argv);
    return fail("exec");
}

static int usage(void)
{
    fprintf(stderr, "usage: pagerd [-v] [-p] [-t THREADS] | pagerd -s\n");
    return 2;
}

/* -1: go on and serve; else the exit status. */
static int read_options(int argc, char **argv, int *threads, bool *paused)
{
    int option;

    while ((option = getopt(argc, argv, "vpst:")) != -1) {
        if (option == 's')
            return stats_print();
        if (option == 'v')
            verbose = true;
        else if (option == 'p')
            *paused = true;
        else if (option == 't')
            *threads = atoi(optarg);
        else
            return usage();
    }
    if (optind != argc || *threads < 1 || *threads > THREADS_MAX)
        return usage();
    return -1;
}

int main(int argc, char **argv)
{
    bool paused = false;
    int threads = THREADS_DEFAULT, status = read_options(argc, argv, &threads, &paused);

    if (status >= 0)
        return status;
    catch_signals();
    if (paused && wait_for_signal() != SIGUSR1)
        return 0;
    ending = 0;
    status = open_session();
    if (!status)
        status = start_threads(threads);
    if (status)
        return status;
    wait_for_signal();
    finish();
    return ending == SIGUSR1 ? start_anew(threads) : 0;
}
