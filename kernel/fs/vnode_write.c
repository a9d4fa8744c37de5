/*
 * vnode_write.c - write() to a regular file, through its memory object.
 *
 * A chunk is what falls in one page. For each: make the page resident (beyond the end: a fresh
 * zeroed one), touch the user's bytes, then under inode->lock look again whether page and size are
 * as thought, allocate blocks, copy with copies that do not fault, mark the page dirty, raise the
 * size. What does not hold any longer starts the chunk again. So neither a pager nor a page fault
 * is ever waited for with the lock held, and the user's buffer may be a mapping of this very file.
 *
 * Appends: one that fits in the page where the file ends is placed under the lock. A larger one
 * first raises the size by its whole length and then writes into its own range, so appends never
 * mix; what could not be written is cut off again if it is still the end of the file.
 */
#include "abi/errno.h"
#include "fs/ext2.h"
#include "fs/ext2_int.h"
#include "fs/vnode.h"
#include "lib/string.h"
#include "sched/sched.h"
#include "vm/uaccess.h"
#include "vm/vmo.h"

enum { PREFAULT_MAX = 65536 };

struct chunk {
    struct inode *inode;
    struct page *page; /* referenced */
    uint64_t uaddr;
    uint64_t start; /* in the file */
    size_t len;     /* not past the page's end */
    bool append;    /* start must be the file's end */
};

static char *chunk_kva(const struct chunk *c, uint64_t offset)
{
    return (char *)page_kva(c->page) + (offset - ALIGN_DOWN(c->start, PAGE_SIZE));
}

/* Beyond the end there may be anything in the page: makes it zeros. */
static void zero_beyond_end(const struct chunk *c)
{
    uint64_t page_start = ALIGN_DOWN(c->start, PAGE_SIZE);
    uint64_t from = MAX(c->inode->size, page_start);
    if (from < page_start + PAGE_SIZE)
        memset(chunk_kva(c, from), 0, page_start + PAGE_SIZE - from);
}

/* The chunk's `copied` bytes end past the end of the file: allocates blocks and raises the size. */
static int extend_locked(const struct chunk *c, uint64_t new_end)
{
    struct inode *inode = c->inode;
    uint64_t old = inode->size, block_size = ext2_block_size(inode->fs);
    int err = new_end > ext2_max_size(inode->fs) ? -EFBIG : 0;
    if (!err)
        err = ext2_reserve_locked(inode, MAX(c->start, old), new_end, NULL);
    if (!err)
        err = ext2_set_size_locked(inode, new_end);
    if (err) {
        zero_beyond_end(c);
        (void)ext2_free_from(inode, DIV_ROUND_UP(old, block_size));
        return err;
    }
    if (old >> PAGE_SHIFT == c->start >> PAGE_SHIFT)
        vmo_raise_size(inode->object, new_end); /* the rest of this page was zeroed before */
    else
        vmo_set_size(inode->object, new_end);
    return 0;
}

/* Copies the chunk under inode->lock. Bytes done; 0: prefault and try again; or -errno. */
static long store_locked(const struct chunk *c)
{
    struct inode *inode = c->inode;
    uint64_t size = inode->size, end = c->start + c->len;
    int err = 0;
    if (ext2_read_only(inode->fs))
        return -EROFS;
    if (c->start < size)
        err = ext2_reserve_locked(inode, c->start, MIN(end, size), NULL);
    long copied = 0;
    if (!err) {
        if (end > size)
            zero_beyond_end(c);
        copied = c->len - copy_from_user_nofault(chunk_kva(c, c->start), c->uaddr, c->len);
        if (copied > 0 && c->start + copied > size)
            err = extend_locked(c, c->start + copied);
        if (err && c->start < size) { /* what lies within the old end stands */
            copied = size - c->start;
            err = 0;
        }
    }
    /* In any case: blocks may be new, and only this page knows what they hold. */
    if (c->start < inode->size)
        (void)vmo_mark_dirty(inode->object, c->page);
    if (!err && copied > 0)
        ext2_touch_modified_locked(inode);
    return err ? err : copied;
}

/* The page is still what the chunk was cut for. */
static bool chunk_holds_locked(const struct chunk *c)
{
    return READ_ONCE(c->page->vmo) == c->inode->object &&
           c->page->index == c->start >> PAGE_SHIFT && (!c->append || c->start == c->inode->size);
}

/* One try. Bytes, 0: again, or -errno. The page at c->start is made resident first. */
static long try_chunk(struct chunk *c)
{
    struct inode *inode = c->inode;
    int err = vmo_get_page(inode->object, c->start >> PAGE_SHIFT, VMO_GET_NEW | VMO_GET_KILLABLE,
                           &c->page);
    if (err)
        return err == -EBOUNDS ? 0 : err;
    long done = user_prefault(c->uaddr, c->len, false);
    if (!done) {
        mutex_lock(&inode->lock);
        if (chunk_holds_locked(c))
            done = store_locked(c);
        mutex_unlock(&inode->lock);
    }
    page_put(c->page);
    return done;
}

static bool being_killed(void)
{
    return __atomic_load_n(&current_thread()->kill, __ATOMIC_RELAXED) != 0;
}

static size_t to_page_end(uint64_t offset, size_t len)
{
    return MIN(len, PAGE_SIZE - (offset & PAGE_MASK));
}

/* Writes [offset, offset + len), which does not wrap. Bytes, or -errno if none. */
static long write_range(struct inode *inode, uint64_t uaddr, size_t len, uint64_t offset)
{
    size_t done = 0;
    while (done < len) {
        struct chunk c = {.inode = inode, .uaddr = uaddr + done, .start = offset + done};
        c.len = to_page_end(c.start, len - done);
        long n = try_chunk(&c);
        if (n < 0)
            return done ? (long)done : n;
        done += n;
        if (being_killed())
            return done ? (long)done : -EINTR;
        preempt_point();
    }
    return done;
}

/* Raises the size by len: the caller's own range is [*start, *start + len). */
static int claim_range(struct inode *inode, size_t len, uint64_t *start)
{
    mutex_lock(&inode->lock);
    *start = inode->size;
    int err = len > ext2_max_size(inode->fs) - *start ? -EFBIG : 0;
    if (!err)
        err = ext2_set_size_locked(inode, *start + len);
    if (!err)
        vmo_set_size(inode->object, *start + len);
    mutex_unlock(&inode->lock);
    return err;
}

/* Cuts off what was claimed but not written, if nobody has gone on behind it. */
static void unclaim_range(struct inode *inode, uint64_t end, uint64_t claimed_end)
{
    mutex_lock(&inode->lock);
    if (inode->size == claimed_end)
        (void)ext2_truncate_locked(inode, end);
    mutex_unlock(&inode->lock);
}

static long append_large(struct inode *inode, uint64_t uaddr, size_t len, int64_t *offset)
{
    uint64_t start;
    int err = user_prefault(uaddr, MIN(len, (size_t)PREFAULT_MAX), false);
    if (!err)
        err = claim_range(inode, len, &start);
    if (err)
        return err;
    long done = write_range(inode, uaddr, len, start);
    uint64_t end = start + MAX(done, 0l);
    if (end < start + len)
        unclaim_range(inode, end, start + len);
    *offset = end;
    return done;
}

static long append(struct inode *inode, uint64_t uaddr, size_t len, int64_t *offset)
{
    for (;;) {
        uint64_t size = vmo_size(inode->object);
        struct chunk c = {
            .inode = inode, .uaddr = uaddr, .start = size, .len = len, .append = true};
        if (to_page_end(size, len) < len)
            return append_large(inode, uaddr, len, offset);
        long n = try_chunk(&c);
        if (n < 0)
            return n;
        if (n > 0) {
            *offset = size + n;
            return n;
        }
        if (being_killed())
            return -EINTR;
        preempt_point();
    }
}

long vnode_write(struct inode *inode, uint64_t uaddr, size_t len, int64_t *offset)
{
    if (*offset == FILE_APPEND)
        return append(inode, uaddr, len, offset);
    uint64_t start = *offset, max = ext2_max_size(inode->fs);
    if (start >= max)
        return -EFBIG;
    len = MIN(len, max - start);
    long done = write_range(inode, uaddr, len, start);
    if (done > 0)
        *offset = start + done;
    return done;
}
