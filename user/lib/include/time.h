/*
 * time.h - picolibc's, with the clocks and sleeps switched on: this system has them.
 */
#ifndef DUALITY_TIME_H
#define DUALITY_TIME_H

#include <sys/features.h>

#ifndef _POSIX_TIMERS
#define _POSIX_TIMERS 200809L
#endif
#ifndef _POSIX_MONOTONIC_CLOCK
#define _POSIX_MONOTONIC_CLOCK 200809L
#endif
#ifndef _POSIX_CPUTIME
#define _POSIX_CPUTIME 200809L
#endif

#include <sys/types.h>
#include <sys/signal.h>

struct sigevent;

#include_next <time.h>

#endif
