/*
 * blk.h - block devices: requests of whole 512-byte sectors, several in flight.
 *
 * A driver gives a struct blk_dev; the file system asks blk_root(). Requests are asynchronous:
 * blk_submit() queues and returns, done(req) is called once, perhaps from an interrupt, perhaps
 * before blk_submit() returns; it must not sleep. Requests in flight may be carried out in any
 * order: who needs an order waits for one before submitting the next, and sends a FLUSH where the
 * device's own cache matters. Memory of a segment is kernel memory in the direct map (frames,
 * kalloc), so it is physically contiguous, and belongs to the device until done().
 *
 * This file is the interface; blk.c has the helpers that wait, virtio_blk.c and ramdisk.c drivers.
 */
#ifndef DEV_BLK_H
#define DEV_BLK_H

#include <stddef.h>
#include <stdint.h>

#include "core/spinlock.h"
#include "lib/list.h"
#include "sched/waitq.h"

enum {
    BLK_SECTOR = 512,
    BLK_SEGS_MAX = 17,
};

enum blk_op { BLK_READ, BLK_WRITE, BLK_FLUSH };

struct blk_dev;

struct blk_seg {
    void *addr;   /* 512-byte aligned is not required */
    uint32_t len; /* bytes, a multiple of BLK_SECTOR */
};

/* Belongs to the submitter before blk_submit() and from done() on. */
struct blk_req {
    enum blk_op op;
    uint32_t nsegs;                    /* FLUSH: 0 */
    uint64_t sector;                   /* FLUSH: 0 */
    struct blk_seg segs[BLK_SEGS_MAX]; /* filled or written one after the other */
    int status;                        /* set before done(): 0 or -EIO, -EROFS, -ENOMEM */
    void (*done)(struct blk_req *req);
    void *ctx;        /* the submitter's */
    void *driver;     /* the driver's while in flight */
    struct list link; /* the driver's while in flight */
};

struct blk_ops {
    void (*submit)(struct blk_dev *dev, struct blk_req *req);
};

struct blk_dev {
    const char *name;          /* [I] "vda", "ram0" */
    uint64_t sectors;          /* [I] of 512 bytes */
    uint32_t read_only;        /* [I] 1: writes end in -EROFS */
    uint32_t max_segs;         /* [I] 1 to BLK_SEGS_MAX */
    const struct blk_ops *ops; /* [I] */
    void *driver;              /* [I] */
    struct list link;          /* [I] after boot; blk.c */
};

/* Called by drivers at boot: makes a disk known. Its name must be unique. */
void blk_register(struct blk_dev *dev);

/* By name, NULL: no such disk. */
struct blk_dev *blk_find(const char *name);

/* The disk with the root file system: an initrd image if there is one, else the first disk found.
 * NULL: none found. */
struct blk_dev *blk_root(void);

/* Checks the range (a request out of it ends in -EIO at once) and hands it to the driver. May sleep
 * only if the driver's queue is full; no spinlock held. */
void blk_submit(struct blk_dev *dev, struct blk_req *req);

/*
 * Several requests, waited for together:
 *     blk_batch_init(&b);
 *     blk_batch_submit(&b, dev, &req[i]); ...      (sets done and ctx)
 *     error = blk_batch_wait(&b);                  first error; each has its own in req[i].status
 */
struct blk_batch {
    struct spinlock lock; /* RANK_WAIT */
    struct waitq waitq;   /* [l] */
    uint32_t pending;     /* [l] */
    int status;           /* [l] first error */
};

void blk_batch_init(struct blk_batch *b);
void blk_batch_submit(struct blk_batch *b, struct blk_dev *dev, struct blk_req *req);
int blk_batch_wait(struct blk_batch *b);

/* One request, waited for: 0 or -errno. `buf` as a segment's memory; len a multiple of 512. */
int blk_rw_sync(struct blk_dev *dev, enum blk_op op, uint64_t sector, void *buf, uint32_t len);
int blk_flush_sync(struct blk_dev *dev);

#endif
