/*
 * group.c - process groups and sessions.
 *
 * A group is no object: it is the processes that carry its number, and so is a session. The rules
 * are POSIX's: a process may move itself or a child that has not called exec, within its session;
 * leaders of a session stay where they are. Lock: process_tree_lock.
 */
#include "abi/errno.h"
#include "proc/internal.h"

static bool group_in_session(int32_t pgid, int32_t sid)
{
    uint64_t pid = 0;
    struct process *p;

    for (; (p = radix_next(&process_tree, &pid)); pid++)
        if (p->pgid == pgid && p->sid == sid)
            return true;
    return false;
}

static int setpgid_locked(struct process *me, struct process *p, int32_t pgid)
{
    if (p != me && p->parent != me)
        return -ESRCH;
    if (p != me && p->did_exec)
        return -EACCES;
    if (p->sid != me->sid || p->sid == p->pid)
        return -EPERM;
    if (pgid != p->pid && !group_in_session(pgid, p->sid))
        return -EPERM;
    p->pgid = pgid;
    return 0;
}

long process_setpgid(int32_t pid, int32_t pgid)
{
    struct process *me = current_process();
    struct process *p;
    long err = -ESRCH;

    if (pid < 0 || pgid < 0)
        return -EINVAL;
    spin_lock(&process_tree_lock);
    p = pid ? radix_lookup(&process_tree, (uint64_t)pid) : me;
    if (p)
        err = setpgid_locked(me, p, pgid ? pgid : p->pid);
    spin_unlock(&process_tree_lock);
    return err;
}

long process_getpgid(int32_t pid)
{
    struct process *p;
    long pgid;

    if (pid < 0)
        return -EINVAL;
    spin_lock(&process_tree_lock);
    p = pid ? radix_lookup(&process_tree, (uint64_t)pid) : current_process();
    pgid = p ? p->pgid : -ESRCH;
    spin_unlock(&process_tree_lock);
    return pgid;
}

long process_setsid(void)
{
    struct process *me = current_process();
    long result = -EPERM;

    spin_lock(&process_tree_lock);
    if (!process_group_exists(me->pid)) {
        me->sid = me->pgid = me->pid;
        result = me->pid;
    }
    spin_unlock(&process_tree_lock);
    return result;
}

long process_getppid(void)
{
    struct process *me = current_process();
    long pid;

    spin_lock(&process_tree_lock);
    pid = me->parent ? me->parent->pid : 0;
    spin_unlock(&process_tree_lock);
    return pid;
}
