/*
 * measure.c - samples of one row: taken, freed of idle time, put in order, printed.
 *
 * Under `-icount` rdinstret goes on counting while the hart waits in wfi (one a nanosecond), so
 * the kernel counts what passed there (counter idle_instret); a row that may wait asks for it
 * around each sample, outside what is counted. The cost of an empty sample is taken off as well.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <duality/sys.h>

#include "bench.h"

enum { SAMPLES_MAX = 1024, COUNTERS_MAX = 128 };

uint64_t sample_start;

static uint64_t samples[SAMPLES_MAX];
static unsigned count;
static uint64_t empty; /* an empty sample */
static bool may_idle;
static uint64_t idle_before;

static uint64_t idle_now(void)
{
    static struct info_counter c[COUNTERS_MAX];
    ssize_t bytes = sysinfo(INFO_COUNTERS, 0, c, sizeof(c));
    size_t i;

    for (i = 0; bytes > 0 && i < (size_t)bytes / sizeof(c[0]); i++)
        if (strcmp(c[i].name, "idle_instret") == 0)
            return c[i].value;
    return 0;
}

void sample_idle(bool may)
{
    may_idle = may;
}

void sample_before(void)
{
    if (may_idle)
        idle_before = idle_now();
}

void sample_after(uint64_t end, unsigned operations)
{
    uint64_t n = end - sample_start - empty, idle = may_idle ? idle_now() - idle_before : 0;

    n -= idle < n ? idle : n; /* with several harts, others idle as well */
    if (count < SAMPLES_MAX)
        samples[count++] = n / operations;
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

static void calibrate(void)
{
    int i;

    empty = 0;
    count = 0;
    for (i = 0; i < 32; i++) {
        sample_start = instret(); /* without the marks for the profiler */
        sample_after(instret(), 1);
    }
    qsort(samples, count, sizeof(samples[0]), compare);
    empty = samples[0];
}

static void print_row(const struct row *r)
{
    uint64_t sum = 0;
    unsigned i;

    for (i = 0; i < count; i++)
        sum += samples[i];
    qsort(samples, count, sizeof(samples[0]), compare);
    printf("row\t%s\t%llu\t%llu\t%llu\t%u\t%s\n", r->name, (unsigned long long)samples[count / 2],
           (unsigned long long)samples[0], (unsigned long long)(sum / count), count, r->counts);
}

int measure(const struct row *r)
{
    if (!r->run) {
        printf("row\t%s\t-\t-\t-\t0\tnot there yet: %s\n", r->name, r->counts);
        return 0;
    }
    sample_idle(false);
    calibrate();
    count = 0;
    errno = 0;
    if (r->run() < 0 || count == 0) {
        printf("row\t%s\t-\t-\t-\t0\tfailed: %s\n", r->name, strerror(errno));
        return -1;
    }
    print_row(r);
    return 0;
}
