/*
 * bcache.h - cache of metadata blocks: superblock, groups, bitmaps, inodes, directories, maps.
 *
 * Owns the only copies in memory of the metadata blocks of one device; file data never comes here.
 * A buffer is got exclusively: between bcache_get() and bcache_put() nobody else sees it. Keep it
 * short: no mutex may be taken, no second buffer got, no user memory touched in between.
 *
 * Every change of metadata is: get, change, bcache_dirty(), put. A journal can be put behind these
 * calls later without touching their callers.
 *
 * Order of write-back: bcache_sync() writes all buffers of class BUF_META, then FLUSHes the device,
 * then all of class BUF_NAME, then FLUSHes again: names (directory blocks) reach the disk after
 * what they name. bcache_write() forces one block out at once, for the few places that need more.
 *
 * Lock: bc->lock (RANK_BCACHE) guards tables, lists and flags; `busy` is the exclusive hold of one
 * buffer and of its contents; waiting for it is a sleep.
 */
#ifndef FS_BCACHE_H
#define FS_BCACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/spinlock.h"
#include "lib/list.h"
#include "lib/types.h"
#include "sched/mutex.h"
#include "sched/waitq.h"

struct blk_dev;
struct bcache_round;

enum buf_class {
    BUF_META, /* inodes, bitmaps, maps, groups, superblock: written first */
    BUF_NAME, /* directory blocks: written after all BUF_META of the same sync */
};

struct buf {
    uint64_t block;         /* [I] */
    uint8_t *data;          /* [I] block_size bytes; contents: owner */
    bool busy;              /* [l] somebody owns it */
    bool valid;             /* [o] contents were read or made */
    bool dirty;             /* [l] newer than the disk */
    enum buf_class class;   /* [l] while dirty */
    uint32_t waiters;       /* [l] threads that wait for busy to clear */
    struct bcache *bc;      /* [I] */
    struct list hash;       /* [l] */
    struct list lru;        /* [l] all buffers, least recently put first */
    struct list dirty_link; /* [l] in order of becoming dirty */
    struct waitq waitq;     /* [l] */
};

struct bcache {
    struct blk_dev *dev;        /* [I] */
    uint32_t block_size;        /* [I] */
    uint64_t blocks;            /* [I] of the device */
    struct spinlock lock;       /* RANK_BCACHE */
    struct list *hash;          /* [l] */
    struct list lru;            /* [l] */
    struct list dirty[2];       /* [l] for each class */
    struct list syncing;        /* [l] dirty buffers that the sync under way has still to write */
    uint64_t count;             /* [l] buffers */
    uint64_t count_dirty;       /* [l] */
    uint64_t limit;             /* [I] above it clean buffers are reused before new ones are made */
    struct mutex sync_lock;     /* one bcache_sync() at a time; RANK_BUF */
    struct bcache_round *round; /* [sync_lock] requests of one round of write-back */
};

/* 0 or -ENOMEM. block_size: 1024, 2048 or 4096. */
int bcache_init(struct bcache *bc, struct blk_dev *dev, uint32_t block_size);
/* Drops everything, dirty or not; nothing may be held. */
void bcache_destroy(struct bcache *bc);

/* The block's buffer, read if need be, owned by the caller until bcache_put(). -EIO, -ENOMEM.
 * Sleeps. */
int __must_check bcache_get(struct bcache *bc, uint64_t block, struct buf **out);
/* The same for a block with no old contents worth reading: all zeros. -EIO (no such block),
 * -ENOMEM. */
int __must_check bcache_get_zero(struct bcache *bc, uint64_t block, struct buf **out);
/* The owner changed the contents. */
void bcache_dirty(struct buf *b, enum buf_class class);
void bcache_put(struct buf *b);

/* The block is metadata no longer: its buffer and any unwritten change go. Waits for I/O on it. */
void bcache_forget(struct bcache *bc, uint64_t block);

/* Writes one block now if it is dirty, and FLUSHes. 0 or -EIO. */
int bcache_write(struct bcache *bc, uint64_t block);
/* Writes all that is dirty, in order, with FLUSHes. First error; what failed stays dirty. */
int bcache_sync(struct bcache *bc);

/* Frees up to n clean buffers; how many. Does not sleep. */
uint64_t bcache_shrink(struct bcache *bc, uint64_t n);

#endif
