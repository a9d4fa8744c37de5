/*
 * vnode_dir.c - directories as open files: getdents(), seek to a cookie, stat, sync.
 *
 * Entries are gathered in a kernel buffer while ext2 holds the directory's lock and then copied out
 * with none held. The file's offset is ext2's cookie; 0 is the beginning.
 */
#include "abi/errno.h"
#include "fs/ext2.h"
#include "fs/vnode.h"
#include "lib/string.h"
#include "mem/kalloc.h"
#include "vm/uaccess.h"

enum { BUFFER = 2048 };

struct gather {
    char *buf;
    size_t len, used; /* bytes */
    bool refused;     /* an entry did not fit */
};

static bool gather_entry(void *ctx, const struct ext2_dirent *e)
{
    struct gather *g = ctx;
    size_t reclen = ALIGN_UP(sizeof(struct abi_dirent) + e->name_len + 1, 8ul);
    if (reclen > g->len - g->used) {
        g->refused = true;
        return false;
    }
    struct abi_dirent *d = (struct abi_dirent *)(g->buf + g->used);
    memset(d, 0, reclen);
    d->ino = e->ino;
    d->next = e->next;
    d->reclen = reclen;
    d->type = e->type;
    d->namelen = e->name_len;
    memcpy(d->name, e->name, e->name_len);
    g->used += reclen;
    return true;
}

static long dir_getdents(struct file *f, uint64_t uaddr, size_t len, int64_t *offset)
{
    struct gather g = {.len = MIN(len, (size_t)BUFFER)};
    uint64_t pos = *offset;
    g.buf = kalloc(BUFFER);
    if (!g.buf)
        return -ENOMEM;
    int err = ext2_readdir(f->data, &pos, gather_entry, &g);
    if (!err && g.used == 0 && g.refused)
        err = -EINVAL;
    if (!err)
        err = copy_to_user(uaddr, g.buf, g.used);
    if (!err)
        *offset = pos;
    kfree(g.buf);
    ext2_touch_accessed(f->data);
    return err ? err : (long)g.used;
}

static long dir_read(struct file *f, uint64_t uaddr, size_t len, int64_t *offset)
{
    (void)f;
    (void)uaddr;
    (void)len;
    (void)offset;
    return -EISDIR;
}

static int64_t dir_seek(struct file *f, int64_t from, int64_t offset, int whence)
{
    (void)f;
    if (whence == ABI_SEEK_CUR && offset == 0)
        return from;
    return whence == ABI_SEEK_SET && offset >= 0 ? offset : -EINVAL;
}

static int dir_stat(struct file *f, struct abi_stat *st)
{
    ext2_getattr(f->data, st);
    return 0;
}

static int dir_truncate(struct file *f, int64_t len)
{
    (void)f;
    (void)len;
    return -EINVAL;
}

static int dir_sync(struct file *f)
{
    return vnode_sync(f->data);
}

static void dir_close(struct file *f)
{
    inode_put(f->data);
}

static const struct file_ops dir_ops = {
    .read = dir_read,
    .seek = dir_seek,
    .stat = dir_stat,
    .truncate = dir_truncate,
    .sync = dir_sync,
    .getdents = dir_getdents,
    .close = dir_close,
};

int vnode_open_dir(struct inode *inode, uint32_t flags, struct file **out)
{
    *out = file_create(&dir_ops, inode, flags);
    return *out ? 0 : -ENOMEM;
}

struct inode *vnode_of_dir(struct file *f)
{
    return f->ops == &dir_ops ? f->data : NULL;
}
