/*
 * internal.h - what the files of proc/ share and the floors above do not see.
 *
 * Functions named _locked want p->lock; those that want process_tree_lock say so.
 */
#ifndef PROC_INTERNAL_H
#define PROC_INTERNAL_H

#include "lib/radix.h"
#include "proc/process.h"

struct vmo;

extern struct spinlock process_tree_lock; /* RANK_PROC_TREE */
extern struct radix process_tree;         /* [tree] by pid */

/* process.c */
/* A process without pid, parent, threads and memory; one reference. NULL: no memory. */
struct process *process_alloc(void);
/* Gives it a pid and hangs it below `parent` (NULL: init), whose group and session it joins; the
 * tree takes a reference. 0, -ENOMEM, -EAGAIN (no pid left). */
int process_insert(struct process *p, struct process *parent);
/* Takes it out of the tree; process_tree_lock is held; the tree's reference goes to the caller. */
void process_remove(struct process *p);
/* Hangs a NEW thread in the process and gives it the address space: 0, or -EAGAIN if the process is
 * ending. */
int process_add_thread(struct process *p, struct thread *t);
/* Some process has this process group id / session id. process_tree_lock is held. */
bool process_group_exists(int32_t pgid);

/* exit.c */
/* Tells every thread to leave; the first status counts. */
void process_begin_exit_locked(struct process *p, int wait_status);
/* Tells all threads but `t` to leave and waits until they have: for exec. 0 or -EINTR. */
int process_kill_others(struct process *p, struct thread *t);
/* The calling thread leaves; the last one takes the process with it, with `wait_status` if nothing
 * else ended it. No lock held. */
__attribute__((noreturn)) void process_leave(int wait_status);

/* signal.c; SIGNAL_BIT(sig) is the set of one */
#define SIGNAL_BIT(sig)   (1ul << (sig))
#define SIGNAL_UNMASKABLE (SIGNAL_BIT(ABI_SIGKILL) | SIGNAL_BIT(ABI_SIGSTOP))
#define SIGNAL_ALL        ((SIGNAL_BIT(ABI_NSIG) - 1) & ~1ul)
enum signal_default { SIGNAL_TERMINATE, SIGNAL_IGNORE, SIGNAL_STOP, SIGNAL_CONTINUE };

enum signal_default signal_default_of(int sig);
/* Makes `t`, which has something to look at, do so soon. */
void signal_poke_locked(struct thread *t);
/* Sets t->interrupted by what is pending and unblocked now. */
void signal_update_locked(struct process *p, struct thread *t);
/* `t` was perhaps chosen for the pending signals in `set` and will not take them: tells the other
 * threads that can. */
void signal_offer_locked(struct process *p, uint64_t set, const struct thread *t);

/* sigaction.c */
void signal_init_process(struct process *p);
void signal_exec_locked(struct process *p, struct thread *t); /* handlers become default */

/* sigframe.c */
/* Builds the frame for a handler on the user stack; `mask` is what sigreturn() restores. Sleeps. */
int sigframe_push(struct thread *t, const struct abi_sigaction *sa, const struct abi_siginfo *info,
                  uint64_t mask);

/* elf.c */
struct elf_image {
    uint64_t entry;
    uint64_t end; /* first address after the last segment, page aligned */
};
/* Checks the file's headers and maps its segments into `as`, which must be the calling thread's
 * active (still private) address space. 0, -ENOEXEC, -ENOMEM, or a reading error. */
int elf_load(struct aspace *as, struct vmo *file, struct elf_image *out);
/* Reads [offset, offset + len) of the file's object; -ENOEXEC if that is beyond its end. */
int elf_read(struct vmo *file, uint64_t offset, void *buf, size_t len);

#endif
