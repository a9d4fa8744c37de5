/*
 * exit.c - how threads and processes end.
 *
 * A process ends when it is told to (exit(), a fatal signal): every thread gets `kill`, is woken
 * from any sleep that permits it, and leaves on its way to user mode. The last to leave takes the
 * process down, in an order that matters:
 *
 *     descriptors   a pager's session ends while its address space (the window) still stands
 *     memory        nobody runs in it: each thread has left it before it left the process
 *     family        children go to init, the parent is told; from here it is a zombie
 *
 * Locks: p->lock for the threads, process_tree_lock for the family; none while closing.
 */
#include "abi/errno.h"
#include "arch/riscv/hart.h"
#include "core/log.h"
#include "lib/assert.h"
#include "proc/futex.h"
#include "proc/internal.h"
#include "proc/signal.h"
#include "sched/sched.h"
#include "sched/timeout.h"
#include "vm/uaccess.h"

/* --- telling threads to leave --- */

static void kill_thread_locked(struct thread *t)
{
    __atomic_store_n(&t->kill, 1, __ATOMIC_RELAXED);
    signal_poke_locked(t);
}

static void kill_threads_locked(struct process *p, const struct thread *except)
{
    struct list *pos;

    list_for_each (pos, &p->threads) {
        struct thread *t = list_entry(pos, struct thread, proc_link);
        if (t != except)
            kill_thread_locked(t);
    }
    p->stopped = false;
    waitq_wake_all(&p->stop_waitq);
}

void process_begin_exit_locked(struct process *p, int wait_status)
{
    if (p->exiting)
        return;
    p->exiting = true;
    p->exit_status = wait_status;
    kill_threads_locked(p, NULL);
}

int process_kill_others(struct process *p, struct thread *t)
{
    int err = 0;

    spin_lock(&p->lock);
    if (p->exiting || p->exec_thread) {
        spin_unlock(&p->lock);
        return -EINTR;
    }
    p->exec_thread = t;
    kill_threads_locked(p, t);
    while (p->n_threads > 1 && !err)
        err = waitq_wait(&p->thread_waitq, &p->lock, TIME_NEVER, WAIT_KILL, "exec");
    if (err)
        p->exec_thread = NULL;
    spin_unlock(&p->lock);
    return err;
}

/* --- leaving --- */

static void add_times_locked(struct process *p, const struct thread *t)
{
    p->user_ns += t->user_ns;
    p->system_ns += t->system_ns;
    p->stall_ns += t->stall_ns;
    p->faults += t->faults;
    p->fills += t->fills;
}

/* Leaves the list of threads and says so, unless this is the last: then the process ends, with
 * `wait_status` if nothing has ended it before. */
static bool leave_unless_last(struct process *p, struct thread *t, int wait_status)
{
    bool last;

    spin_lock(&p->lock);
    last = p->n_threads == 1;
    if (last) {
        process_begin_exit_locked(p, wait_status);
    } else {
        add_times_locked(p, t);
        list_del(&t->proc_link);
        p->n_threads--;
        signal_offer_locked(p, p->sig_pending & ~t->sig_mask, t);
        waitq_wake_all(&p->thread_waitq);
    }
    spin_unlock(&p->lock);
    return !last;
}

/* Frees what a zombie does not need. The calling thread is the last one. */
static void release_resources(struct process *p)
{
    struct aspace *as;

    fdtable_close_all(&p->fds);
    fdtable_close_all(&p->fds); /* handles installed for a pager while its session was closing */
    fs_context_drop(&p->fs);
    spin_lock(&p->lock);
    as = p->as;
    p->as = NULL;
    spin_unlock(&p->lock);
    aspace_put(as);
    timeout_cancel(&p->alarm);
}

/* process_tree_lock is held. Zombies among the orphans wait for init's next waitpid(). */
static void give_children_to_init(struct process *p)
{
    struct process *init = radix_lookup(&process_tree, PID_INIT);
    struct list *pos;

    ASSERT(init && init != p);
    if (list_empty(&p->children))
        return;
    list_for_each (pos, &p->children)
        list_entry(pos, struct process, sibling)->parent = init;
    list_splice_tail(&init->children, &p->children);
    waitq_wake_all(&init->child_waitq);
    signal_send(init, ABI_SIGCHLD, p->pid);
}

static bool parent_wants_no_zombie(struct process *parent)
{
    bool ignored;

    spin_lock(&parent->lock);
    ignored = parent->actions[ABI_SIGCHLD].handler == ABI_SIG_IGN;
    spin_unlock(&parent->lock);
    return ignored;
}

/* The family learns of the death. From the moment the tree's lock is free the parent may reap. */
static void become_zombie(struct process *p, struct thread *t)
{
    struct process *parent;
    bool unwanted;

    spin_lock(&process_tree_lock);
    give_children_to_init(p);
    spin_lock(&p->lock);
    add_times_locked(p, t);
    list_del(&t->proc_link);
    p->n_threads = 0;
    spin_unlock(&p->lock);
    p->wait_status = p->exit_status;
    p->zombie = true;
    parent = p->parent;
    unwanted = parent_wants_no_zombie(parent);
    if (unwanted)
        process_remove(p);
    signal_send(parent, ABI_SIGCHLD, p->pid);
    waitq_wake_all(&parent->child_waitq);
    spin_unlock(&process_tree_lock);
    if (unwanted)
        process_put(p);
}

static void finish_init(const struct process *p)
{
    int status = p->exit_status;
    int sig = status & 0x7f;

    if (sig)
        log_print("init was killed by signal %d: powering off", sig);
    else
        log_print("init exited with status %d: powering off", status >> 8 & 0xff);
    machine_shutdown(sig ? 128 + sig : status >> 8 & 0xff);
}

void process_leave(int wait_status)
{
    struct thread *t = current_thread();
    struct process *p = t->proc;

    sched_set_pmap(&kernel_pmap);
    if (!leave_unless_last(p, t, wait_status)) {
        if (p->pid == PID_INIT)
            finish_init(p);
        release_resources(p);
        become_zombie(p, t);
    }
    t->proc = NULL;
    process_put(p);
    thread_exit_self();
}

void process_exit(int wait_status)
{
    struct process *p = current_process();

    spin_lock(&p->lock);
    process_begin_exit_locked(p, wait_status);
    spin_unlock(&p->lock);
    process_leave(wait_status);
}

void process_thread_exit(int code, uint64_t clear_and_wake)
{
    if (clear_and_wake && put_user_u32(clear_and_wake, 0) == 0)
        futex_wake(clear_and_wake, INT32_MAX);
    process_leave((code & 0xff) << 8);
}
