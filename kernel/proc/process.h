/*
 * process.h - a process: address space, descriptors, threads, family.
 *
 * Found by pid in a radix tree. Reference-counted; a zombie keeps its struct (not its memory) until
 * the parent waits. Locks: RANK_PROC_TREE guards the tree, parents, children, groups; RANK_PROC one
 * process's threads, signals and status.
 */
#ifndef PROC_PROCESS_H
#define PROC_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/proc.h"
#include "core/refcount.h"
#include "fs/fdtable.h"
#include "fs/vnode.h"
#include "sched/thread.h"
#include "vm/aspace.h"

struct process {
    struct refcount refs;
    int32_t pid;               /* [I] */
    struct spinlock lock;      /* RANK_PROC */
    struct process *parent;    /* [tree] */
    struct list children;      /* [tree] */
    struct list sibling;       /* [tree] */
    int32_t pgid, sid;         /* [tree] */
    struct waitq child_waitq;  /* [tree] the parent sleeps here */
    bool zombie;               /* [tree] */
    int32_t wait_status;       /* [tree] once zombie: code << 8, or signal | verdict errno << 16 */

    struct list threads;       /* [l] */
    uint32_t n_threads;        /* [l] */
    bool exiting;              /* [l] */
    struct waitq thread_waitq; /* [l] n_threads fell */
    struct aspace *as;         /* [l] NULL once dead */
    struct fdtable fds;
    struct fs_context fs;      /* [o] the threads serialise by `lock` for swaps of cwd */
    char name[32];             /* [l] last part of the program's path */

    struct abi_sigaction actions[ABI_NSIG]; /* [l] */
    uint64_t sig_pending;      /* [l] for any thread */
    int32_t sig_sender;        /* [l] */
    struct timeout alarm;
    uint64_t user_ns, system_ns, stall_ns;  /* [l] of threads that ended */
    uint64_t child_user_ns, child_system_ns; /* [tree] */
    uint64_t faults, fills;    /* [l] of threads that ended */
    uint64_t start_ns;         /* [I] */
};

static inline struct process *current_process(void)
{
    return current_thread()->proc;
}

void process_init(void);
/* Starts /bin/init as pid 1 with the kernel command line as its arguments. 0 or -errno. */
int process_start_init(const char *cmdline);

void process_get(struct process *p);
void process_put(struct process *p);
struct process *process_find(int32_t pid); /* with a reference; NULL: none */
/* First process with a pid above `after`, with a reference; NULL: no more. */
struct process *process_next(int32_t after);

/* fork(): pid of the child, or -errno. */
long process_fork(void);
/* execve() with kernel copies of path and strings: see exec.c. Does not return on success to the old
 * image: the trap frame is the new program's. */
long process_exec(const char *path, char *const argv[], char *const envp[]);
/* Ends the process of the calling thread with a wait status. */
__attribute__((noreturn)) void process_exit(int wait_status);
/* waitpid(). */
long process_wait(int32_t pid, int options, int32_t *status);

#endif
