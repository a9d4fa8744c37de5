/*
 * vnode_direct.c - the handle by which a pager reads and writes its file, past the page cache.
 *
 * Page-aligned offsets with page-aligned buffers go by DMA between the disk and the pager's frames
 * (usually lent ones of its window); anything else passes through one frame. Reads are short at the
 * end of the file and zero in holes; writes never change the size, and what lies beyond it is
 * dropped. Takes no lock that a thread could hold while it waits for the pager: inode->lock is
 * never held across such a wait.
 *
 * The handle pins the object's struct, not the file. Each operation makes itself a user of the
 * object, which is possible as long as there is another one; else nobody can be waiting for this
 * I/O: -ESTALE.
 */
#include "abi/errno.h"
#include "fs/ext2.h"
#include "fs/vnode.h"
#include "fs/vnode_io.h"
#include "lib/string.h"
#include "mem/page.h"
#include "sched/sched.h"
#include "vm/uaccess.h"
#include "vm/vmo.h"
#include "vm/vmo_page.h"

enum { RUN = 16 };

/* Becomes a user of the object if it has one. NULL: it has none. */
static struct inode *direct_enter(struct vmo *vmo)
{
    struct inode *inode = NULL;
    spin_lock(&vmo->lock);
    if (vmo->refs > 0) {
        vmo_get_locked(vmo);
        inode = vmo->host;
    }
    spin_unlock(&vmo->lock);
    return inode;
}

static uint64_t file_size(struct inode *inode)
{
    return READ_ONCE(inode->size);
}

/* Whole pages, buffer and offset page-aligned. `to_user`: read. Bytes done = len, or -errno. */
static long direct_pages(struct inode *inode, uint64_t uaddr, size_t len, uint64_t offset,
                         bool to_user)
{
    struct page *pages[RUN];
    unsigned n = len / PAGE_SIZE;
    int err = user_pin_pages(uaddr, n, to_user, pages);
    if (err)
        return err;
    if (to_user)
        err = vnode_read_pages(inode, offset >> PAGE_SHIFT, pages, n);
    else
        err = vnode_write_pages(inode, offset >> PAGE_SHIFT, pages, n, len, NULL);
    for (unsigned i = 0; i < n; i++)
        page_put(pages[i]);
    return err ? err : (long)len;
}

/* Within one page, through a frame of ours. */
static long bounce_read(struct inode *inode, struct page *frame, uint64_t uaddr, size_t len,
                        uint64_t offset)
{
    int err = vnode_read_pages(inode, offset >> PAGE_SHIFT, &frame, 1);
    if (!err)
        err = copy_to_user(uaddr, (char *)page_kva(frame) + (offset & PAGE_MASK), len);
    return err ? err : (long)len;
}

/* True if the user's bytes lie in a lent frame whose page was truncated away. */
static bool source_is_orphan(uint64_t uaddr)
{
    struct page *page;
    if (user_pin_pages(ALIGN_DOWN(uaddr, PAGE_SIZE), 1, false, &page))
        return false; /* the copy will find out why */
    bool orphan = (page->flags & VM_PAGE_ORPHAN) != 0;
    page_put(page);
    return orphan;
}

/* Bytes of the page that the pager does not write come from the object, not from the disk: the file
 * may have grown since the FLUSH was sent, and its last block may never have been written. */
static long bounce_write(struct inode *inode, struct page *frame, uint64_t uaddr, size_t len,
                         uint64_t offset)
{
    struct vmo *vmo = inode->object;
    uint64_t index = offset >> PAGE_SHIFT, generation;
    int err;
    do {
        struct page *page;
        generation = READ_ONCE(vmo->generation);
        if (source_is_orphan(uaddr) || vmo_get_page(vmo, index, VMO_GET_NOWAIT, &page))
            return len; /* cut off meanwhile: dropped */
        copy_page(page_kva(frame), page_kva(page));
        page_put(page);
        err = copy_from_user((char *)page_kva(frame) + (offset & PAGE_MASK), uaddr, len);
        if (!err)
            err = vnode_write_pages(inode, index, &frame, 1, PAGE_SIZE, &generation);
    } while (err == -ESTALE);
    return err ? err : (long)len;
}

static long direct_bounce(struct inode *inode, uint64_t uaddr, size_t len, uint64_t offset,
                          bool to_user)
{
    struct page *frame = page_alloc(PAGE_URGENT);
    if (!frame)
        return -ENOMEM;
    len = MIN(len, PAGE_SIZE - (offset & PAGE_MASK));
    long n = to_user ? bounce_read(inode, frame, uaddr, len, offset)
                     : bounce_write(inode, frame, uaddr, len, offset);
    page_put(frame);
    return n;
}

/* One step, not past the end of the file. */
static long direct_step(struct inode *inode, uint64_t uaddr, size_t len, uint64_t offset,
                        bool to_user)
{
    bool aligned = IS_ALIGNED(uaddr, PAGE_SIZE) && IS_ALIGNED(offset, PAGE_SIZE);
    size_t whole = ALIGN_DOWN(MIN(len, RUN * PAGE_SIZE), PAGE_SIZE);
    if (aligned && whole)
        return direct_pages(inode, uaddr, whole, offset, to_user);
    return direct_bounce(inode, uaddr, len, offset, to_user);
}

static long direct_transfer(struct file *f, uint64_t uaddr, size_t len, int64_t *offset,
                            bool to_user)
{
    struct vmo *vmo = f->data;
    struct inode *inode = direct_enter(vmo);
    size_t done = 0;
    long n = 0;
    if (!inode)
        return -ESTALE;
    while (done < len) {
        uint64_t size = file_size(inode), at = *offset;
        if (at >= size)
            break;
        n = direct_step(inode, uaddr + done, MIN(len - done, size - at), at, to_user);
        if (n < 0)
            break;
        done += n;
        *offset += n;
        preempt_point();
    }
    vmo_put(vmo);
    if (n < 0 && !done)
        return n;
    /* What was written beyond the end is taken and dropped: the file was cut meanwhile. */
    if (!to_user && n >= 0 && done < len) {
        *offset += len - done;
        done = len;
    }
    return done;
}

static long direct_read(struct file *f, uint64_t uaddr, size_t len, int64_t *offset)
{
    return direct_transfer(f, uaddr, len, offset, true);
}

static long direct_write(struct file *f, uint64_t uaddr, size_t len, int64_t *offset)
{
    if (*offset < 0)
        return -EINVAL;
    return direct_transfer(f, uaddr, len, offset, false);
}

static int64_t direct_seek(struct file *f, int64_t from, int64_t offset, int whence)
{
    struct vmo *vmo = f->data;
    int64_t base = whence == ABI_SEEK_SET   ? 0
                   : whence == ABI_SEEK_CUR ? from
                                            : (int64_t)vmo_size(vmo);
    if (whence < ABI_SEEK_SET || whence > ABI_SEEK_END)
        return -EINVAL;
    if (offset > 0 && base > INT64_MAX - offset)
        return -EOVERFLOW;
    return base + offset < 0 ? -EINVAL : base + offset;
}

static int direct_stat(struct file *f, struct abi_stat *st)
{
    struct inode *inode = direct_enter(f->data);
    if (!inode)
        return -ESTALE;
    ext2_getattr(inode, st);
    vmo_put(f->data);
    return 0;
}

/* The data is past every cache of ours: metadata and the device's cache remain. Where a thread is
 * waiting for this object's write-back it commits when all is written, before it tells anybody:
 * this call need not do so after every run of pages. */
static int direct_sync(struct file *f)
{
    struct vmo *vmo = f->data;
    struct inode *inode = direct_enter(vmo);
    if (!inode)
        return -ESTALE;
    spin_lock(&vmo->lock);
    bool later = vmo->n_syncing > 0;
    spin_unlock(&vmo->lock);
    int err = later ? 0 : fs_commit(inode->fs);
    vmo_put(f->data);
    return err;
}

static void direct_close(struct file *f)
{
    vmo_unpin(f->data);
}

static const struct file_ops direct_ops = {
    .read = direct_read,
    .write = direct_write,
    .seek = direct_seek,
    .stat = direct_stat,
    .sync = direct_sync,
    .close = direct_close,
};

struct file *vnode_direct_file(struct vmo *vmo, bool writable)
{
    uint32_t flags = ABI_O_DIRECT | (writable ? ABI_O_RDWR : ABI_O_RDONLY);
    struct file *f = file_create(&direct_ops, vmo, flags);
    if (f) {
        f->close_on_fork = true;
        vmo_pin(vmo);
    }
    return f;
}
