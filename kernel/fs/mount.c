/*
 * mount.c - the mounted root file system, its sync and its end; where processes' paths begin.
 *
 * One file system. Its root inode is held from fs_init() on. Order of every sync: dirty pages of
 * all objects, then metadata, then the device's cache. fs_shutdown() comes after the last process.
 */
#include "abi/errno.h"
#include "abi/ext2.h"
#include "arch/riscv/time.h"
#include "core/log.h"
#include "dev/blk.h"
#include "fs/ext2.h"
#include "fs/vnode.h"
#include "vm/pageout.h"

enum { SYNC_LIMIT_S = 30 };

static struct ext2_fs *root_fs;  /* [I] after fs_init() */
static struct inode *root_inode; /* [I] after fs_init(), one reference */

static uint64_t shrink(uint64_t frames)
{
    return ext2_shrink(root_fs, frames);
}

int fs_init(void)
{
    struct blk_dev *dev = blk_root();
    if (!dev) {
        log_print("fs: no disk");
        return -ENODEV;
    }
    int err = ext2_mount(dev, 0, &vnode_hooks, &root_fs);
    if (!err)
        err = inode_get(root_fs, EXT2_ROOT_INO, &root_inode);
    if (err) {
        log_print("fs: cannot mount %s: error %d", dev->name, -err);
        return err;
    }
    pageout_register_shrinker(shrink);
    return fs_syncer_start(root_fs);
}

int fs_sync(void)
{
    int err = pageout_sync_all(time_after_ns(SYNC_LIMIT_S * NS_PER_SEC));
    int commit_err = fs_commit(root_fs);
    return err ? err : commit_err;
}

int fs_shutdown(void)
{
    if (!root_fs)
        return 0;
    int err = pageout_rescue_all(); /* no pager is left to do it */
    int seal_err = ext2_seal(root_fs);
    int flush_err = blk_flush_sync(ext2_device(root_fs));
    err = err ? err : seal_err ? seal_err : flush_err;
    if (err)
        log_print("fs: not everything was written: error %d", -err);
    return err;
}

int fs_context_init(struct fs_context *fc)
{
    spin_init(&fc->lock, RANK_FILE);
    inode_hold(root_inode);
    inode_hold(root_inode);
    fc->root = fc->cwd = root_inode;
    fc->umask = 022;
    return 0;
}

struct inode *fs_context_cwd(struct fs_context *fc)
{
    spin_lock(&fc->lock);
    struct inode *cwd = fc->cwd;
    inode_hold(cwd);
    spin_unlock(&fc->lock);
    return cwd;
}

void fs_context_copy(struct fs_context *to, struct fs_context *from)
{
    spin_init(&to->lock, RANK_FILE);
    inode_hold(from->root);
    to->root = from->root;
    to->cwd = fs_context_cwd(from);
    to->umask = from->umask;
}

void fs_context_drop(struct fs_context *fc)
{
    if (fc->cwd)
        inode_put(fc->cwd);
    if (fc->root)
        inode_put(fc->root);
    fc->cwd = fc->root = NULL;
}
