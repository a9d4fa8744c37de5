/*
 * file.h - open files: what a descriptor names, whatever it is (one descriptor space for files,
 * directories, pipes, console, devices, pager sessions, later channels and memory objects).
 *
 * A struct file is shared by dup() and fork(); its operations come from a typed table. Operations
 * get user addresses and use vm/uaccess.h; they are called with a reference and no lock held and may
 * sleep. A missing operation gives the error named at it.
 */
#ifndef FS_FILE_H
#define FS_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/fs.h"
#include "core/refcount.h"
#include "core/spinlock.h"
#include "sched/waitq.h"

struct file;
struct poll_table;
struct vmo;
struct map_request;

struct file_ops {
    /* `offset`: where; NULL for things without (pipes, console), then pread/pwrite are ESPIPE.
     * Bytes moved (short at end of file), or -errno if nothing was. */
    long (*read)(struct file *f, uint64_t uaddr, size_t len, int64_t *offset);  /* missing: EINVAL */
    long (*write)(struct file *f, uint64_t uaddr, size_t len, int64_t *offset); /* missing: EINVAL */
    int64_t (*seek)(struct file *f, int64_t offset, int whence);  /* missing: ESPIPE */
    int (*stat)(struct file *f, struct abi_stat *st);             /* missing: EINVAL */
    int (*truncate)(struct file *f, int64_t len);                 /* missing: EINVAL */
    int (*sync)(struct file *f);                                  /* missing: EINVAL */
    long (*getdents)(struct file *f, uint64_t uaddr, size_t len); /* missing: ENOTDIR */
    long (*ioctl)(struct file *f, uint64_t request, uint64_t arg); /* missing: ENOTTY */
    /* ABI_POLL* that hold now; registers on the table if it is not NULL. Missing: IN|OUT. */
    int (*poll)(struct file *f, struct poll_table *pt);
    /* Completes a mapping request: sets vmo (with a user reference the caller puts) or window,
     * prot_max. Missing: ENODEV. */
    int (*mmap)(struct file *f, struct map_request *req);
    /* The last reference is gone. */
    void (*close)(struct file *f);
};

struct file {
    struct refcount refs;
    const struct file_ops *ops; /* [I] */
    void *data;                 /* [I] inode, pipe, session, ... */
    uint32_t flags;             /* [l] ABI_O_*: access mode [I], APPEND and NONBLOCK may change */
    bool seekable;              /* [I] */
    struct spinlock lock;       /* RANK_FILE */
    int64_t offset;             /* [o] of who set pos_taken */
    bool pos_taken;             /* [l] a read, write or seek is under way */
    struct waitq pos_waitq;     /* [l] */
    bool close_on_fork;         /* [I] pager sessions: a child does not get it */
};

/* A new open file with one reference; NULL: no memory (data is still the caller's). */
struct file *file_create(const struct file_ops *ops, void *data, uint32_t flags);
void file_get(struct file *f);
void file_put(struct file *f); /* the last one closes; may sleep, no lock */

/* read/write/pread/pwrite as system calls do them: checks the mode, serialises the offset. */
long file_read(struct file *f, uint64_t uaddr, size_t len);
long file_write(struct file *f, uint64_t uaddr, size_t len);
long file_pread(struct file *f, uint64_t uaddr, size_t len, int64_t offset);
long file_pwrite(struct file *f, uint64_t uaddr, size_t len, int64_t offset);

/*
 * poll(): a file's poll operation calls poll_register(pt, &source) for each source of events that
 * may make it ready, and whoever makes it ready calls poll_notify(&source). (fs/poll.c)
 */
struct poll_source {
    struct spinlock lock; /* RANK_POLL */
    struct waitq waiters; /* [l] */
    uint64_t events;      /* [l] counts notifications */
};
void poll_source_init(struct poll_source *s);
void poll_register(struct poll_table *pt, struct poll_source *s);
void poll_notify(struct poll_source *s); /* any lock below RANK_POLL may be held */

#endif
