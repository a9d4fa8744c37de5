/*
 * bcache.c - cache of metadata blocks; bcache.h has the contract.
 *
 * A buffer in the table is in one of these conditions:
 *
 *     idle, clean     not busy, not dirty: may be reused when it is the least recently put
 *     idle, dirty     on one of the dirty lists (or on bc->syncing): waits for bcache_sync()
 *     busy            one thread owns it and its contents: a caller, or the write-back
 *
 * `busy` changes under bc->lock only; who wants a busy buffer sleeps on its wait queue and looks it
 * up again afterwards. A buffer with waiters is never taken out of the table, so the wait queue
 * stays. A buffer whose read failed stays as "idle, clean, not valid": the next owner reads again.
 *
 * The cache grows until `limit` and beyond it as long as all of it is dirty or busy; then
 * bcache_get() itself writes back. Memory comes from kalloc(); when that is out, clean buffers are
 * reused.
 */
#include "fs/bcache.h"
#include "abi/errno.h"
#include "core/counter.h"
#include "dev/blk.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "mem/kalloc.h"
#include "mem/page.h"

enum {
    HASH_SIZE = 1024,
    LIMIT_MIN = 128,
    SYNC_BATCH = 16, /* requests of one round of write-back */
};

/* One round of write-back: a request for each run of neighbouring blocks. Guarded by sync_lock. */
struct bcache_round {
    struct blk_batch batch;
    struct blk_req req[SYNC_BATCH];
    struct buf *buf[SYNC_BATCH][BLK_SEGS_MAX];
};

static struct list *hash_head(struct bcache *bc, uint64_t block)
{
    return &bc->hash[(block * 0x9E3779B97F4A7C15ul >> 40) % HASH_SIZE];
}

static struct buf *find_locked(struct bcache *bc, uint64_t block)
{
    struct list *head = hash_head(bc, block), *pos;
    list_for_each (pos, head) {
        struct buf *b = list_entry(pos, struct buf, hash);
        if (b->block == block)
            return b;
    }
    return NULL;
}

int bcache_init(struct bcache *bc, struct blk_dev *dev, uint32_t block_size)
{
    *bc = (struct bcache){.dev = dev, .block_size = block_size};
    bc->blocks = dev->sectors / (block_size / BLK_SECTOR);
    bc->limit = MAX(page_total_count() / 16 * (PAGE_SIZE / block_size), (uint64_t)LIMIT_MIN);
    bc->hash = kalloc(HASH_SIZE * sizeof(*bc->hash));
    bc->round = kalloc(sizeof(*bc->round));
    if (!bc->hash || !bc->round) {
        kfree(bc->hash);
        kfree(bc->round);
        return -ENOMEM;
    }
    for (unsigned i = 0; i < HASH_SIZE; i++)
        list_init(&bc->hash[i]);
    spin_init(&bc->lock, RANK_BCACHE);
    mutex_init(&bc->sync_lock, RANK_BUF);
    list_init(&bc->lru);
    list_init(&bc->dirty[BUF_META]);
    list_init(&bc->dirty[BUF_NAME]);
    list_init(&bc->syncing);
    return 0;
}

/* Takes an idle clean buffer without waiters out of the table. */
static void unlink_locked(struct bcache *bc, struct buf *b)
{
    list_del(&b->hash);
    list_del(&b->lru);
    bc->count--;
}

static void buf_free(struct buf *b)
{
    kfree(b->data);
    kfree(b);
}

void bcache_destroy(struct bcache *bc)
{
    while (!list_empty(&bc->lru)) {
        struct buf *b = list_first(&bc->lru, struct buf, lru);
        ASSERT(!b->busy && b->waiters == 0);
        list_del(&b->dirty_link);
        unlink_locked(bc, b);
        buf_free(b);
    }
    kfree(bc->round);
    kfree(bc->hash);
}

/* The least recently used buffer that may go, out of the table; NULL: none. */
static struct buf *evict_locked(struct bcache *bc)
{
    struct list *pos;
    list_for_each (pos, &bc->lru) {
        struct buf *b = list_entry(pos, struct buf, lru);
        if (!b->busy && !b->dirty && b->waiters == 0) {
            unlink_locked(bc, b);
            return b;
        }
    }
    return NULL;
}

static struct buf *evict(struct bcache *bc)
{
    spin_lock(&bc->lock);
    struct buf *b = evict_locked(bc);
    spin_unlock(&bc->lock);
    return b;
}

static struct buf *buf_alloc(struct bcache *bc)
{
    struct buf *b = kalloc(sizeof(*b));
    if (!b)
        return NULL;
    b->data = kalloc(bc->block_size);
    if (!b->data) {
        kfree(b);
        return NULL;
    }
    return b;
}

/* A buffer in no table. Reuses one where the cache is large or memory short. May write back. */
static struct buf *buf_make(struct bcache *bc)
{
    struct buf *b = NULL;
    if (READ_ONCE(bc->count_dirty) > bc->limit / 2)
        bcache_sync(bc);
    if (READ_ONCE(bc->count) >= bc->limit)
        b = evict(bc);
    if (!b)
        b = buf_alloc(bc);
    if (!b)
        b = evict(bc);
    if (!b && bcache_sync(bc) == 0)
        b = evict(bc);
    return b;
}

static void insert_locked(struct bcache *bc, struct buf *b, uint64_t block)
{
    uint8_t *data = b->data;
    *b = (struct buf){.block = block, .data = data, .busy = true, .bc = bc};
    waitq_init(&b->waitq);
    list_init(&b->dirty_link);
    list_add(hash_head(bc, block), &b->hash);
    list_add_tail(&bc->lru, &b->lru);
    bc->count++;
}

static void wait_idle_locked(struct bcache *bc, struct buf *b)
{
    b->waiters++;
    waitq_wait(&b->waitq, &bc->lock, TIME_NEVER, WAIT_UNINTR, "buffer");
    b->waiters--;
}

/* Owns the block's buffer if it is in the table, waiting for others. */
static struct buf *own_locked(struct bcache *bc, uint64_t block)
{
    struct buf *b;
    while ((b = find_locked(bc, block)) && b->busy)
        wait_idle_locked(bc, b);
    if (b)
        b->busy = true;
    return b;
}

/* The block's buffer, owned, perhaps without valid contents. NULL: no memory. */
static struct buf *own(struct bcache *bc, uint64_t block)
{
    spin_lock(&bc->lock);
    struct buf *b = own_locked(bc, block);
    spin_unlock(&bc->lock);
    if (b)
        return b;

    struct buf *fresh = buf_make(bc);
    if (!fresh)
        return NULL;
    spin_lock(&bc->lock);
    b = own_locked(bc, block); /* somebody else was faster? */
    if (!b) {
        insert_locked(bc, fresh, block);
        b = fresh;
        fresh = NULL;
    }
    spin_unlock(&bc->lock);
    if (fresh)
        buf_free(fresh);
    return b;
}

static uint64_t sector_of(struct bcache *bc, uint64_t block)
{
    return block * (bc->block_size / BLK_SECTOR);
}

int bcache_get(struct bcache *bc, uint64_t block, struct buf **out)
{
    if (block >= bc->blocks)
        return -EIO;
    struct buf *b = own(bc, block);
    if (!b)
        return -ENOMEM;
    if (b->valid) {
        counter_inc(COUNTER_buf_hits);
    } else {
        counter_inc(COUNTER_buf_misses);
        int error = blk_rw_sync(bc->dev, BLK_READ, sector_of(bc, block), b->data, bc->block_size);
        if (error) {
            bcache_put(b);
            return error;
        }
        b->valid = true;
    }
    *out = b;
    return 0;
}

int bcache_get_zero(struct bcache *bc, uint64_t block, struct buf **out)
{
    if (block >= bc->blocks)
        return -EIO;
    struct buf *b = own(bc, block);
    if (!b)
        return -ENOMEM;
    memset(b->data, 0, bc->block_size);
    b->valid = true;
    *out = b;
    return 0;
}

static void set_dirty_locked(struct bcache *bc, struct buf *b, enum buf_class class)
{
    if (!b->dirty) {
        b->dirty = true;
        b->class = class;
        bc->count_dirty++;
        list_add_tail(&bc->dirty[class], &b->dirty_link);
    } else if (class > b->class) { /* the later class wins: it must not come too early */
        b->class = class;
        list_del(&b->dirty_link);
        list_add_tail(&bc->dirty[class], &b->dirty_link);
    }
}

static void set_clean_locked(struct bcache *bc, struct buf *b)
{
    if (b->dirty)
        bc->count_dirty--;
    b->dirty = false;
    list_del(&b->dirty_link);
}

void bcache_dirty(struct buf *b, enum buf_class class)
{
    struct bcache *bc = b->bc;
    ASSERT(b->busy && b->valid);
    spin_lock(&bc->lock);
    set_dirty_locked(bc, b, class);
    spin_unlock(&bc->lock);
}

static void release_locked(struct bcache *bc, struct buf *b)
{
    ASSERT(b->busy);
    b->busy = false;
    list_del(&b->lru);
    list_add_tail(&bc->lru, &b->lru);
    if (b->waiters)
        waitq_wake_all(&b->waitq);
}

void bcache_put(struct buf *b)
{
    struct bcache *bc = b->bc;
    spin_lock(&bc->lock);
    release_locked(bc, b);
    spin_unlock(&bc->lock);
}

void bcache_forget(struct bcache *bc, uint64_t block)
{
    spin_lock(&bc->lock);
    struct buf *b = own_locked(bc, block);
    if (b) {
        set_clean_locked(bc, b);
        b->valid = false;
        release_locked(bc, b);
        list_del(&b->lru); /* first to be reused */
        list_add(&bc->lru, &b->lru);
    }
    spin_unlock(&bc->lock);
}

int bcache_write(struct bcache *bc, uint64_t block)
{
    spin_lock(&bc->lock);
    struct buf *b = own_locked(bc, block);
    spin_unlock(&bc->lock);
    if (!b)
        return 0;

    int error = 0;
    if (b->dirty) {
        error = blk_rw_sync(bc->dev, BLK_WRITE, sector_of(bc, block), b->data, bc->block_size);
        if (!error)
            error = blk_flush_sync(bc->dev);
    }
    spin_lock(&bc->lock);
    if (!error)
        set_clean_locked(bc, b);
    release_locked(bc, b);
    spin_unlock(&bc->lock);
    return error;
}

/* Takes b for writing: off its list, owned. It still counts as dirty. */
static void take_locked(struct buf *b)
{
    b->busy = true;
    list_del(&b->dirty_link);
}

/* The buffer of a block if it can be written in this round too. */
static struct buf *take_neighbour_locked(struct bcache *bc, uint64_t block, enum buf_class class)
{
    struct buf *b = find_locked(bc, block);
    if (!b || b->busy || !b->dirty || b->class != class)
        return NULL;
    take_locked(b);
    return b;
}

/* Makes one request of the first buffer to write and of its neighbours. False: nothing is left.
 * Waits for the first buffer if it is busy and the round is still empty. */
static bool fill_request(struct bcache *bc, enum buf_class class, unsigned i)
{
    struct bcache_round *round = bc->round;
    struct blk_req *req = &round->req[i];
    struct buf *b;

    spin_lock(&bc->lock);
    for (;;) {
        b = list_first(&bc->syncing, struct buf, dirty_link);
        if (!b || !b->busy || i > 0)
            break;
        wait_idle_locked(bc, b);
    }
    if (!b || b->busy) {
        spin_unlock(&bc->lock);
        return false;
    }
    take_locked(b);
    *req = (struct blk_req){.op = BLK_WRITE, .sector = sector_of(bc, b->block)};
    unsigned max = MIN(bc->dev->max_segs, (uint32_t)BLK_SEGS_MAX);
    do {
        round->buf[i][req->nsegs] = b;
        req->segs[req->nsegs++] = (struct blk_seg){b->data, bc->block_size};
    } while (req->nsegs < max && (b = take_neighbour_locked(bc, b->block + 1, class)));
    spin_unlock(&bc->lock);
    return true;
}

/* Gives the buffers of a finished request back; those that failed stay dirty. */
static void finish_request(struct bcache *bc, unsigned i)
{
    struct blk_req *req = &bc->round->req[i];
    spin_lock(&bc->lock);
    for (unsigned j = 0; j < req->nsegs; j++) {
        struct buf *b = bc->round->buf[i][j];
        if (req->status == 0)
            set_clean_locked(bc, b);
        else
            list_add_tail(&bc->dirty[b->class], &b->dirty_link);
        release_locked(bc, b);
    }
    spin_unlock(&bc->lock);
}

/* Writes what is in bc->syncing. First error. */
static int write_class(struct bcache *bc, enum buf_class class)
{
    int first_error = 0;

    spin_lock(&bc->lock);
    list_splice_tail(&bc->syncing, &bc->dirty[class]);
    spin_unlock(&bc->lock);
    for (;;) {
        unsigned n = 0;
        blk_batch_init(&bc->round->batch);
        while (n < SYNC_BATCH && fill_request(bc, class, n)) {
            blk_batch_submit(&bc->round->batch, bc->dev, &bc->round->req[n]);
            n++;
        }
        if (n == 0)
            return first_error;
        int error = blk_batch_wait(&bc->round->batch);
        if (!first_error)
            first_error = error;
        for (unsigned i = 0; i < n; i++)
            finish_request(bc, i);
    }
}

int bcache_sync(struct bcache *bc)
{
    mutex_lock(&bc->sync_lock);
    int error = 0;
    if (!list_empty(&bc->dirty[BUF_META])) { /* a race only costs or saves a needless flush */
        error = write_class(bc, BUF_META);
        if (!error && !list_empty(&bc->dirty[BUF_NAME]))
            error = blk_flush_sync(bc->dev);
    }
    if (!error)
        error = write_class(bc, BUF_NAME);
    if (!error)
        error = blk_flush_sync(bc->dev);
    mutex_unlock(&bc->sync_lock);
    return error;
}

uint64_t bcache_shrink(struct bcache *bc, uint64_t n)
{
    uint64_t freed = 0;
    while (freed < n) {
        struct buf *b = evict(bc);
        if (!b)
            break;
        buf_free(b);
        freed++;
    }
    return freed;
}
