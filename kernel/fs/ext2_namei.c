/*
 * ext2_namei.c - names and what they name: lookup, create, link, unlink, symbolic links.
 *
 * Each operation locks the directory, then at most one inode named in it. What becomes unused is
 * put after the locks are gone. A new inode gets its links before its name, a removed name goes
 * before the link: in memory the link count is never below the number of names.
 */
#include "fs/ext2_int.h"

static bool is_dot_or_dotdot(const char *name, size_t len)
{
    return (len == 1 && name[0] == '.') || (len == 2 && name[0] == '.' && name[1] == '.');
}

int ext2_dir_lookup(struct inode *dir, const char *name, size_t len, struct inode **out)
{
    struct dir_place place;
    mutex_lock(&dir->lock);
    int error = ext2_dir_find(dir, name, len, &place);
    if (!error)
        error = inode_get(dir->fs, place.ino, out);
    mutex_unlock(&dir->lock);
    return error;
}

int ext2_lookup(struct inode *dir, const char *name, size_t len, struct inode **out)
{
    if (!inode_is_dir(dir))
        return -ENOTDIR;
    int error = ext2_name_check(name, len);
    if (!error)
        error = ext2_dir_lookup(dir, name, len, out);
    ext2_inodes_trim(dir->fs);
    return error;
}

/* May an entry be added under this name now? dir->lock held. */
static int check_new_name(struct inode *dir, const char *name, size_t len)
{
    struct dir_place place;
    if (dir->removed || dir->nlink == 0)
        return -ENOENT;
    int error = ext2_dir_find(dir, name, len, &place);
    return error == -ENOENT ? 0 : error ? error : -EEXIST;
}

static int check_change(struct inode *dir, const char *name, size_t len)
{
    if (!inode_is_dir(dir))
        return -ENOTDIR;
    int error = ext2_name_check(name, len);
    if (error)
        return error;
    return ext2_writable(dir->fs) ? 0 : -EROFS;
}

/* What a new inode is to be. */
struct birth {
    uint32_t mode, rdev;
    const char *target; /* of a symbolic link */
    size_t target_len;
};

static int write_target(struct inode *inode, const struct birth *birth)
{
    struct ext2_fs *fs = inode->fs;
    uint32_t block;
    struct buf *b;

    if (birth->target_len <= EXT2_FAST_SYMLINK_MAX) {
        memcpy(inode->block, birth->target, birth->target_len);
        inode->size = birth->target_len;
        return 0;
    }
    int error = ext2_bmap_locked(inode, 0, true, &block, NULL);
    if (error)
        return error;
    error = bcache_get_zero(&fs->bc, block, &b);
    if (error)
        return error;
    memcpy(b->data, birth->target, birth->target_len);
    bcache_dirty(b, BUF_META);
    bcache_put(b);
    inode->size = birth->target_len;
    return 0;
}

/* Fills a new inode and gives it its links. */
static int furnish(struct inode *dir, struct inode *inode, const struct birth *birth)
{
    int error = 0;
    if (inode_is_symlink(inode))
        error = write_target(inode, birth);
    if (inode_is_dir(inode))
        error = ext2_dir_make(inode, dir->ino);
    if (error)
        return error;
    inode->nlink = inode_is_dir(inode) ? 2 : 1;
    return ext2_inode_write(inode);
}

/* Both locks held: names the new inode, or leaves it without links. */
static int name_new(struct inode *dir, const char *name, size_t len, struct inode *inode,
                    const struct birth *birth)
{
    int error = furnish(dir, inode, birth);
    if (!error)
        error = ext2_dir_add(dir, name, len, inode->ino, inode->mode, NULL);
    if (error) {
        inode->nlink = 0;
        inode->removed = true;
        return error;
    }
    if (!inode_is_dir(inode))
        return 0;
    dir->nlink++;
    return ext2_inode_write(dir);
}

/* dir->lock held. */
static int make_locked(struct inode *dir, const char *name, size_t len, const struct birth *birth,
                       struct inode **out)
{
    int error = check_new_name(dir, name, len);
    if (error)
        return error;
    if ((birth->mode & ABI_S_IFMT) == ABI_S_IFDIR && dir->nlink >= EXT2_LINK_MAX)
        return -EMLINK;
    error = inode_create(dir, birth->mode, birth->rdev, out);
    if (error)
        return error;
    mutex_lock_nested(&(*out)->lock);
    error = name_new(dir, name, len, *out, birth);
    mutex_unlock(&(*out)->lock);
    return error;
}

static int make(struct inode *dir, const char *name, size_t len, const struct birth *birth,
                struct inode **out)
{
    struct inode *inode = NULL;
    int error = check_change(dir, name, len);
    if (error)
        return error;
    mutex_lock(&dir->lock);
    error = make_locked(dir, name, len, birth, &inode);
    mutex_unlock(&dir->lock);
    if (inode && (error || !out))
        inode_put(inode);
    else if (!error)
        *out = inode;
    ext2_inodes_trim(dir->fs);
    return error;
}

int ext2_create(struct inode *dir, const char *name, size_t len, uint32_t perm, struct inode **out)
{
    struct birth birth = {.mode = ABI_S_IFREG | (perm & 07777)};
    return make(dir, name, len, &birth, out);
}

int ext2_mkdir(struct inode *dir, const char *name, size_t len, uint32_t perm, struct inode **out)
{
    struct birth birth = {.mode = ABI_S_IFDIR | (perm & 07777)};
    return make(dir, name, len, &birth, out);
}

int ext2_mknod(struct inode *dir, const char *name, size_t len, uint32_t mode, uint32_t rdev,
               struct inode **out)
{
    struct birth birth = {.mode = mode & (ABI_S_IFMT | 07777), .rdev = rdev};
    switch (mode & ABI_S_IFMT) {
    case ABI_S_IFCHR:
    case ABI_S_IFBLK:
        if (rdev > 0xFFFF)
            return -EINVAL;
        return make(dir, name, len, &birth, out);
    case ABI_S_IFIFO:
    case ABI_S_IFREG:
        birth.rdev = 0;
        return make(dir, name, len, &birth, out);
    default:
        return -EINVAL;
    }
}

int ext2_symlink(struct inode *dir, const char *name, size_t len, const char *target,
                 size_t target_len, struct inode **out)
{
    struct birth birth = {ABI_S_IFLNK | 0777, 0, target, target_len};
    if (target_len == 0)
        return -ENOENT;
    if (target_len >= dir->fs->block_size)
        return -ENAMETOOLONG;
    return make(dir, name, len, &birth, out);
}

/* Both locks held. */
static int link_locked(struct inode *dir, const char *name, size_t len, struct inode *target)
{
    int error = check_new_name(dir, name, len);
    if (error)
        return error;
    if (target->nlink == 0)
        return -ENOENT;
    if (target->nlink >= EXT2_LINK_MAX)
        return -EMLINK;
    error = ext2_dir_add(dir, name, len, target->ino, target->mode, NULL);
    if (error)
        return error;
    target->nlink++;
    target->ctime = ext2_now();
    return ext2_inode_write(target);
}

int ext2_link(struct inode *dir, const char *name, size_t len, struct inode *target)
{
    int error = check_change(dir, name, len);
    if (error)
        return error;
    if (inode_is_dir(target))
        return -EPERM;
    if (target->fs != dir->fs)
        return -EXDEV;
    mutex_lock(&dir->lock);
    mutex_lock_nested(&target->lock);
    error = link_locked(dir, name, len, target);
    mutex_unlock(&target->lock);
    mutex_unlock(&dir->lock);
    return error;
}

/* May the (locked) inode lose its name by unlink (want_dir false) or rmdir (true)? */
static int check_removal(struct inode *inode, bool want_dir)
{
    if (!want_dir)
        return inode_is_dir(inode) ? -EISDIR : 0;
    if (!inode_is_dir(inode))
        return -ENOTDIR;
    if (inode->ino == EXT2_ROOT_INO)
        return -EBUSY;
    return ext2_dir_is_empty(inode);
}

/* The name is gone: takes its link. Both locks held. */
static int drop_link(struct inode *dir, struct inode *inode)
{
    inode->ctime = ext2_now();
    if (inode_is_dir(inode)) {
        inode->nlink = 0;
        inode->removed = true;
        if (dir->nlink > 2)
            dir->nlink--;
        int error = ext2_inode_write(dir);
        if (error)
            return error;
    } else if (inode->nlink > 0) {
        inode->nlink--;
    }
    return ext2_inode_write(inode);
}

/* dir->lock held; the inode that lost its name goes to *gone. */
static int remove_locked(struct inode *dir, const char *name, size_t len, bool want_dir,
                         struct inode **gone)
{
    struct dir_place place;
    int error = ext2_dir_find(dir, name, len, &place);
    if (error)
        return error;
    if (place.ino == dir->ino) { /* only damage names a directory in itself */
        ext2_complain(dir->fs, "directory %u names itself", dir->ino);
        return -EIO;
    }
    error = inode_get(dir->fs, place.ino, gone);
    if (error)
        return error;
    mutex_lock_nested(&(*gone)->lock);
    error = check_removal(*gone, want_dir);
    if (!error)
        error = ext2_dir_remove(dir, &place);
    if (!error)
        error = drop_link(dir, *gone);
    mutex_unlock(&(*gone)->lock);
    return error;
}

static int remove_name(struct inode *dir, const char *name, size_t len, bool want_dir)
{
    struct inode *gone = NULL;
    int error = check_change(dir, name, len);
    if (error)
        return error;
    mutex_lock(&dir->lock);
    error = remove_locked(dir, name, len, want_dir, &gone);
    mutex_unlock(&dir->lock);
    if (gone)
        inode_put(gone);
    return error;
}

int ext2_unlink(struct inode *dir, const char *name, size_t len)
{
    if (is_dot_or_dotdot(name, len))
        return inode_is_dir(dir) ? -EISDIR : -ENOTDIR;
    return remove_name(dir, name, len, false);
}

int ext2_rmdir(struct inode *dir, const char *name, size_t len)
{
    if (is_dot_or_dotdot(name, len))
        return len == 1 ? -EINVAL : -ENOTEMPTY;
    return remove_name(dir, name, len, true);
}

static long read_target(struct inode *inode, char *buf, size_t size)
{
    struct ext2_fs *fs = inode->fs;
    size_t n = MIN((size_t)inode->size, size);
    uint64_t acl = inode->acl_block ? fs->block_size / 512 : 0;
    uint32_t block;
    struct buf *b;

    if (inode->sectors <= acl) {
        memcpy(buf, inode->block, MIN(n, (size_t)EXT2_FAST_SYMLINK_MAX));
        return (long)MIN(n, (size_t)EXT2_FAST_SYMLINK_MAX);
    }
    int error = ext2_bmap_locked(inode, 0, false, &block, NULL);
    if (!error && block == 0)
        error = -EIO;
    if (!error)
        error = bcache_get(&fs->bc, block, &b);
    if (error)
        return error;
    memcpy(buf, b->data, n);
    bcache_put(b);
    return (long)n;
}

long ext2_readlink(struct inode *inode, char *buf, size_t size)
{
    if (!inode_is_symlink(inode))
        return -EINVAL;
    mutex_lock(&inode->lock);
    long n = read_target(inode, buf, size);
    mutex_unlock(&inode->lock);
    return n;
}
