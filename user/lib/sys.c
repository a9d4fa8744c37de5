/*
 * sys.c - Duality's own calls with errno; see <duality/sys.h>.
 */
#include <duality/sys.h>

#include "internal.h"

ssize_t sysinfo(int what, int64_t arg, void *buf, size_t len)
{
    return check(sys_sysinfo(what, arg, buf, len));
}

int poweroff(int status)
{
    return (int)check(sys_poweroff(status));
}

int kcheck(void)
{
    return (int)check(sys_kcheck());
}

int fault_record(struct abi_fault_record *rec)
{
    return (int)check(sys_fault_record(rec));
}

int pager_open(uint32_t flags, uint32_t slots)
{
    return (int)check(sys_pager_open(flags, slots));
}

int channel_call(int fd, const struct abi_msg *out, size_t nout, struct abi_msg *in, size_t nin,
                 int64_t timeout_ns)
{
    return (int)check(sys_channel_call(fd, out, nout, in, nin, timeout_ns));
}

int futex_wait(uint32_t *word, uint32_t value, int64_t timeout_ns)
{
    long result = sys_futex(word, ABI_FUTEX_WAIT, value, timeout_ns);

    return result == -EAGAIN ? 0 : (int)check(result);
}

int futex_wake(uint32_t *word, uint32_t count)
{
    return (int)check(sys_futex(word, ABI_FUTEX_WAKE, count, -1));
}

int gettid(void)
{
    return (int)sys_gettid();
}
