/*
 * posix_time.c - clocks, sleeps and the alarm. There is no time zone: local time is UTC.
 */
#include <limits.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"

enum { SECOND = 1000000000 };

int clock_gettime(clockid_t clock, struct timespec *ts)
{
    struct abi_timespec a;

    if (check(sys_clock_gettime((int)clock, &a)) < 0)
        return -1;
    ts->tv_sec = a.sec;
    ts->tv_nsec = (long)a.nsec;
    return 0;
}

int clock_getres(clockid_t clock, struct timespec *ts)
{
    (void)clock;
    *ts = (struct timespec){0, 100};
    return 0;
}

int gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
    struct timespec ts;

    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &ts))
        return -1;
    tv->tv_sec = ts.tv_sec;
    tv->tv_usec = ts.tv_nsec / 1000;
    return 0;
}

int nanosleep(const struct timespec *want, struct timespec *left)
{
    uint64_t left_ns = 0;
    long result;

    if (want->tv_sec < 0 || want->tv_nsec < 0 || want->tv_nsec >= SECOND)
        return fail(EINVAL);
    result = sys_nanosleep((uint64_t)want->tv_sec * SECOND + (uint64_t)want->tv_nsec, &left_ns);
    if (result < 0 && left)
        *left = (struct timespec){(time_t)(left_ns / SECOND), (long)(left_ns % SECOND)};
    return (int)check(result);
}

unsigned sleep(unsigned seconds)
{
    struct timespec want = {seconds, 0}, left = {0, 0};

    return nanosleep(&want, &left) ? (unsigned)(left.tv_sec + (left.tv_nsec > 0)) : 0;
}

int usleep(useconds_t us)
{
    struct timespec want = {(time_t)(us / 1000000), (long)(us % 1000000) * 1000};

    return nanosleep(&want, NULL);
}

/* Returns the seconds, rounded up, that an earlier alarm had left. */
unsigned alarm(unsigned seconds)
{
    long left = sys_alarm((uint64_t)seconds * SECOND);

    return left < 0 ? 0 : (unsigned)((left + SECOND - 1) / SECOND);
}
