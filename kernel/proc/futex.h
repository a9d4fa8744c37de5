/*
 * futex.h - sleeping on a word of user memory.
 *
 * A word is named by where its bytes live: (object, offset) in shared mappings, else (address
 * space, address). Lock: RANK_FUTEX, one per hash bucket.
 */
#ifndef PROC_FUTEX_H
#define PROC_FUTEX_H

#include <stdint.h>

/* Sleeps while *uaddr == value. 0: woken; -EAGAIN: not equal; -ETIMEDOUT, -EINTR, -EINVAL
 * (misaligned), -EFAULT or a pager's verdict. No lock held. */
long futex_wait(uint64_t uaddr, uint32_t value, uint64_t deadline_ns);

/* Wakes up to `count` sleepers; how many. -EINVAL, -EFAULT. */
long futex_wake(uint64_t uaddr, uint32_t count);

void futex_init(void);

#endif
