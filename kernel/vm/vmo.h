/*
 * vmo.h - memory objects: the pages of a file or of shared memory, each once.
 *
 * Every mapping, read() and write() of a file goes through its one object. An object knows its
 * pages (radix tree by page number), their states, who maps it (for taking mappings back), and how
 * pages are filled and flushed: by its host in the kernel (struct vmo_ops: file system, or none for
 * anonymous memory) or, once bound, by a pager session (vm/pager.h).
 *
 * Two counts: `refs` counts users (mappings, dirty pages, open operations); the first and the last
 * tell the host (ops->hold, ops->release: for a file, a reference on its inode), the last one of an
 * anonymous object destroys it. `pins` keeps the struct itself.
 * Lock: vmo->lock (RANK_VMO), a spinlock; never held across a fill.
 */
#ifndef VM_VMO_H
#define VM_VMO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/refcount.h"
#include "core/spinlock.h"
#include "lib/list.h"
#include "lib/radix.h"
#include "lib/rbtree.h"
#include "mem/page.h"
#include "sched/waitq.h"
#include "vm/page_state.h"

struct vmo;
struct pager_binding;

/* What the host of an object provides. All but hold() may sleep and are called with no lock. */
struct vmo_ops {
    /* Reads n contiguous pages from the backing store into frames (contents undefined before; all
     * must be written, zeros beyond the end of file). 0 or -errno. */
    int (*fill)(struct vmo *vmo, uint64_t index, struct page **pages, unsigned n);
    /* Writes n contiguous pages; only `valid_bytes` of the run, counted from its start. Space is
     * there (prepare_write). 0 or -errno; done when the device has taken the data. */
    int (*flush)(struct vmo *vmo, uint64_t index, struct page **pages, unsigned n,
                 uint64_t valid_bytes);
    /* Makes what flush(), or a pager, has written durable. 0 or -errno. May be missing. */
    int (*commit)(struct vmo *vmo);
    /* Makes sure that a store to these pages can be written back: reserves disk blocks. 0, -ENOSPC,
     * -EROFS, -EIO. Called before a page first becomes dirty. */
    int (*prepare_write)(struct vmo *vmo, uint64_t index, unsigned n);
    /* Some page was stored to through a mapping: the host notes the time. */
    void (*modified)(struct vmo *vmo);
    /* True when nobody can ever read the object again (file unlinked, no opens): dirty pages may
     * be dropped. Called only while dirty pages are the last user. */
    bool (*discardable)(struct vmo *vmo);
    void (*hold)(
        struct vmo *vmo); /* refs 0 -> 1: must not sleep; the caller keeps the host alive */
    void (*release)(struct vmo *vmo); /* refs 1 -> 0 */
    /* The name for pmap(1): at most len bytes with the NUL. May not sleep. */
    void (*name)(struct vmo *vmo, char *buf, size_t len);
};

enum {                         /* struct page.flags */
       VM_PAGE_RESERVED = 1,   /* prepare_write() succeeded for it */
       VM_PAGE_REFERENCED = 2, /* used since page-out last looked */
       VM_PAGE_MAPPED_W = 8,   /* may be writable in some mapping */
       VM_PAGE_ORPHAN =
           16, /* was truncated away while being flushed: its bytes must not reach the file */
};

struct vmo {
    struct spinlock lock;          /* RANK_VMO */
    struct refcount pins;          /* [a] keeps the struct */
    uint32_t refs;                 /* [l] users */
    uint64_t id;                   /* [I] never reused; names the object in messages and records */
    const struct vmo_ops *ops;     /* [I] NULL: anonymous */
    void *host;                    /* [I] for ops: the inode */
    struct radix pages;            /* [l] struct page * or coded failure */
    uint64_t size_bytes;           /* [l] end of object; pages beyond are EBOUNDS */
    uint64_t generation;           /* [l] counts shrinks */
    struct rb_root mappings;       /* [l] struct region by offset, augmented by end */
    uint64_t n_mappings;           /* [l] */
    uint64_t n_resident;           /* [l] */
    uint64_t n_dirty;              /* [l] DIRTY, FLUSHING, REDIRTY */
    uint64_t n_flushing;           /* [l] FLUSHING, REDIRTY */
    uint64_t n_txns;               /* [l] open transactions with a pager */
    uint32_t n_syncing;            /* [l] threads in vmo_write_back(): one of them commits later */
    uint64_t flushed;              /* [l] counts pages flushed */
    uint64_t committed;            /* [l] `flushed` when the last commit began */
    bool dirty_held;               /* [l] dirty pages count as one user */
    struct waitq waitq;            /* [l] page states changed (those without a transaction) */
    struct pager_binding *binding; /* [l] NULL: the host fills and flushes */
    int flush_error;               /* [l] last failed flush: -errno */
    uint64_t flush_error_seq;      /* [l] counts failed flushes */
    unsigned flush_failures;       /* [l] in a row */
    uint64_t flush_retry_ns;       /* [l] not before */
    uint64_t dirty_since_ns;       /* [l] when n_dirty left 0 */
    struct list work_link;         /* [pageout] objects with write-back to do; linked: one pin */
    bool work_linked;              /* [pageout] */
    bool work_kicked;              /* [pageout] do it now, whatever its age */
    struct list all_link;          /* [vmo list] */
    uint64_t read_next;            /* [l] page after the last one read(), for read-ahead */
    uint32_t read_run;             /* [l] present read-ahead length */
};

/* A new object of `size_bytes`, refs 0 for hosted (ops set), 1 for anonymous. NULL: no memory. */
struct vmo *vmo_create(const struct vmo_ops *ops, void *host, uint64_t size_bytes);

/* One more / one fewer user. vmo_put() may sleep: no lock held. vmo_get() must be called by one who
 * keeps the object or its host alive. */
void vmo_get(struct vmo *vmo);
void vmo_put(struct vmo *vmo);

/* Host only: drops all pages (dirty ones too) and the host's hold on the struct. refs is 0, no
 * mapping exists. May sleep (open transactions are cancelled). */
void vmo_destroy(struct vmo *vmo);

enum {
    VMO_GET_WRITE = 1,     /* the caller will store: space is reserved (prepare_write) */
    VMO_GET_KERNEL = 2,    /* filled by the kernel even if a pager is bound (exec text) */
    VMO_GET_NOWAIT = 4,    /* resident pages only: -EAGAIN */
    VMO_GET_RANDOM = 8,    /* no read-ahead */
    VMO_GET_NEW = 16,      /* a page beyond the end may be made: a zeroed frame, no fill */
    VMO_GET_KILLABLE = 32, /* the death of the process ends the wait: -EINTR */
};

/*
 * Makes page `index` resident and returns it with a reference (put it with page_put()): it can't be
 * reclaimed while held, but may be truncated away. Sleeps; no lock held. -EBOUNDS beyond the end
 * (unless VMO_GET_NEW), a pager's verdict, -EIO, -ENOMEM, -ENOSPC.
 */
int vmo_get_page(struct vmo *vmo, uint64_t index, unsigned flags, struct page **out);

/* The page was stored to (by write() through its kernel address): CLEAN -> DIRTY, FLUSHING ->
 * REDIRTY. -ESTALE if it is no longer part of the object (truncated): the bytes are gone. */
int vmo_mark_dirty(struct vmo *vmo, struct page *page);

/* Changes the size. Shrinking drops pages beyond (mapped ones are unmapped; waiters get -EBOUNDS)
 * and zeroes the tail of the last page. Called by the host under its own order; may be called with
 * a mutex of rank INODE held; does not sleep. The host frees disk blocks afterwards. */
void vmo_set_size(struct vmo *vmo, uint64_t size_bytes);
/* Grows only, leaving the bytes behind the old end as they are: for a write() that has just stored
 * them in the page where the file ended, and zeroed the rest of it. */
void vmo_raise_size(struct vmo *vmo, uint64_t size_bytes);

/* Flushes what is dirty now in [start, end) bytes, waits (until `deadline_ns`) until it is in the
 * backing store, and makes it durable. 0, or the first error. No lock held. */
int vmo_sync(struct vmo *vmo, uint64_t start, uint64_t end, uint64_t deadline_ns);
/* The same without the last step, which the caller does for many objects at once. */
int vmo_write_back(struct vmo *vmo, uint64_t start, uint64_t end, uint64_t deadline_ns);

/* Forgets the clean pages of pages [first, end) that nothing else uses; they are filled again when
 * touched. No lock held. */
void vmo_drop_clean(struct vmo *vmo, uint64_t first, uint64_t end);

/* Bytes of the object now. */
uint64_t vmo_size(struct vmo *vmo);

/* Says for page `index`: resident, dirty. For mincore and tests. */
enum page_state vmo_page_state(struct vmo *vmo, uint64_t index);

#endif
