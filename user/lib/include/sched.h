/*
 * sched.h - giving up the processor.
 */
#ifndef DUALITY_SCHED_H
#define DUALITY_SCHED_H

#include <sys/types.h>

struct sched_param {
    int sched_priority;
};

int sched_yield(void);

#endif
