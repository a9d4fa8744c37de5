/*
 * file.c - open files: references, access mode, and the shared offset.
 *
 * Owns struct file from creation to its last reference. Does not know what is behind a file: every
 * operation goes through its table. The offset of a seekable file is taken by one operation at a
 * time (pos_take, pos_give): whoever comes meanwhile sleeps, killably, on pos_waitq. That is not a
 * lock in the sense of the ranks: the holder may fault on user memory and so wait for a pager; a
 * pager has descriptors of its own and so never waits here for its client. Lock: file->lock
 * (RANK_FILE) for pos_taken. Entry points: fs/file.h.
 */
#include "fs/file.h"

#include "abi/errno.h"
#include "lib/assert.h"
#include "lib/types.h"
#include "mem/kalloc.h"
#include "vm/uaccess.h"

enum { TOUCH_MAX = 65536 };

static struct kcache file_cache = KCACHE_INIT("file", struct file);

struct file *file_create(const struct file_ops *ops, void *data, uint32_t flags)
{
    struct file *f = kcache_alloc_zero(&file_cache);
    if (!f)
        return NULL;
    ref_init(&f->refs, 1);
    spin_init(&f->lock, RANK_FILE);
    waitq_init(&f->pos_waitq);
    f->ops = ops;
    f->data = data;
    f->flags = flags;
    f->seekable = ops->seek != NULL;
    return f;
}

void file_get(struct file *f)
{
    ref_get(&f->refs);
}

void file_put(struct file *f)
{
    if (!ref_put(&f->refs))
        return;
    if (f->ops->close)
        f->ops->close(f);
    kcache_free(&file_cache, f);
}

void file_set_flags(struct file *f, uint32_t flags)
{
    const uint32_t may_change = ABI_O_APPEND | ABI_O_NONBLOCK;
    spin_lock(&f->lock);
    __atomic_store_n(&f->flags, (f->flags & ~may_change) | (flags & may_change), __ATOMIC_RELAXED);
    spin_unlock(&f->lock);
}

/* Takes the offset. 0, or -EINTR when the process is being killed. */
static int pos_take(struct file *f)
{
    int err = 0;
    spin_lock(&f->lock);
    while (f->pos_taken && !err)
        err = waitq_wait(&f->pos_waitq, &f->lock, TIME_NEVER, WAIT_KILL, "file offset");
    if (!f->pos_taken) {
        f->pos_taken = true;
        err = 0;
    }
    spin_unlock(&f->lock);
    return err;
}

static void pos_give(struct file *f)
{
    spin_lock(&f->lock);
    ASSERT(f->pos_taken);
    f->pos_taken = false;
    waitq_wake_one(&f->pos_waitq);
    spin_unlock(&f->lock);
}

/* Touches the first of the user's pages before the offset is taken, so that whoever shares the
 * offset seldom waits for this thread's pager. A bad address is found by the operation itself. */
static void touch_first(uint64_t uaddr, size_t len, bool write)
{
    int ignored = user_prefault(uaddr, MIN(len, (size_t)TOUCH_MAX), write);
    (void)ignored;
}

long file_read(struct file *f, uint64_t uaddr, size_t len)
{
    if (!file_readable(f))
        return -EBADF;
    if (!f->ops->read)
        return -EINVAL;
    if (!f->seekable)
        return f->ops->read(f, uaddr, len, NULL);
    touch_first(uaddr, len, true);
    int err = pos_take(f);
    if (err)
        return err;
    long done = f->ops->read(f, uaddr, len, &f->offset);
    pos_give(f);
    return done;
}

long file_write(struct file *f, uint64_t uaddr, size_t len)
{
    if (!file_writable(f))
        return -EBADF;
    if (!f->ops->write)
        return -EINVAL;
    if (!f->seekable)
        return f->ops->write(f, uaddr, len, NULL);
    touch_first(uaddr, len, false);
    int err = pos_take(f);
    if (err)
        return err;
    int64_t offset = file_flags(f) & ABI_O_APPEND ? FILE_APPEND : f->offset;
    long done = f->ops->write(f, uaddr, len, &offset);
    if (done > 0)
        f->offset = offset;
    pos_give(f);
    return done;
}

long file_pread(struct file *f, uint64_t uaddr, size_t len, int64_t offset)
{
    if (!f->seekable)
        return -ESPIPE;
    if (!file_readable(f))
        return -EBADF;
    if (offset < 0 || !f->ops->read)
        return -EINVAL;
    return f->ops->read(f, uaddr, len, &offset);
}

long file_pwrite(struct file *f, uint64_t uaddr, size_t len, int64_t offset)
{
    if (!f->seekable)
        return -ESPIPE;
    if (!file_writable(f))
        return -EBADF;
    if (offset < 0 || !f->ops->write)
        return -EINVAL;
    return f->ops->write(f, uaddr, len, &offset);
}

int64_t file_seek(struct file *f, int64_t offset, int whence)
{
    if (!f->seekable)
        return -ESPIPE;
    int err = pos_take(f);
    if (err)
        return err;
    int64_t to = f->ops->seek(f, f->offset, offset, whence);
    if (to >= 0)
        f->offset = to;
    pos_give(f);
    return to;
}

long file_getdents(struct file *f, uint64_t uaddr, size_t len)
{
    if (!file_readable(f))
        return -EBADF;
    if (!f->ops->getdents)
        return -ENOTDIR;
    int err = pos_take(f);
    if (err)
        return err;
    long done = f->ops->getdents(f, uaddr, len, &f->offset);
    pos_give(f);
    return done;
}

int file_stat(struct file *f, struct abi_stat *st)
{
    return f->ops->stat ? f->ops->stat(f, st) : -EINVAL;
}

int file_poll(struct file *f, struct poll_table *pt)
{
    return f->ops->poll ? f->ops->poll(f, pt) : ABI_POLLIN | ABI_POLLOUT;
}
