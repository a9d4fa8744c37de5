/*
 * table.c - from the number in a7 to a handler.
 *
 * The table comes from abi/syscall.def; trap.S looks it up (numbers without a row are -ENOSYS),
 * calls the handler with the arguments in place in the frame and stores its result. The program
 * counter is moved past the ecall before the handler runs, so that fork, exec and sigreturn, which
 * write whole frames, need to know nothing of it; a restarted call is moved back
 * (signal_call_interrupted() after -EINTR). A handler that writes more of the frame sets
 * `frame_written`: otherwise registers that C preserves are not loaded again. This path is counted
 * in instructions: keep it short.
 */
#include "syscall/syscall.h"

#include "abi/errno.h"
#include "abi/syscall.h"
#include "core/counter.h"
#include "sched/thread.h"

/* Indexed by number in trap.S, which counts the call and moves sepc behind the ecall. */
const syscall_fn syscall_table[SYS_LIMIT] = {
#define SYSCALL(number, name, nargs, ret, params) [number] = sys_##name,
#include "abi/syscall.def"
#undef SYSCALL
};

_Static_assert(SYS_LIMIT == 128 && EINTR == 4 && ENOSYS == 88, "trap.S");
_Static_assert(offsetof(struct hart, counters) == 40 && COUNTER_syscalls == 0, "trap.S");
_Static_assert(offsetof(struct trapframe, x[10]) == 80, "trap.S");
