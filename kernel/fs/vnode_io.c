/*
 * vnode_io.c - file data between the disk and frames.
 *
 * Asks ext2 where blocks lie (ext2_bmap_run_locked) and builds requests: blocks that follow one
 * another on the disk go in one request with a segment for each frame, several requests are in
 * flight at once. Size and blocks are looked up, and requests sent, under inode->lock; it is let go
 * before the wait for the disk. inode_io_begin() .. inode_io_end() keep the blocks from being freed
 * meanwhile.
 *
 * Invariant kept here: on the disk, the bytes between the end of a file and the end of its last
 * block are zeros. So a later extension reads zeros whatever mappings stored beyond the end.
 * Nothing here allocates memory; ext2 may, for a hole that was stored to.
 */
#include "fs/vnode_io.h"

#include "abi/errno.h"
#include "dev/blk.h"
#include "fs/ext2.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "mem/page.h"
#include "vm/vmo_page.h"

enum { IO_REQUESTS = 4 };

/* Only ever read: what the disk gets for bytes that nobody wrote. */
static char zeros[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

/* A transfer being built. Requests before `used` are in flight or done; `open` says that the one
 * at `used` has segments. */
struct transfer {
    struct blk_dev *dev;
    enum blk_op op;
    unsigned used;
    bool open;
    int error;
    uint64_t next_sector; /* after the open request */
    struct blk_batch batch;
    struct blk_req req[IO_REQUESTS];
};

static void transfer_begin(struct transfer *t, struct blk_dev *dev, enum blk_op op)
{
    t->dev = dev;
    t->op = op;
    t->used = 0;
    t->open = false;
    t->error = 0;
    blk_batch_init(&t->batch);
}

static void transfer_wait(struct transfer *t)
{
    int err = blk_batch_wait(&t->batch);
    if (err && !t->error)
        t->error = err;
    blk_batch_init(&t->batch);
    t->used = 0;
}

static void transfer_submit(struct transfer *t)
{
    if (!t->open)
        return;
    t->open = false;
    blk_batch_submit(&t->batch, t->dev, &t->req[t->used++]);
    if (t->used == IO_REQUESTS)
        transfer_wait(t);
}

/* Adds `len` bytes of memory at `sector`: to the open request if they follow it on the disk. */
static void transfer_add(struct transfer *t, uint64_t sector, void *addr, uint32_t len)
{
    ASSERT(len % BLK_SECTOR == 0);
    if (t->open && (sector != t->next_sector || t->req[t->used].nsegs == t->dev->max_segs))
        transfer_submit(t);
    struct blk_req *req = &t->req[t->used];
    if (!t->open) {
        memset(req, 0, sizeof(*req));
        req->op = t->op;
        req->sector = sector;
        t->open = true;
    }
    req->segs[req->nsegs++] = (struct blk_seg){.addr = addr, .len = len};
    t->next_sector = sector + len / BLK_SECTOR;
}

static int transfer_end(struct transfer *t)
{
    transfer_submit(t);
    if (t->used)
        transfer_wait(t);
    return t->error;
}

static char *frame_at(struct page **pages, uint64_t offset)
{
    return (char *)page_kva(pages[offset / PAGE_SIZE]) + offset % PAGE_SIZE;
}

/* Bytes from offset on that lie in one frame, at most len. */
static uint64_t in_frame(uint64_t offset, uint64_t len)
{
    return MIN(len, PAGE_SIZE - offset % PAGE_SIZE);
}

static void zero_range(struct page **pages, uint64_t from, uint64_t to)
{
    while (from < to) {
        uint64_t len = in_frame(from, to - from);
        memset(frame_at(pages, from), 0, len);
        from += len;
    }
}

static bool range_is_zero(struct page **pages, uint64_t from, uint64_t to)
{
    while (from < to) {
        uint64_t len = in_frame(from, to - from);
        if (memcmp(frame_at(pages, from), zeros, len) != 0)
            return false;
        from += len;
    }
    return true;
}

static void add_range(struct transfer *t, uint64_t sector, struct page **pages, uint64_t from,
                      uint64_t to)
{
    while (from < to) {
        uint64_t len = in_frame(from, to - from);
        transfer_add(t, sector, frame_at(pages, from), len);
        sector += len / BLK_SECTOR;
        from += len;
    }
}

int vnode_read_pages(struct inode *inode, uint64_t index, struct page **pages, unsigned n)
{
    struct transfer t;
    uint64_t block_size = ext2_block_size(inode->fs);
    uint64_t start = index * PAGE_SIZE, len = n * PAGE_SIZE, done = 0;
    int err = 0;

    transfer_begin(&t, ext2_device(inode->fs), BLK_READ);
    mutex_lock(&inode->lock);
    inode_io_begin(inode);
    uint64_t size = inode->size;
    uint64_t valid = size > start ? MIN(size - start, len) : 0;
    uint64_t on_disk = ALIGN_UP(valid, block_size);
    while (done < on_disk && !err) {
        uint32_t disk, count;
        err = ext2_bmap_run_locked(inode, (start + done) / block_size,
                                   (on_disk - done) / block_size, false, &disk, &count);
        if (err)
            break;
        uint64_t next = done + count * block_size;
        if (disk)
            add_range(&t, disk * (block_size / BLK_SECTOR), pages, done, next);
        else
            zero_range(pages, done, next);
        done = next;
    }
    transfer_submit(&t);
    mutex_unlock(&inode->lock);
    int io_err = transfer_end(&t);
    inode_io_end(inode);
    zero_range(pages, valid, len);
    return err ? err : io_err;
}

/*
 * Adds a run of blocks to be written, frames' bytes [from, to). Bytes from `valid` on go out as
 * zeros: | whole sectors of the frame | one sector from `edge` | zeros ... to |
 */
static void add_write(struct transfer *t, uint64_t sector, struct page **pages, uint64_t from,
                      uint64_t to, uint64_t valid, char edge[BLK_SECTOR])
{
    uint64_t whole = MIN(to, ALIGN_DOWN(valid, BLK_SECTOR));
    add_range(t, sector, pages, from, whole);
    if (whole == to)
        return;
    sector += (whole - from) / BLK_SECTOR;
    if (whole < valid) {
        memset(edge, 0, BLK_SECTOR);
        memcpy(edge, frame_at(pages, whole), valid - whole);
        transfer_add(t, sector++, edge, BLK_SECTOR);
        whole += BLK_SECTOR;
    }
    if (whole < to)
        transfer_add(t, sector, zeros, to - whole);
}

/* Finds or makes the next blocks to write at `pos`. *disk 0: nothing to write there. */
static int map_write(struct inode *inode, struct page **pages, uint64_t start, uint64_t done,
                     uint64_t end, uint32_t *disk, uint32_t *count)
{
    uint64_t block_size = ext2_block_size(inode->fs);
    uint64_t block = (start + done) / block_size;
    bool is_new;
    int err = ext2_bmap_run_locked(inode, block, (end - done) / block_size, false, disk, count);
    if (err || *disk)
        return err;
    *count = 1;
    if (range_is_zero(pages, done, done + block_size))
        return 0;
    return ext2_bmap_locked(inode, block, true, disk, &is_new);
}

/* Page `index` of the object is being flushed, from this frame or from a copy of it: not if the
 * page was truncated away meanwhile, even if there is a new one in its place. */
static bool flush_wanted(struct vmo *vmo, uint64_t index, const struct page *frame)
{
    spin_lock(&vmo->lock);
    struct page *page = vmo_page_find(vmo, index);
    bool flushing = page && page_state_dirty(page->state) && page->state != PAGE_DIRTY;
    bool right = frame == page || (!frame->vmo && !(frame->flags & VM_PAGE_ORPHAN));
    spin_unlock(&vmo->lock);
    return flushing && right;
}

/* Maps and adds blocks for bytes [done, end) of the run. */
static int write_range(struct transfer *t, struct inode *inode, struct page **pages, uint64_t start,
                       uint64_t done, uint64_t end, uint64_t valid, char *edge)
{
    uint64_t block_size = ext2_block_size(inode->fs);
    while (done < end) {
        uint32_t disk, count;
        int err = map_write(inode, pages, start, done, end, &disk, &count);
        if (err)
            return err;
        uint64_t next = done + count * block_size;
        if (disk)
            add_write(t, disk * (block_size / BLK_SECTOR), pages, done, next, valid, edge);
        done = next;
    }
    return 0;
}

int vnode_write_pages(struct inode *inode, uint64_t index, struct page **pages, unsigned n,
                      uint64_t valid_bytes, const uint64_t *generation)
{
    struct transfer t;
    char edge[BLK_SECTOR];
    uint64_t start = index * PAGE_SIZE;
    int err = 0;

    if (ext2_read_only(inode->fs))
        return -EROFS;
    transfer_begin(&t, ext2_device(inode->fs), BLK_WRITE);
    mutex_lock(&inode->lock);
    if (generation && *generation != READ_ONCE(inode->object->generation)) {
        mutex_unlock(&inode->lock);
        return -ESTALE;
    }
    inode_io_begin(inode);
    uint64_t size = inode->size;
    uint64_t valid = MIN(valid_bytes, n * PAGE_SIZE);
    valid = size > start ? MIN(size - start, valid) : 0;
    uint64_t end = ALIGN_UP(valid, ext2_block_size(inode->fs));
    for (unsigned i = 0; i * PAGE_SIZE < end && !err; i++) {
        uint64_t from = i * PAGE_SIZE, to = from + PAGE_SIZE;
        if (flush_wanted(inode->object, index + i, pages[i]))
            err = write_range(&t, inode, pages, start, from, MIN(to, end), valid, edge);
    }
    transfer_submit(&t);
    mutex_unlock(&inode->lock);
    int io_err = transfer_end(&t);
    inode_io_end(inode);
    return err ? err : io_err;
}

int vnode_reserve_pages(struct inode *inode, uint64_t index, unsigned n)
{
    uint64_t block_size = ext2_block_size(inode->fs);
    int err = 0;
    if (ext2_read_only(inode->fs))
        return -EROFS;
    mutex_lock(&inode->lock);
    uint64_t pos = index * PAGE_SIZE;
    uint64_t end = MIN(pos + n * PAGE_SIZE, inode->size);
    for (; pos < end && !err; pos += block_size) {
        uint32_t disk;
        bool is_new;
        err = ext2_bmap_locked(inode, pos / block_size, true, &disk, &is_new);
        if (!err && is_new)
            err = blk_rw_sync(ext2_device(inode->fs), BLK_WRITE, disk * (block_size / BLK_SECTOR),
                              zeros, block_size);
    }
    mutex_unlock(&inode->lock);
    return err;
}

int vnode_zero_block_tail_locked(struct inode *inode, uint64_t size)
{
    char edge[BLK_SECTOR];
    uint64_t block_size = ext2_block_size(inode->fs);
    uint64_t used = size % block_size, used_in_sector = size % BLK_SECTOR;
    struct blk_dev *dev = ext2_device(inode->fs);
    uint32_t disk;
    bool is_new;
    if (used == 0)
        return 0;
    int err = ext2_bmap_locked(inode, size / block_size, false, &disk, &is_new);
    if (err || disk == 0)
        return err;
    uint64_t sector = disk * (block_size / BLK_SECTOR) + used / BLK_SECTOR;
    if (used_in_sector) {
        err = blk_rw_sync(dev, BLK_READ, sector, edge, BLK_SECTOR);
        if (err)
            return err;
        memset(edge + used_in_sector, 0, BLK_SECTOR - used_in_sector);
        err = blk_rw_sync(dev, BLK_WRITE, sector++, edge, BLK_SECTOR);
    }
    uint64_t rest = block_size - ALIGN_UP(used, BLK_SECTOR);
    if (!err && rest)
        err = blk_rw_sync(dev, BLK_WRITE, sector, zeros, rest);
    return err;
}
