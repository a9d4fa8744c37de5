/*
 * blk.c - the list of disks, the check of every request, and the helpers that wait.
 *
 * Owns no queue: requests go straight to the driver. Checked here, once for all drivers: the range
 * lies on the disk, the segments are whole sectors and not too many, nothing is written to a
 * read-only disk. Disks are registered at boot and stay, so the list needs no lock later.
 */
#include "dev/blk.h"

#include "abi/errno.h"
#include "core/counter.h"
#include "lib/assert.h"
#include "lib/string.h"

static struct list disks = LIST_INIT(disks);

void blk_register(struct blk_dev *dev)
{
    ASSERT(!blk_find(dev->name) && dev->max_segs >= 1 && dev->max_segs <= BLK_SEGS_MAX);
    list_add_tail(&disks, &dev->link);
}

struct blk_dev *blk_find(const char *name)
{
    struct list *pos;

    list_for_each (pos, &disks) {
        struct blk_dev *dev = list_entry(pos, struct blk_dev, link);
        if (strcmp(dev->name, name) == 0)
            return dev;
    }
    return NULL;
}

struct blk_dev *blk_root(void)
{
    struct blk_dev *ram = blk_find("ram0");
    return ram ? ram : list_first(&disks, struct blk_dev, link);
}

static int check(const struct blk_dev *dev, const struct blk_req *req)
{
    uint64_t bytes = 0;

    if (req->op == BLK_FLUSH)
        return req->nsegs == 0 ? 0 : -EIO;
    if (req->nsegs == 0 || req->nsegs > dev->max_segs)
        return -EIO;
    for (unsigned i = 0; i < req->nsegs; i++) {
        if (req->segs[i].len == 0 || req->segs[i].len % BLK_SECTOR)
            return -EIO;
        bytes += req->segs[i].len;
    }
    if (req->sector > dev->sectors || bytes / BLK_SECTOR > dev->sectors - req->sector)
        return -EIO;
    return req->op == BLK_WRITE && dev->read_only ? -EROFS : 0;
}

void blk_submit(struct blk_dev *dev, struct blk_req *req)
{
    static const enum counter counters[] = {[BLK_READ] = COUNTER_disk_reads,
                                            [BLK_WRITE] = COUNTER_disk_writes,
                                            [BLK_FLUSH] = COUNTER_disk_flushes};

    req->status = check(dev, req);
    if (req->status) {
        req->done(req);
        return;
    }
    counter_inc(counters[req->op]);
    dev->ops->submit(dev, req);
}

/* --- waiting --- */

void blk_batch_init(struct blk_batch *b)
{
    spin_init(&b->lock, RANK_WAIT);
    waitq_init(&b->waitq);
    b->pending = 0;
    b->status = 0;
}

/* From an interrupt or from blk_submit(). The waiter may free the batch as soon as the lock is
 * released with nothing pending. */
static void batch_done(struct blk_req *req)
{
    struct blk_batch *b = req->ctx;

    spin_lock(&b->lock);
    if (req->status && !b->status)
        b->status = req->status;
    if (--b->pending == 0)
        waitq_wake_all(&b->waitq);
    spin_unlock(&b->lock);
}

void blk_batch_submit(struct blk_batch *b, struct blk_dev *dev, struct blk_req *req)
{
    req->done = batch_done;
    req->ctx = b;
    spin_lock(&b->lock);
    b->pending++;
    spin_unlock(&b->lock);
    blk_submit(dev, req);
}

int blk_batch_wait(struct blk_batch *b)
{
    spin_lock(&b->lock);
    while (b->pending)
        waitq_wait(&b->waitq, &b->lock, TIME_NEVER, WAIT_UNINTR, "disk");
    int status = b->status;
    spin_unlock(&b->lock);
    return status;
}

static int run_one(struct blk_dev *dev, struct blk_req *req)
{
    struct blk_batch b;

    blk_batch_init(&b);
    blk_batch_submit(&b, dev, req);
    return blk_batch_wait(&b);
}

int blk_rw_sync(struct blk_dev *dev, enum blk_op op, uint64_t sector, void *buf, uint32_t len)
{
    struct blk_req req = {.op = op, .nsegs = 1, .sector = sector, .segs[0] = {buf, len}};
    return run_one(dev, &req);
}

int blk_flush_sync(struct blk_dev *dev)
{
    struct blk_req req = {.op = BLK_FLUSH};
    return run_one(dev, &req);
}
