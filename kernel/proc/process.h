/*
 * process.h - a process: address space, descriptors, threads, family.
 *
 * Found by pid in a radix tree. Reference-counted; a zombie keeps its struct (not its memory) until
 * the parent waits. References: one of the tree until the process is reaped, one of each thread
 * until it has left, one of each process_find(). Locks: RANK_PROC_TREE guards the tree, parents,
 * children, groups; RANK_PROC one process's threads, signals and status.
 *
 * Made by fork.c; replaced by exec.c; ended by exit.c; collected by wait.c; docs/processes.md.
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

enum { PID_MAX = 99999, PID_INIT = 1 };

struct process {
    struct refcount refs;
    int32_t pid;              /* [I] */
    struct spinlock lock;     /* RANK_PROC */
    struct process *parent;   /* [tree] NULL: init */
    struct list children;     /* [tree] */
    struct list sibling;      /* [tree] */
    int32_t pgid, sid;        /* [tree] */
    struct waitq child_waitq; /* [tree] the parent sleeps here */
    bool zombie;              /* [tree] */
    bool did_exec;            /* [tree] setpgid() by the parent is refused from now on */
    bool stop_report;         /* [tree] stopped, and waitpid() has not told yet */
    int32_t stop_sig;         /* [tree] by which signal */
    int32_t wait_status;      /* [tree] once zombie: code << 8, or signal | verdict errno << 16 */

    struct list threads;        /* [l] */
    uint32_t n_threads;         /* [l] */
    bool exiting;               /* [l] every thread is told to leave */
    bool stopped;               /* [l] threads wait in stop_waitq on their way to user mode */
    int32_t exit_status;        /* [l] once exiting: what wait_status will be */
    struct thread *exec_thread; /* [l] it waits for the others to leave */
    struct waitq thread_waitq;  /* [l] n_threads fell */
    struct waitq stop_waitq;    /* [l] */
    struct aspace *as;          /* [l] NULL once dead; own threads may read it without */
    struct fdtable fds;
    struct fs_context fs; /* [o] the threads serialise by `lock` for swaps of cwd */
    char name[32];        /* [l] last part of the program's path */

    struct abi_sigaction actions[ABI_NSIG];  /* [l] */
    uint64_t sig_pending;                    /* [l] for any thread */
    int32_t sig_sender;                      /* [l] */
    struct timeout alarm;                    /* [l] armed under the lock */
    uint64_t alarm_ns;                       /* [l] when it fires; 0: not armed */
    uint64_t user_ns, system_ns, stall_ns;   /* [l] of threads that ended */
    uint64_t child_user_ns, child_system_ns; /* [tree] */
    uint64_t faults, fills;                  /* [l] of threads that ended */
    uint64_t start_ns;                       /* [I] */
};

static inline struct process *current_process(void)
{
    return current_thread()->proc;
}

void process_init(void);
/* Starts /bin/init as pid 1 with the words of the kernel's command line as its arguments ("cmd="
 * and what follows is one). 0 or -errno. The program is loaded by the new thread itself; failing
 * that ends in a panic. */
int process_start_init(const char *cmdline);

void process_get(struct process *p);
void process_put(struct process *p);
struct process *process_find(int32_t pid); /* with a reference; NULL: none */
/* First process with a pid above `after`, with a reference; NULL: no more. */
struct process *process_next(int32_t after);
/* The address space with a reference; NULL: the process is dead. */
struct aspace *process_get_aspace(struct process *p);

/* fork(): pid of the child, or -ENOMEM, -EAGAIN. */
long process_fork(void);
/* A new thread of the calling process: its tid, or -EAGAIN, -EINVAL. */
long process_thread_create(uint64_t entry, uint64_t arg, uint64_t stack_top, uint64_t tls);

/*
 * execve(): the strings of a program's start, gathered in a kernel buffer: argc of argv, then envc
 * of envp, each with its NUL.
 */
struct exec_args {
    char *buf;
    size_t len, capacity; /* bytes */
    uint32_t argc, envc;
};
void exec_args_init(struct exec_args *ea);
void exec_args_drop(struct exec_args *ea);
/* Appends; `count` is &argc or &envc (all of argv before the first of envp). 0, -E2BIG, -ENOMEM. */
int exec_args_add(struct exec_args *ea, const char *string, uint32_t *count);
/* Appends the strings of a user array that a NULL pointer ends. 0, as above, or a copying error. */
int exec_args_add_user(struct exec_args *ea, uint64_t uarray, uint32_t *count);

/* Replaces the program of the calling process: argc, the value for a0, with the trap frame the new
 * program's; or -errno and nothing has changed (-EINTR when the thread is told to leave). */
long process_exec(const char *path, struct exec_args *ea);

/* Ends the process of the calling thread with a wait status. */
__attribute__((noreturn)) void process_exit(int wait_status);
/* Ends the calling thread; the last one ends the process with `code`. `clear_and_wake`: user word
 * to zero and wake, or 0. */
__attribute__((noreturn)) void process_thread_exit(int code, uint64_t clear_and_wake);
long process_getppid(void); /* 0: init has none */
/* waitpid(). Pid, 0 (WNOHANG), -ECHILD, -EINTR, -EINVAL. */
long process_wait(int32_t pid, int options, int32_t *status);

/* Groups and sessions, as POSIX has them (group.c). */
long process_setpgid(int32_t pid, int32_t pgid);
long process_getpgid(int32_t pid);
long process_setsid(void);

/* Time used by all threads, those that ended too. */
void process_times(struct process *p, struct abi_times *out);
/* A record for INFO_PROCS. Sleeps; no lock. */
void process_info(struct process *p, struct info_proc *out);
/* Prints every thread, for ^P. Callable from an interrupt. */
void process_print_all(void);
/* Checks the tree and each process; the faults found, printed. For kcheck(). */
int process_check(void);

/* Sync, end all processes, clean the file system, power off. Once; a second caller waits. */
__attribute__((noreturn)) void machine_shutdown(int status);

#endif
