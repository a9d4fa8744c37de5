/*
 * fdtable.h - the descriptors of one process: small numbers to open files.
 *
 * Grows as needed up to ABI_OPEN_MAX. Lock: RANK_FDTABLE, never held across a close: functions
 * that remove an entry put the file afterwards. Shared by the threads of a process.
 */
#ifndef FS_FDTABLE_H
#define FS_FDTABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/spinlock.h"
#include "fs/file.h"

struct fdtable {
    struct spinlock lock;
    struct file **files; /* [l] capacity entries, each with a reference; NULL: free */
    uint64_t *cloexec;   /* [l] bitmap */
    unsigned capacity;   /* [l] */
    unsigned count;      /* [l] open ones */
    unsigned first_free; /* [l] no free entry below */
};

int fdtable_init(struct fdtable *t);
/* Copies references for fork, leaving out close_on_fork files. 0 or -ENOMEM (then empty). */
int fdtable_copy(struct fdtable *to, struct fdtable *from);
void fdtable_close_all(struct fdtable *t);  /* at exit; sleeps */
void fdtable_close_exec(struct fdtable *t); /* at exec; sleeps */

/* Installs at the lowest free number >= min; takes over the caller's reference on success.
 * The descriptor, or -EMFILE, -ENOMEM. */
int fdtable_install(struct fdtable *t, struct file *f, int min, bool cloexec);
/* Installs at exactly fd, closing what was there (dup2). */
int fdtable_install_at(struct fdtable *t, struct file *f, int fd, bool cloexec);
/* The file with a new reference, or NULL. */
struct file *fdtable_get(struct fdtable *t, int fd);
int fdtable_close(struct fdtable *t, int fd); /* 0 or -EBADF */
int fdtable_get_cloexec(struct fdtable *t, int fd);
int fdtable_set_cloexec(struct fdtable *t, int fd, bool on);

#endif
