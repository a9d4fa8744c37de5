/*
 * vnode.c - a regular file's memory object: birth, death, size, and what it asks of its host.
 *
 * The object (inode->object) is made when the file is first opened and lives until the inode leaves
 * memory (hooks.evicted), so that unused files keep their pages as long as memory lasts. While
 * the object has users (mappings, dirty pages, operations) it holds one reference on the inode.
 * inode->size and the object's size are changed together, under inode->lock, the object's first
 * when a file shrinks (pages go before blocks). Entry points: vnode_object(), vnode_truncate(),
 * vnode_sync(), the hooks and the vmo_ops.
 */
#include "fs/vnode.h"

#include "abi/errno.h"
#include "arch/riscv/time.h"
#include "fs/ext2.h"
#include "fs/vnode_io.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "mem/kalloc.h"
#include "vm/vmo.h"

enum { NAME_LEN = 40, SYNC_LIMIT_S = 30 };

static int object_fill(struct vmo *vmo, uint64_t index, struct page **pages, unsigned n)
{
    return vnode_read_pages(vmo->host, index, pages, n);
}

static int object_flush(struct vmo *vmo, uint64_t index, struct page **pages, unsigned n,
                        uint64_t valid_bytes)
{
    return vnode_write_pages(vmo->host, index, pages, n, valid_bytes, NULL);
}

static int object_commit(struct vmo *vmo)
{
    struct inode *inode = vmo->host;
    return fs_commit(inode->fs);
}

static int object_prepare_write(struct vmo *vmo, uint64_t index, unsigned n)
{
    return vnode_reserve_pages(vmo->host, index, n);
}

static void object_modified(struct vmo *vmo)
{
    ext2_touch_modified(vmo->host);
}

/* Unlinked, and the object's own reference is the only one left. */
static bool object_discardable(struct vmo *vmo)
{
    struct inode *inode = vmo->host;
    return READ_ONCE(inode->nlink) == 0 && READ_ONCE(inode->refs) == 1;
}

static void object_hold(struct vmo *vmo)
{
    inode_hold(vmo->host);
}

static void object_release(struct vmo *vmo)
{
    inode_put(vmo->host);
}

static void object_name(struct vmo *vmo, char *buf, size_t len)
{
    struct inode *inode = vmo->host;
    strlcpy(buf, inode->vnode, len);
}

static const struct vmo_ops object_ops = {
    .fill = object_fill,
    .flush = object_flush,
    .commit = object_commit,
    .prepare_write = object_prepare_write,
    .modified = object_modified,
    .discardable = object_discardable,
    .hold = object_hold,
    .release = object_release,
    .name = object_name,
};

/* Makes the object; inode->lock is held, so the size stands still. */
static int make_object_locked(struct inode *inode, const char *name)
{
    char *copy = kalloc(NAME_LEN);
    struct vmo *vmo = copy ? vmo_create(&object_ops, inode, inode->size) : NULL;
    if (!vmo) {
        kfree(copy);
        return -ENOMEM;
    }
    strlcpy(copy, name, NAME_LEN);
    inode->vnode = copy;
    __atomic_store_n(&inode->object, vmo, __ATOMIC_RELEASE);
    return 0;
}

int vnode_object(struct inode *inode, const char *name, struct vmo **out)
{
    int err = 0;
    ASSERT(inode_is_reg(inode));
    if (!__atomic_load_n(&inode->object, __ATOMIC_ACQUIRE)) {
        mutex_lock(&inode->lock);
        if (!inode->object)
            err = make_object_locked(inode, name);
        mutex_unlock(&inode->lock);
    }
    if (!err)
        *out = inode->object;
    return err;
}

/* The file was cut (inode->lock held): its pages go, then ext2 frees the blocks. */
static void truncated(struct inode *inode, uint64_t new_size)
{
    if (inode->object)
        vmo_set_size(inode->object, new_size);
}

static void evicted(struct inode *inode)
{
    if (!inode->object)
        return;
    vmo_destroy(inode->object);
    inode->object = NULL;
    kfree(inode->vnode);
    inode->vnode = NULL;
}

const struct inode_hooks vnode_hooks = {.truncated = truncated, .evicted = evicted};

static int set_length_locked(struct inode *inode, uint64_t len)
{
    uint64_t old = inode->size;
    int err = ext2_truncate_locked(inode, len); /* shrinking: calls truncated() */
    if (err)
        return err;
    if (len < old)
        return vnode_zero_block_tail_locked(inode, len);
    if (inode->object)
        vmo_set_size(inode->object, len);
    return 0;
}

int vnode_truncate(struct inode *inode, int64_t len)
{
    if (len < 0)
        return -EINVAL;
    mutex_lock(&inode->lock);
    int err = set_length_locked(inode, len);
    mutex_unlock(&inode->lock);
    return err;
}

/* Only the caller, by one reference, and perhaps dirty pages still use the file. */
static bool nobody_else(struct inode *inode)
{
    struct vmo *vmo = __atomic_load_n(&inode->object, __ATOMIC_ACQUIRE);
    uint32_t users = 0, dirty = 0;
    if (vmo) {
        spin_lock(&vmo->lock);
        users = vmo->refs;
        dirty = vmo->dirty_held;
        spin_unlock(&vmo->lock);
    }
    return users == dirty && READ_ONCE(inode->refs) == 1 + users;
}

void vnode_drop_unlinked(struct inode *inode)
{
    if (inode_is_reg(inode) && READ_ONCE(inode->nlink) == 0 && READ_ONCE(inode->size) > 0 &&
        nobody_else(inode))
        (void)vnode_truncate(inode, 0); /* a failure is mended when the inode is freed */
}

int vnode_sync(struct inode *inode)
{
    int err = 0;
    struct vmo *vmo = __atomic_load_n(&inode->object, __ATOMIC_ACQUIRE);
    if (vmo) /* committing is left to the end, for the metadata's sake too */
        err = vmo_write_back(vmo, 0, UINT64_MAX, time_after_ns(SYNC_LIMIT_S * NS_PER_SEC));
    int commit_err = fs_commit(inode->fs);
    return err ? err : commit_err;
}
