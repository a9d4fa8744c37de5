/*
 * kernel/spinlock.h - there for programs that include it; locks of the kernel are not theirs.
 */
#ifndef XV6_SPINLOCK_H
#define XV6_SPINLOCK_H

struct spinlock {
    unsigned int locked;
    char *name;
};

#endif
