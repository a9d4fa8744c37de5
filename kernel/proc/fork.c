/*
 * fork.c - new processes and new threads.
 *
 * A child is complete before it is hung in the tree and started: address space (references, not
 * bytes), descriptors, working directory, signal actions, the frame and floating-point registers of
 * the forking thread. Whatever fails before that is undone, and nobody saw it. A child gets no
 * pending signals, no alarm, no other threads, no pager session.
 *
 * The first process is made here too: its thread begins in the kernel and loads /bin/init itself.
 */
#include "abi/errno.h"
#include "arch/riscv/trap.h"
#include "core/counter.h"
#include "core/panic.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "proc/internal.h"
#include "sched/sched.h"

enum { TID_FIRST = PID_MAX + 1 }; /* a first thread's id is its process's; the others' follow */

static void enter_user(void *arg)
{
    (void)arg;
    trap_return();
}

static struct thread *user_thread_create(const char *name, const struct thread *like)
{
    struct thread *t = thread_create(name, enter_user, NULL);

    if (!t)
        return NULL;
    t->tf = like->tf;
    t->sig_mask = like->sig_mask_saved ? like->sig_saved_mask : like->sig_mask;
    sched_fp_reload(t); /* off, until its first use loads t->fp */
    return t;
}

/* The forking thread again: same registers, but a0 is 0. */
static struct thread *fork_thread(struct thread *me)
{
    struct thread *t;

    sched_fp_save(me);
    t = user_thread_create(me->name, me);
    if (!t)
        return NULL;
    t->tf.x[10] = 0;
    t->fp = me->fp;
    t->fp_used = me->fp_used;
    t->altstack_base = me->altstack_base;
    t->altstack_size = me->altstack_size;
    return t;
}

/* Gives up a process that nobody has seen. */
static void fork_undo(struct process *p)
{
    struct aspace *as = p->as;

    fdtable_close_all(&p->fds);
    fs_context_drop(&p->fs);
    p->as = NULL;
    if (as)
        aspace_put(as);
    process_put(p);
}

static int fork_copy(struct process *child, struct process *parent)
{
    int err = fdtable_copy(&child->fds, &parent->fds);

    if (err) {
        process_put(child);
        return err;
    }
    spin_lock(&parent->lock);
    fs_context_copy(&child->fs, &parent->fs);
    memcpy(child->actions, parent->actions, sizeof(child->actions));
    memcpy(child->name, parent->name, sizeof(child->name));
    spin_unlock(&parent->lock);
    child->as = aspace_fork(parent->as);
    if (!child->as) {
        fork_undo(child);
        return -ENOMEM;
    }
    return 0;
}

/* Hangs the complete child in the tree and lets it run. Its thread is in place before anybody can
 * find it, so that a signal to it has whom to tell. */
static long fork_publish(struct process *child, struct process *parent, struct thread *t)
{
    int err = process_add_thread(child, t);
    int32_t pid;

    ASSERT(!err);
    err = process_insert(child, parent);
    if (err) {
        list_del(&t->proc_link);
        thread_put(t);
        process_put(child); /* the thread's reference */
        fork_undo(child);
        return err;
    }
    pid = child->pid;
    t->tid = pid;
    counter_inc(COUNTER_forks);
    sched_start(t);
    process_put(child);
    return pid;
}

long process_fork(void)
{
    struct thread *me = current_thread();
    struct process *child = process_alloc();
    struct thread *t;
    int err;

    if (!child)
        return -ENOMEM;
    err = fork_copy(child, me->proc);
    if (err)
        return err;
    t = fork_thread(me);
    if (!t) {
        fork_undo(child);
        return -ENOMEM;
    }
    return fork_publish(child, me->proc, t);
}

long process_thread_create(uint64_t entry, uint64_t arg, uint64_t stack_top, uint64_t tls)
{
    static int32_t last_tid = TID_FIRST - 1;
    struct thread *me = current_thread();
    struct thread *t;
    int32_t tid;
    int err;

    if (entry >= USER_END || stack_top > USER_END || (entry & 1))
        return -EINVAL;
    t = user_thread_create(me->name, me);
    if (!t)
        return -EAGAIN;
    t->tf.sepc = entry;
    t->tf.x[1] = 0;
    t->tf.x[2] = stack_top & ~15ul;
    t->tf.x[4] = tls;
    t->tf.x[8] = 0;
    t->tf.x[10] = arg;
    tid = __atomic_add_fetch(&last_tid, 1, __ATOMIC_RELAXED);
    t->tid = tid;
    err = process_add_thread(me->proc, t);
    if (err) {
        thread_put(t);
        return err;
    }
    sched_start(t);
    return tid;
}

/* --- the first process --- */

/* The words of the kernel's command line; "cmd=" takes the rest of the line as it is. */
static int add_words(struct exec_args *ea, const char *line)
{
    char word[128];
    int err = 0;

    while (!err) {
        size_t n = 0;
        while (*line == ' ')
            line++;
        if (!*line)
            break;
        if (strncmp(line, "cmd=", 4) == 0)
            return exec_args_add(ea, line, &ea->argc);
        while (*line && *line != ' ' && n < sizeof(word) - 1)
            word[n++] = *line++;
        word[n] = '\0';
        err = exec_args_add(ea, word, &ea->argc);
    }
    return err;
}

static void init_args(struct exec_args *ea, const char *cmdline)
{
    int err;

    exec_args_init(ea);
    err = exec_args_add(ea, "/bin/init", &ea->argc);
    if (!err && cmdline)
        err = add_words(ea, cmdline);
    if (!err)
        err = exec_args_add(ea, "PATH=/bin", &ea->envc);
    if (!err)
        err = exec_args_add(ea, "HOME=/", &ea->envc);
    if (err)
        panic("no memory for the arguments of /bin/init");
}

/* First code of the first process's thread. */
static void init_main(void *cmdline)
{
    struct exec_args ea;
    long err;

    init_args(&ea, cmdline);
    err = process_exec("/bin/init", &ea);
    exec_args_drop(&ea);
    if (err < 0)
        panic("cannot start /bin/init: error %ld", -err);
    trap_return();
}

int process_start_init(const char *cmdline)
{
    struct process *p = process_alloc();
    struct thread *t = thread_create("init", init_main, (void *)(uintptr_t)cmdline);
    int err = -ENOMEM;

    if (!p || !t)
        return err;
    strlcpy(p->name, "init", sizeof(p->name));
    err = fdtable_init(&p->fds);
    if (!err)
        err = fs_context_init(&p->fs);
    if (!err)
        p->as = aspace_create();
    if (!err && !p->as)
        err = -ENOMEM;
    if (!err)
        err = process_insert(p, NULL);
    if (err)
        return err; /* the boot ends here: nothing to give back to */
    ASSERT(p->pid == PID_INIT);
    t->tid = p->pid;
    t->tf.sstatus = TRAP_SSTATUS_USER;
    err = process_add_thread(p, t);
    process_put(p);
    sched_start(t);
    return err;
}
