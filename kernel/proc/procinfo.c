/*
 * procinfo.c - what processes look like from outside: records for ps, times, ^P, and kcheck().
 *
 * Counters of running threads are read while they change; that is good enough to look at. Locks:
 * one p->lock at a time; the address space is asked without it.
 */
#include "core/log.h"
#include "lib/string.h"
#include "lib/types.h"
#include "proc/internal.h"

/* --- records --- */

static uint32_t thread_state(const struct process *p, const struct thread *t)
{
    switch (__atomic_load_n(&t->state, __ATOMIC_RELAXED)) {
    case THREAD_RUNNING:
        return INFO_RUNNING;
    case THREAD_READY:
    case THREAD_NEW:
        return INFO_READY;
    default:
        return p->stopped ? INFO_STOPPED : INFO_SLEEPING;
    }
}

/* Folds one thread into the record: sums, and the state of the busiest. */
static void add_thread(const struct process *p, const struct thread *t, struct info_proc *out)
{
    uint32_t state = thread_state(p, t);
    const char *wait = t->wait_name;

    out->threads++;
    out->user_ns += t->user_ns;
    out->system_ns += t->system_ns;
    out->stall_ns += t->stall_ns;
    out->faults += t->faults;
    out->fills += t->fills;
    if (state >= out->state)
        return;
    out->state = state;
    strlcpy(out->wait, wait && state >= INFO_SLEEPING ? wait : "", sizeof(out->wait));
}

static void fill_family(struct process *p, struct info_proc *out)
{
    spin_lock(&process_tree_lock);
    out->pid = p->pid;
    out->ppid = p->parent ? p->parent->pid : 0;
    out->pgid = p->pgid;
    spin_unlock(&process_tree_lock);
}

static void fill_threads(struct process *p, struct info_proc *out)
{
    struct list *pos;

    spin_lock(&p->lock);
    out->state = INFO_ZOMBIE;
    out->user_ns = p->user_ns;
    out->system_ns = p->system_ns;
    out->stall_ns = p->stall_ns;
    out->faults = p->faults;
    out->fills = p->fills;
    strlcpy(out->name, p->name, sizeof(out->name));
    list_for_each (pos, &p->threads)
        add_thread(p, list_entry(pos, struct thread, proc_link), out);
    out->fds = out->state == INFO_ZOMBIE ? 0 : p->fds.count;
    spin_unlock(&p->lock);
}

void process_info(struct process *p, struct info_proc *out)
{
    struct aspace *as = process_get_aspace(p);

    memset(out, 0, sizeof(*out));
    fill_family(p, out);
    fill_threads(p, out);
    if (!as)
        return;
    out->vsize_pages = as->mapped_pages;
    out->resident_pages = aspace_resident_pages(as);
    aspace_put(as);
}

void process_times(struct process *p, struct abi_times *out)
{
    struct info_proc info = {0};

    fill_threads(p, &info);
    *out = (struct abi_times){
        .user_ns = info.user_ns,
        .system_ns = info.system_ns,
        .child_user_ns = p->child_user_ns,
        .child_system_ns = p->child_system_ns,
        .stall_ns = info.stall_ns,
    };
}

/* --- ^P --- */

static void print_thread(struct thread *t, void *arg)
{
    static const char *const names[] = {"new", "ready", "running", "waiting", "exited"};
    unsigned state = t->state;
    const char *wait = t->wait_name;

    (void)arg;
    log_print("%6d %-8s hart %u  %-20s %s", t->tid, state < ARRAY_SIZE(names) ? names[state] : "?",
              t->hart->index, t->name, state == THREAD_WAITING && wait ? wait : "");
}

void process_print_all(void)
{
    log_print("\nthreads:");
    thread_for_each(print_thread, NULL);
}

/* --- kcheck --- */

static int fault_found(const struct process *p, const char *what)
{
    log_print("kcheck: process %d: %s", p->pid, what);
    return 1;
}

static int check_threads(struct process *p)
{
    struct list *pos;
    uint32_t n = 0;
    int faults = 0;

    spin_lock(&p->lock);
    list_for_each (pos, &p->threads) {
        n++;
        if (list_entry(pos, struct thread, proc_link)->proc != p)
            faults += fault_found(p, "a thread names another process");
    }
    if (n != p->n_threads)
        faults += fault_found(p, "the number of threads is wrong");
    if (!n && p->as)
        faults += fault_found(p, "memory without threads");
    spin_unlock(&p->lock);
    return faults;
}

static int check_family(struct process *p)
{
    struct list *pos;
    int faults = 0;

    if (ref_read(&p->refs) == 0)
        faults += fault_found(p, "no reference");
    if (p->parent ? list_empty(&p->sibling) : p->pid != PID_INIT)
        faults += fault_found(p, "not among its parent's children");
    list_for_each (pos, &p->children)
        if (list_entry(pos, struct process, sibling)->parent != p)
            faults += fault_found(p, "a child names another parent");
    return faults;
}

int process_check(void)
{
    uint64_t pid = 0;
    struct process *p;
    int faults = 0;

    spin_lock(&process_tree_lock);
    for (; (p = radix_next(&process_tree, &pid)); pid++) {
        if ((uint64_t)p->pid != pid)
            faults += fault_found(p, "stands under another pid");
        faults += check_family(p) + check_threads(p);
    }
    spin_unlock(&process_tree_lock);
    return faults;
}
