/*
 * process.c - the table of processes: pids, references, lookup, threads.
 *
 * Owns the radix tree of all processes by pid (zombies too) and the hand-out of pids: they rise and
 * wrap after PID_MAX, passing over those that are still some process's, group's or session's.
 * Does not own how a process comes to be (fork.c, exec.c) or ends (exit.c, wait.c).
 *
 * Locks: process_tree_lock (RANK_PROC_TREE) for the tree and the family, then p->lock. Nodes of
 * the tree are allocated outside the lock.
 */
#include "proc/process.h"

#include "abi/errno.h"
#include "dev/console.h"
#include "fs/devfile.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "lib/types.h"
#include "mem/kalloc.h"
#include "proc/futex.h"
#include "proc/internal.h"
#include "proc/signal.h"
#include "sched/sched.h"

static const struct radix_ops tree_ops = {kalloc, kfree};

struct spinlock process_tree_lock = SPINLOCK_INIT(RANK_PROC_TREE);
struct radix process_tree;
static int32_t last_pid; /* [tree] handed out last */
static bool wrapped;     /* [tree] pids have begun again: groups may outlive their leaders */

static struct kcache process_cache = KCACHE_INIT("process", struct process);

void process_init(void)
{
    static const struct console_hooks hooks = {
        .signal_group = signal_console,
        .poll_ready = devfile_console_ready,
        .print_state = process_print_all,
    };

    radix_init(&process_tree, &tree_ops);
    futex_init();
    console_set_hooks(&hooks);
}

struct process *process_alloc(void)
{
    struct process *p = kcache_alloc_zero(&process_cache);

    if (!p)
        return NULL;
    ref_init(&p->refs, 1);
    spin_init(&p->lock, RANK_PROC);
    list_init(&p->children);
    list_init(&p->sibling);
    list_init(&p->threads);
    waitq_init(&p->child_waitq);
    waitq_init(&p->thread_waitq);
    waitq_init(&p->stop_waitq);
    p->start_ns = time_now_ns();
    signal_init_process(p);
    return p;
}

void process_get(struct process *p)
{
    ref_get(&p->refs);
}

void process_put(struct process *p)
{
    if (!ref_put(&p->refs))
        return;
    ASSERT(!p->as && list_empty(&p->threads) && list_empty(&p->children));
    kcache_free(&process_cache, p);
}

bool process_group_exists(int32_t pgid)
{
    uint64_t pid = 0;
    struct process *p;

    for (; (p = radix_next(&process_tree, &pid)); pid++)
        if (p->pgid == pgid || p->sid == pgid)
            return true;
    return false;
}

static bool pid_taken(int32_t pid)
{
    return radix_lookup(&process_tree, (uint64_t)pid) || (wrapped && process_group_exists(pid));
}

/* Next free pid; 0: none. */
static int32_t pid_pick(void)
{
    int32_t pid = last_pid;

    for (int32_t tries = 0; tries < PID_MAX; tries++) {
        if (++pid > PID_MAX) {
            pid = PID_INIT + 1;
            wrapped = true;
        }
        if (!pid_taken(pid))
            return pid;
    }
    return 0;
}

static void join_family(struct process *p, struct process *parent)
{
    if (parent) {
        p->parent = parent;
        p->pgid = parent->pgid;
        p->sid = parent->sid;
        list_add_tail(&parent->children, &p->sibling);
    } else {
        p->pgid = p->sid = p->pid;
    }
}

int process_insert(struct process *p, struct process *parent)
{
    struct radix_preload nodes;
    int err = radix_preload(&process_tree, PID_MAX, &nodes);

    if (err)
        return err;
    spin_lock(&process_tree_lock);
    p->pid = pid_pick();
    err = p->pid ? radix_insert_preload(&process_tree, (uint64_t)p->pid, p, &nodes) : -EAGAIN;
    if (!err) {
        last_pid = p->pid;
        process_get(p);
        join_family(p, parent);
    }
    spin_unlock(&process_tree_lock);
    radix_preload_drop(&process_tree, &nodes);
    return err;
}

void process_remove(struct process *p)
{
    ASSERT(spin_held(&process_tree_lock));
    radix_remove(&process_tree, (uint64_t)p->pid);
    list_del(&p->sibling);
    p->parent = NULL;
}

struct process *process_find(int32_t pid)
{
    struct process *p = NULL;

    if (pid <= 0)
        return NULL;
    spin_lock(&process_tree_lock);
    p = radix_lookup(&process_tree, (uint64_t)pid);
    if (p)
        process_get(p);
    spin_unlock(&process_tree_lock);
    return p;
}

struct process *process_next(int32_t after)
{
    uint64_t pid = after < 0 ? 0 : (uint64_t)after + 1;
    struct process *p;

    spin_lock(&process_tree_lock);
    p = radix_next(&process_tree, &pid);
    if (p)
        process_get(p);
    spin_unlock(&process_tree_lock);
    return p;
}

struct aspace *process_get_aspace(struct process *p)
{
    struct aspace *as;

    spin_lock(&p->lock);
    as = p->as;
    if (as)
        aspace_get(as);
    spin_unlock(&p->lock);
    return as;
}

int process_add_thread(struct process *p, struct thread *t)
{
    spin_lock(&p->lock);
    if (p->exiting || p->exec_thread) {
        spin_unlock(&p->lock);
        return -EAGAIN;
    }
    process_get(p);
    t->proc = p;
    t->pmap = p->as ? &p->as->pmap : &kernel_pmap;
    list_add_tail(&p->threads, &t->proc_link);
    p->n_threads++;
    if (p->stopped)
        t->interrupted = 1;
    spin_unlock(&p->lock);
    return 0;
}
