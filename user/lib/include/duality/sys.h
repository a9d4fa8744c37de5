/*
 * duality/sys.h - Duality's own calls with errno: counters, the machine, pager sessions, faults.
 *
 * sysinfo() fills buf with the records of <abi/info.h> and returns the bytes written.
 * kcheck() returns the number of faults that the kernel found in itself. futex_wait() returns 0
 * when woken or when *word was not `value`, or -1 with ETIMEDOUT or EINTR.
 */
#ifndef DUALITY_SYS_H
#define DUALITY_SYS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "abi/info.h"
#include "abi/msg.h"
#include "abi/proc.h"

ssize_t sysinfo(int what, int64_t arg, void *buf, size_t len);
int poweroff(int status);
int kcheck(void);
int fault_record(struct abi_fault_record *rec);

int pager_open(uint32_t flags, uint32_t slots);
int channel_call(int fd, const struct abi_msg *out, size_t nout, struct abi_msg *in, size_t nin,
                 int64_t timeout_ns);

int futex_wait(uint32_t *word, uint32_t value, int64_t timeout_ns);
int futex_wake(uint32_t *word, uint32_t count);

void *sbrk_eager(ptrdiff_t increment);
int gettid(void);

#endif
