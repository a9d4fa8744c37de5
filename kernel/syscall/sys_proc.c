/*
 * sys_proc.c - system calls of processes, threads, signals and time: decode, one call, encode.
 *
 * The work is in proc/. Times from users are nanoseconds; a time-out below zero means for ever.
 */
#include "abi/errno.h"
#include "abi/fs.h"
#include "lib/string.h"
#include "mem/kalloc.h"
#include "proc/futex.h"
#include "proc/process.h"
#include "proc/signal.h"
#include "sched/sched.h"
#include "syscall/syscall.h"
#include "vm/uaccess.h"

/* --- processes --- */

int64_t sys_exit(const struct sysargs *a)
{
    process_exit((int)(a->v[0] & 0xff) << 8);
}

int64_t sys_fork(const struct sysargs *a)
{
    (void)a;
    return process_fork();
}

static long exec_user(char *path, struct exec_args *ea, const struct sysargs *a)
{
    long err = copy_string_from_user(path, a->v[0], ABI_PATH_MAX);

    if (err < 0)
        return err;
    err = exec_args_add_user(ea, a->v[1], &ea->argc);
    if (!err)
        err = exec_args_add_user(ea, a->v[2], &ea->envc);
    return err ? err : process_exec(path, ea);
}

int64_t sys_execve(const struct sysargs *a)
{
    char *path = kalloc(ABI_PATH_MAX);
    struct exec_args ea;
    long result;

    if (!path)
        return -ENOMEM;
    exec_args_init(&ea);
    result = exec_user(path, &ea, a);
    exec_args_drop(&ea);
    kfree(path);
    return result;
}

int64_t sys_waitpid(const struct sysargs *a)
{
    uint64_t ustatus = a->v[1];
    int32_t status = 0;
    long pid;

    /* The child is gone once waited for: be sure first that its status can be told. */
    if (ustatus) {
        int err = user_prefault(ustatus, sizeof(status), true);
        if (err)
            return err;
    }
    pid = process_wait((int32_t)a->v[0], (int)a->v[2], &status);
    if (pid > 0 && ustatus) {
        int err = copy_to_user(ustatus, &status, sizeof(status));
        if (err)
            return err;
    }
    return pid;
}

int64_t sys_getpid(const struct sysargs *a)
{
    (void)a;
    return current_process()->pid;
}

int64_t sys_getppid(const struct sysargs *a)
{
    (void)a;
    return process_getppid();
}

int64_t sys_setpgid(const struct sysargs *a)
{
    return process_setpgid((int32_t)a->v[0], (int32_t)a->v[1]);
}

int64_t sys_getpgid(const struct sysargs *a)
{
    return process_getpgid((int32_t)a->v[0]);
}

int64_t sys_setsid(const struct sysargs *a)
{
    (void)a;
    return process_setsid();
}

int64_t sys_times(const struct sysargs *a)
{
    struct abi_times times;

    process_times(current_process(), &times);
    return copy_to_user(a->v[0], &times, sizeof(times));
}

/* --- threads --- */

int64_t sys_thread_create(const struct sysargs *a)
{
    return process_thread_create(a->v[0], a->v[1], a->v[2], a->v[3]);
}

int64_t sys_thread_exit(const struct sysargs *a)
{
    process_thread_exit((int)a->v[0], a->v[1]);
}

int64_t sys_gettid(const struct sysargs *a)
{
    (void)a;
    return current_thread()->tid;
}

int64_t sys_yield(const struct sysargs *a)
{
    (void)a;
    sched_yield();
    return 0;
}

static uint64_t deadline_of(int64_t timeout_ns)
{
    return timeout_ns < 0 ? TIME_NEVER : time_after_ns((uint64_t)timeout_ns);
}

int64_t sys_futex(const struct sysargs *a)
{
    switch ((int)a->v[1]) {
    case ABI_FUTEX_WAIT:
        return futex_wait(a->v[0], (uint32_t)a->v[2], deadline_of((int64_t)a->v[3]));
    case ABI_FUTEX_WAKE:
        return futex_wake(a->v[0], (uint32_t)a->v[2]);
    default:
        return -EINVAL;
    }
}

/* --- time --- */

int64_t sys_nanosleep(const struct sysargs *a)
{
    uint64_t deadline = time_after_ns(a->v[0]);
    uint64_t now, left;
    int err = sleep_until(deadline, WAIT_INTR);

    if (!err)
        return 0;
    now = time_now_ns();
    left = deadline > now ? deadline - now : 0;
    if (a->v[1]) {
        int bad = put_user_u64(a->v[1], left);
        if (bad)
            return bad;
    }
    current_thread()->tf.x[10] = left; /* should the call be started again */
    return err;
}

int64_t sys_clock_gettime(const struct sysargs *a)
{
    struct abi_times times;
    struct abi_timespec ts;
    uint64_t ns = time_now_ns();

    switch ((int)a->v[0]) {
    case ABI_CLOCK_MONOTONIC:
        break;
    case ABI_CLOCK_REALTIME:
        ns += time_boot_epoch_ns();
        break;
    case ABI_CLOCK_PROCESS_CPUTIME:
        process_times(current_process(), &times);
        ns = times.user_ns + times.system_ns;
        break;
    default:
        return -EINVAL;
    }
    ts = (struct abi_timespec){(int64_t)(ns / NS_PER_SEC), (int64_t)(ns % NS_PER_SEC)};
    return copy_to_user(a->v[1], &ts, sizeof(ts));
}

int64_t sys_alarm(const struct sysargs *a)
{
    return signal_alarm(a->v[0]);
}

/* --- signals --- */

int64_t sys_kill(const struct sysargs *a)
{
    return signal_kill((int32_t)a->v[0], (int)a->v[1]);
}

int64_t sys_sigaction(const struct sysargs *a)
{
    struct abi_sigaction act, old;
    uint64_t uact = a->v[1], uold = a->v[2];
    long err = uact ? copy_from_user(&act, uact, sizeof(act)) : 0;

    if (err)
        return err;
    err = signal_action((int)a->v[0], uact ? &act : NULL, &old);
    return err || !uold ? err : copy_to_user(uold, &old, sizeof(old));
}

int64_t sys_sigprocmask(const struct sysargs *a)
{
    uint64_t set, old;
    uint64_t uset = a->v[1], uold = a->v[2];
    long err = uset ? copy_from_user(&set, uset, sizeof(set)) : 0;

    if (err)
        return err;
    err = signal_mask((int)a->v[0], uset ? &set : NULL, &old);
    return err || !uold ? err : copy_to_user(uold, &old, sizeof(old));
}

int64_t sys_sigreturn(const struct sysargs *a)
{
    (void)a;
    return signal_return();
}

int64_t sys_sigpending(const struct sysargs *a)
{
    uint64_t set = signal_pending();

    return copy_to_user(a->v[0], &set, sizeof(set));
}

int64_t sys_sigsuspend(const struct sysargs *a)
{
    uint64_t mask;
    int err = copy_from_user(&mask, a->v[0], sizeof(mask));

    return err ? err : signal_suspend(mask);
}

int64_t sys_sigaltstack(const struct sysargs *a)
{
    struct abi_stack ss, old;
    uint64_t uss = a->v[0], uold = a->v[1];
    long err = uss ? copy_from_user(&ss, uss, sizeof(ss)) : 0;

    if (err)
        return err;
    err = signal_altstack(uss ? &ss : NULL, &old);
    return err || !uold ? err : copy_to_user(uold, &old, sizeof(old));
}

int64_t sys_fault_record(const struct sysargs *a)
{
    struct abi_fault_record rec;

    memcpy(&rec, current_thread()->fault_record, sizeof(rec));
    return copy_to_user(a->v[0], &rec, sizeof(rec));
}
