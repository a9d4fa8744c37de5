/*
 * file.h - open files: what a descriptor names, whatever it is (one descriptor space for files,
 * directories, pipes, console, devices, pager sessions, later channels and memory objects).
 *
 * A struct file is shared by dup() and fork(); its operations come from a typed table. Operations
 * get user addresses and use vm/uaccess.h; they are called with a reference and no lock held and
 * may sleep. A missing operation gives the error named at it. The offset is taken, not locked: one
 * read, write, seek or getdents at a time, others sleep until it is given back, and no lock is held
 * while user memory is touched.
 */
#ifndef FS_FILE_H
#define FS_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/fs.h"
#include "core/refcount.h"
#include "core/spinlock.h"
#include "lib/list.h"
#include "sched/waitq.h"

struct file;
struct poll_table;
struct vmo;
struct map_request;

/* As *offset of a write: at the end of the file, wherever that is when the write happens. */
#define FILE_APPEND ((int64_t)-1)

struct file_ops {
    /* `offset`: where, moved on by what was done; NULL for things without (pipes, console), then
     * pread/pwrite are ESPIPE. Bytes moved (short at end of file), or -errno if nothing was. */
    long (*read)(struct file *f, uint64_t uaddr, size_t len, int64_t *offset); /* missing: EINVAL */
    long (*write)(struct file *f, uint64_t uaddr, size_t len,
                  int64_t *offset); /* missing: EINVAL */
    /* The new offset, which file_seek() then sets; `from` is the present one. Missing: ESPIPE. */
    int64_t (*seek)(struct file *f, int64_t from, int64_t offset, int whence);
    int (*stat)(struct file *f, struct abi_stat *st); /* missing: EINVAL */
    int (*truncate)(struct file *f, int64_t len);     /* missing: EINVAL */
    int (*sync)(struct file *f);                      /* missing: EINVAL */
    /* As read(), of whole directory entries from cookie *offset. Missing: ENOTDIR. */
    long (*getdents)(struct file *f, uint64_t uaddr, size_t len, int64_t *offset);
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
    uint32_t flags;             /* [a] ABI_O_*: access mode [I], APPEND and NONBLOCK may change */
    bool seekable;              /* [I] */
    bool close_on_fork;         /* [I] pager sessions: a child does not get it */
    bool pos_taken;             /* [l] a read, write or seek is under way */
    struct spinlock lock;       /* RANK_FILE */
    int64_t offset;             /* [o] of who set pos_taken */
    struct waitq pos_waitq;     /* [l] */
};

/* A new open file with one reference; NULL: no memory (data is still the caller's). Those with a
 * seek operation are seekable. */
struct file *file_create(const struct file_ops *ops, void *data, uint32_t flags);
void file_get(struct file *f);
void file_put(struct file *f); /* the last one closes; may sleep, no lock */

static inline uint32_t file_flags(const struct file *f)
{
    return __atomic_load_n(&f->flags, __ATOMIC_RELAXED);
}
static inline bool file_readable(const struct file *f)
{
    return (file_flags(f) & ABI_O_ACCMODE) != ABI_O_WRONLY;
}
static inline bool file_writable(const struct file *f)
{
    return (file_flags(f) & ABI_O_ACCMODE) != ABI_O_RDONLY;
}
/* Sets APPEND and NONBLOCK as in `flags` (F_SETFL). */
void file_set_flags(struct file *f, uint32_t flags);

/* read/write/pread/pwrite as system calls do them: checks the mode, serialises the offset. */
long file_read(struct file *f, uint64_t uaddr, size_t len);
long file_write(struct file *f, uint64_t uaddr, size_t len);
long file_pread(struct file *f, uint64_t uaddr, size_t len, int64_t offset);
long file_pwrite(struct file *f, uint64_t uaddr, size_t len, int64_t offset);
int64_t file_seek(struct file *f, int64_t offset, int whence);
long file_getdents(struct file *f, uint64_t uaddr, size_t len);
int file_stat(struct file *f, struct abi_stat *st);
int file_poll(struct file *f, struct poll_table *pt);

/*
 * poll(): a file's poll operation calls poll_register(pt, &source) for each source of events that
 * may make it ready, and whoever makes it ready calls poll_notify(&source). (fs/poll.c) The source
 * lives as long as the file.
 */
struct poll_source {
    struct spinlock lock;      /* RANK_POLL */
    struct list registrations; /* [l] of polling threads */
};
#define POLL_SOURCE_INIT(s)                                                                        \
    {                                                                                              \
        .lock = SPINLOCK_INIT(RANK_POLL), .registrations = LIST_INIT((s).registrations)            \
    }
void poll_source_init(struct poll_source *s);
void poll_register(struct poll_table *pt, struct poll_source *s); /* pt NULL: nothing */
void poll_notify(struct poll_source *s); /* any lock below RANK_POLL may be held */

/* poll(): looks at n descriptors' files (files[i] NULL: skipped) for fds[i].events, sets revents,
 * and waits until one has any or the deadline passes. How many have; -EINTR, -ENOMEM. */
long poll_files(struct file **files, struct abi_pollfd *fds, unsigned n, uint64_t deadline_ns);

#endif
