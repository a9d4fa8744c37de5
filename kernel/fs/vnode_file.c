/*
 * vnode_file.c - regular files as open files: read, seek, stat, mmap; write is in vnode_write.c.
 *
 * read() takes one page after the other from the object, which fills it (from the disk, or by
 * asking the file's pager) and reads ahead, and copies from the frame with no lock held: the
 * reference on the frame is what keeps it. The file holds a reference on its inode;
 * each operation is a user of the object, without which the pager's handle would not serve it.
 */
#include "fs/vnode.h"

#include "abi/errno.h"
#include "abi/vm.h"
#include "fs/ext2.h"
#include "lib/string.h"
#include "sched/sched.h"
#include "vm/aspace.h"
#include "vm/pager.h"
#include "vm/uaccess.h"
#include "vm/vmo.h"

/* Copies what page `index` holds of [offset, offset + len) to the user. Bytes; 0: end of file. */
static long read_from_page(struct vmo *vmo, uint64_t uaddr, size_t len, uint64_t offset)
{
    struct page *page;
    int err = vmo_get_page(vmo, offset >> PAGE_SHIFT, VMO_GET_KILLABLE, &page);
    if (err)
        return err == -EBOUNDS ? 0 : err;
    uint64_t size = vmo_size(vmo); /* again: it may have changed while the page came */
    size_t n = MIN(len, PAGE_SIZE - (offset & PAGE_MASK));
    n = size > offset ? MIN(n, size - offset) : 0;
    if (n > 0)
        err = copy_to_user(uaddr, (char *)page_kva(page) + (offset & PAGE_MASK), n);
    page_put(page);
    return err ? err : (long)n;
}

/* A long transfer ends early when its process is killed. */
static bool being_killed(void)
{
    return __atomic_load_n(&current_thread()->kill, __ATOMIC_RELAXED) != 0;
}

static long regular_read(struct file *f, uint64_t uaddr, size_t len, int64_t *offset)
{
    struct inode *inode = f->data;
    size_t done = 0;
    long n = 0;
    vmo_get(inode->object);
    while (done < len && (uint64_t)*offset < vmo_size(inode->object)) {
        n = read_from_page(inode->object, uaddr + done, len - done, *offset);
        if (n <= 0)
            break;
        done += n;
        *offset += n;
        if (being_killed())
            break;
        preempt_point();
    }
    vmo_put(inode->object);
    ext2_touch_accessed(inode);
    return n < 0 && !done ? n : (long)done;
}

static long regular_write(struct file *f, uint64_t uaddr, size_t len, int64_t *offset)
{
    struct inode *inode = f->data;
    if (len == 0)
        return 0;
    vmo_get(inode->object);
    long n = vnode_write(inode, uaddr, len, offset);
    vmo_put(inode->object);
    if (n > 0 && (file_flags(f) & ABI_O_SYNC)) {
        int err = vnode_sync(inode);
        if (err)
            return err;
    }
    return n;
}

static int64_t regular_seek(struct file *f, int64_t from, int64_t offset, int whence)
{
    struct inode *inode = f->data;
    int64_t base;
    if (whence == ABI_SEEK_SET)
        base = 0;
    else if (whence == ABI_SEEK_CUR)
        base = from;
    else if (whence == ABI_SEEK_END)
        base = vmo_size(inode->object);
    else
        return -EINVAL;
    if (offset > 0 && base > INT64_MAX - offset)
        return -EOVERFLOW;
    return base + offset < 0 ? -EINVAL : base + offset;
}

static int regular_stat(struct file *f, struct abi_stat *st)
{
    ext2_getattr(f->data, st);
    return 0;
}

static int regular_truncate(struct file *f, int64_t len)
{
    return vnode_truncate(f->data, len);
}

static int regular_sync(struct file *f)
{
    return vnode_sync(f->data);
}

/* The pager must be there before anybody can wait for it with a lock: it is tied here. */
static int regular_mmap(struct file *f, struct map_request *req)
{
    struct inode *inode = f->data;
    bool shared = (req->flags & ABI_MAP_TYPE) == ABI_MAP_SHARED;
    bool writable = shared && file_writable(f);
    if (!file_readable(f) || (shared && (req->prot & ABI_PROT_WRITE) && !writable))
        return -EACCES;
    req->prot_max = ABI_PROT_READ | ABI_PROT_EXEC;
    if (!shared || writable)
        req->prot_max |= ABI_PROT_WRITE;
    vmo_get(inode->object);
    int err = pager_bind_file(inode->object);
    if (err) {
        vmo_put(inode->object);
        return err;
    }
    req->vmo = inode->object;
    return 0;
}

static void regular_close(struct file *f)
{
    struct inode *inode = f->data;
    vnode_drop_unlinked(inode);
    inode_put(inode);
}

static const struct file_ops regular_ops = {
    .read = regular_read,
    .write = regular_write,
    .seek = regular_seek,
    .stat = regular_stat,
    .truncate = regular_truncate,
    .sync = regular_sync,
    .mmap = regular_mmap,
    .close = regular_close,
};

int vnode_open_regular(struct inode *inode, const char *name, uint32_t flags, struct file **out)
{
    struct vmo *vmo;
    int err = vnode_object(inode, name, &vmo);
    if (err)
        return err;
    *out = file_create(&regular_ops, inode, flags);
    return *out ? 0 : -ENOMEM;
}
