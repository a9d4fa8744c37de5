/*
 * ext2_attr.c - an inode's attributes: stat, mode, times; and the count of data I/O under way.
 *
 * Reading a file notes the time of access only when it would otherwise be older than the last
 * change or than a day, so that reading does not make every inode dirty.
 */
#include "fs/ext2_int.h"

enum { ATIME_MAX_AGE = 24 * 60 * 60 };

void ext2_getattr(struct inode *inode, struct abi_stat *st)
{
    mutex_lock(&inode->lock);
    *st = (struct abi_stat){
        .dev = 1,
        .ino = inode->ino,
        .mode = inode->mode,
        .nlink = inode->nlink,
        .uid = inode->uid,
        .gid = inode->gid,
        .rdev = inode->rdev,
        .size = (int64_t)inode->size,
        .blksize = inode->fs->block_size,
        .blocks = inode->sectors,
        .atime.sec = inode->atime,
        .mtime.sec = inode->mtime,
        .ctime.sec = inode->ctime,
    };
    mutex_unlock(&inode->lock);
}

int ext2_chmod(struct inode *inode, uint32_t mode)
{
    if (!ext2_writable(inode->fs))
        return -EROFS;
    mutex_lock(&inode->lock);
    inode->mode = (uint16_t)((inode->mode & ABI_S_IFMT) | (mode & 07777));
    inode->ctime = ext2_now();
    int error = ext2_inode_write(inode);
    mutex_unlock(&inode->lock);
    return error;
}

int ext2_set_times(struct inode *inode, int64_t atime, int64_t mtime)
{
    if (!ext2_writable(inode->fs))
        return -EROFS;
    mutex_lock(&inode->lock);
    if (atime != INT64_MIN)
        inode->atime = atime;
    if (mtime != INT64_MIN)
        inode->mtime = mtime;
    inode->ctime = ext2_now();
    int error = ext2_inode_write(inode);
    mutex_unlock(&inode->lock);
    return error;
}

void ext2_touch_accessed(struct inode *inode)
{
    if (!ext2_writable(inode->fs))
        return;
    int64_t now = ext2_now();
    mutex_lock(&inode->lock);
    if (inode->atime <= inode->mtime || now - inode->atime > ATIME_MAX_AGE) {
        inode->times_dirty |= inode->atime != now;
        inode->atime = now;
    }
    mutex_unlock(&inode->lock);
}

void ext2_touch_modified_locked(struct inode *inode)
{
    if (!ext2_writable(inode->fs))
        return;
    int64_t now = ext2_now();
    inode->times_dirty |= inode->mtime != now || inode->ctime != now;
    inode->mtime = inode->ctime = now;
}

void ext2_touch_modified(struct inode *inode)
{
    mutex_lock(&inode->lock);
    ext2_touch_modified_locked(inode);
    mutex_unlock(&inode->lock);
}

void inode_io_begin(struct inode *inode)
{
    struct ext2_fs *fs = inode->fs;
    spin_lock(&fs->hash_lock);
    inode->inflight++;
    spin_unlock(&fs->hash_lock);
}

void inode_io_end(struct inode *inode)
{
    struct ext2_fs *fs = inode->fs;
    spin_lock(&fs->hash_lock);
    ASSERT(inode->inflight > 0);
    if (--inode->inflight == 0)
        waitq_wake_all(&inode->waitq);
    spin_unlock(&fs->hash_lock);
}
