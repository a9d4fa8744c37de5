/*
 * selftest.h - a stress test of the scheduler itself, for the boot argument selftest=sched.
 */
#ifndef SCHED_SELFTEST_H
#define SCHED_SELFTEST_H

/* Runs all parts (a few seconds) and prints "selftest sched: ok" or what failed. From a kernel
 * thread. Number of failures. */
int sched_selftest(void);

#endif
