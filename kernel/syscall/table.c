/*
 * table.c - from the number in a7 to a handler: the one place where system calls enter.
 *
 * The table comes from abi/syscall.def. Numbers without a row are -ENOSYS. The program counter is
 * moved past the ecall before the handler runs, so that fork, exec and sigreturn, which write
 * whole frames, need to know nothing of it; a restarted call is moved back (signal.c). This path
 * is counted in instructions: keep it short.
 */
#include "syscall/syscall.h"

#include "abi/errno.h"
#include "abi/syscall.h"
#include "core/counter.h"
#include "lib/types.h"
#include "proc/signal.h"
#include "sched/thread.h"

typedef int64_t (*syscall_fn)(const struct sysargs *a);

static const syscall_fn table[SYS_LIMIT] = {
#define SYSCALL(number, name, nargs, ret, params) [number] = sys_##name,
#include "abi/syscall.def"
#undef SYSCALL
};

void syscall_dispatch(struct thread *t)
{
    struct trapframe *tf = &t->tf;
    uint64_t number = tf->x[17];
    int64_t result = -ENOSYS;

    tf->sepc += 4;
    counter_inc(COUNTER_syscalls);
    if (likely(number < SYS_LIMIT && table[number]))
        result = table[number](trapframe_sysargs(tf));
    if (unlikely(result == -EINTR))
        signal_call_interrupted(t, (unsigned)number);
    tf->x[10] = (uint64_t)result;
}
