/*
 * kernel/sleeplock.h - there for programs that include it; see kernel/spinlock.h.
 */
#ifndef XV6_SLEEPLOCK_H
#define XV6_SLEEPLOCK_H

#include "kernel/spinlock.h"

struct sleeplock {
    unsigned int locked;
    struct spinlock lk;
    char *name;
    int pid;
};

#endif
