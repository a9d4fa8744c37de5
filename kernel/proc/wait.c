/*
 * wait.c - a parent learns what became of its children.
 *
 * A zombie is reaped by the first wait that matches it; a stopped child is told of once for each
 * stop, if WUNTRACED asks. The parent sleeps on its own child_waitq. Lock: process_tree_lock.
 */
#include "abi/errno.h"
#include "proc/internal.h"

static bool matches(const struct process *child, int32_t pid, int32_t pgid)
{
    if (pid > 0)
        return child->pid == pid;
    return pid == -1 || child->pgid == pgid;
}

static bool tells(const struct process *child, int options)
{
    return child->zombie || (child->stop_report && child->stopped && (options & ABI_WUNTRACED));
}

/* The first child that has something to tell; *any: there is one that matches at all. */
static struct process *find_child(struct process *me, int32_t pid, int options, bool *any)
{
    int32_t pgid = pid == 0 ? me->pgid : -pid;
    struct list *pos;

    *any = false;
    list_for_each (pos, &me->children) {
        struct process *child = list_entry(pos, struct process, sibling);
        if (!matches(child, pid, pgid))
            continue;
        *any = true;
        if (tells(child, options))
            return child;
    }
    return NULL;
}

/* Takes a zombie's times and its place in the tree; the caller puts it without the lock. */
static void reap(struct process *me, struct process *child)
{
    me->child_user_ns += child->user_ns + child->child_user_ns;
    me->child_system_ns += child->system_ns + child->child_system_ns;
    process_remove(child);
}

/* Waits until a child tells, with the tree's lock held: the child, or NULL and *result. */
static struct process *wait_child(struct process *me, int32_t pid, int options, long *result)
{
    struct process *child;
    bool any;

    *result = 0;
    while (!(child = find_child(me, pid, options, &any))) {
        if (!any)
            *result = -ECHILD;
        else if (!(options & ABI_WNOHANG))
            *result =
                waitq_wait(&me->child_waitq, &process_tree_lock, TIME_NEVER, WAIT_INTR, "child");
        if (*result || (options & ABI_WNOHANG))
            return NULL;
    }
    return child;
}

long process_wait(int32_t pid, int options, int32_t *status)
{
    struct process *me = current_process();
    struct process *child;
    bool reaped = false;
    long result;

    if (options & ~(ABI_WNOHANG | ABI_WUNTRACED))
        return -EINVAL;
    if (pid == INT32_MIN)
        return -ESRCH;
    spin_lock(&process_tree_lock);
    child = wait_child(me, pid, options, &result);
    if (child) {
        result = child->pid;
        reaped = child->zombie;
        *status = reaped ? child->wait_status : child->stop_sig << 8 | 0x7f;
        child->stop_report = false;
        if (reaped)
            reap(me, child);
    }
    spin_unlock(&process_tree_lock);
    if (reaped)
        process_put(child);
    return result;
}
