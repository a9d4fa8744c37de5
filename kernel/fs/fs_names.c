/*
 * fs_names.c - calls that take paths and change or tell what they name: links, directories,
 * attributes.
 *
 * Each: walk to the parent (path.c), one call of ext2 with the last name, end the walk. Here are
 * POSIX's rules about trailing slashes and about the root, which has no last name. ext2 judges
 * names, kinds and read-only mounts.
 */
#include "abi/errno.h"
#include "arch/riscv/time.h"
#include "fs/ext2.h"
#include "fs/path.h"
#include "fs/vnode.h"
#include "lib/string.h"
#include "mem/kalloc.h"

/* Walks to the parent of the last name. A path without one (the root) gives -if_root. */
static int to_last_name(struct fs_context *fc, const char *path, struct path_walk *w, int if_root)
{
    int err = path_to_parent(fc, path, w);
    if (!err && w->len == 0) {
        path_end(w);
        err = -if_root;
    }
    return err;
}

/* The last name must be a directory if a slash is behind it. */
static int check_dir(const struct path_walk *w, bool must)
{
    struct inode *inode;
    if (!must)
        return 0;
    int err = ext2_lookup(w->dir, w->name, w->len, &inode);
    if (err)
        return err;
    err = inode_is_dir(inode) ? 0 : -ENOTDIR;
    inode_put(inode);
    return err;
}

int fs_stat(struct fs_context *fc, const char *path, bool follow, struct abi_stat *st)
{
    struct inode *inode;
    int err = path_lookup(fc, path, follow, &inode);
    if (err)
        return err;
    ext2_getattr(inode, st);
    inode_put(inode);
    return 0;
}

int fs_mkdir(struct fs_context *fc, const char *path, uint32_t mode)
{
    struct path_walk w;
    int err = to_last_name(fc, path, &w, EEXIST);
    if (err)
        return err;
    err = ext2_mkdir(w.dir, w.name, w.len, mode & 07777 & ~fc->umask, NULL);
    path_end(&w);
    return err;
}

int fs_mknod(struct fs_context *fc, const char *path, uint32_t mode, uint64_t dev)
{
    struct path_walk w;
    uint32_t type = mode & ABI_S_IFMT ? mode & ABI_S_IFMT : ABI_S_IFREG;
    if (type == ABI_S_IFDIR)
        return -EPERM;
    if (type != ABI_S_IFREG && type != ABI_S_IFCHR && type != ABI_S_IFBLK && type != ABI_S_IFIFO)
        return -EINVAL;
    if (dev > UINT16_MAX)
        return -EINVAL;
    int err = to_last_name(fc, path, &w, EEXIST);
    if (err)
        return err;
    uint32_t perm = mode & 07777 & ~fc->umask;
    err = w.slash ? -ENOENT : ext2_mknod(w.dir, w.name, w.len, type | perm, dev, NULL);
    path_end(&w);
    return err;
}

int fs_rmdir(struct fs_context *fc, const char *path)
{
    struct path_walk w;
    int err = to_last_name(fc, path, &w, EBUSY);
    if (err)
        return err;
    err = ext2_rmdir(w.dir, w.name, w.len);
    path_end(&w);
    return err;
}

int fs_unlink(struct fs_context *fc, const char *path)
{
    struct path_walk w;
    struct inode *inode;
    int err = to_last_name(fc, path, &w, EISDIR);
    if (err)
        return err;
    err = ext2_lookup(w.dir, w.name, w.len, &inode);
    if (!err) {
        err = w.slash && !inode_is_dir(inode) ? -ENOTDIR : ext2_unlink(w.dir, w.name, w.len);
        vnode_drop_unlinked(inode);
        inode_put(inode);
    }
    path_end(&w);
    return err;
}

int fs_link(struct fs_context *fc, const char *from, const char *to)
{
    struct path_walk w;
    struct inode *target;
    int err = path_lookup(fc, from, false, &target);
    if (err)
        return err;
    err = to_last_name(fc, to, &w, EEXIST);
    if (!err) {
        err = inode_is_dir(target) ? -EPERM : w.slash ? -ENOENT : 0;
        if (!err)
            err = ext2_link(w.dir, w.name, w.len, target);
        path_end(&w);
    }
    inode_put(target);
    return err;
}

int fs_symlink(struct fs_context *fc, const char *target, const char *path)
{
    struct path_walk w;
    if (!*target)
        return -ENOENT;
    int err = to_last_name(fc, path, &w, EEXIST);
    if (err)
        return err;
    err = w.slash ? -ENOENT : ext2_symlink(w.dir, w.name, w.len, target, strlen(target), NULL);
    path_end(&w);
    return err;
}

long fs_readlink(struct fs_context *fc, const char *path, char *buf, size_t len)
{
    struct inode *inode;
    int err = path_lookup(fc, path, false, &inode);
    if (err)
        return err;
    long n = inode_is_symlink(inode) ? ext2_readlink(inode, buf, len) : -EINVAL;
    inode_put(inode);
    return n;
}

int fs_rename(struct fs_context *fc, const char *from, const char *to)
{
    struct path_walk a, b;
    int err = to_last_name(fc, from, &a, EBUSY);
    if (err)
        return err;
    err = to_last_name(fc, to, &b, EBUSY);
    if (!err) {
        err = check_dir(&a, a.slash || b.slash);
        if (!err)
            err = ext2_rename(a.dir, a.name, a.len, b.dir, b.name, b.len);
        path_end(&b);
    }
    path_end(&a);
    return err;
}

int fs_truncate(struct fs_context *fc, const char *path, int64_t len)
{
    struct inode *inode;
    int err = path_lookup(fc, path, true, &inode);
    if (err)
        return err;
    err = inode_is_dir(inode) ? -EISDIR : vnode_truncate(inode, len);
    inode_put(inode);
    return err;
}

int fs_chmod(struct fs_context *fc, const char *path, uint32_t mode)
{
    struct inode *inode;
    int err = path_lookup(fc, path, true, &inode);
    if (err)
        return err;
    err = ext2_chmod(inode, mode & 07777);
    inode_put(inode);
    return err;
}

int fs_utimens(struct fs_context *fc, const char *path, const struct abi_timespec *atime,
               const struct abi_timespec *mtime)
{
    struct inode *inode;
    int64_t now = (time_boot_epoch_ns() + time_now_ns()) / NS_PER_SEC;
    int err = path_lookup(fc, path, true, &inode);
    if (err)
        return err;
    err = ext2_set_times(inode, atime ? atime->sec : now, mtime ? mtime->sec : now);
    inode_put(inode);
    return err;
}

/* Makes `inode` the current directory, taking over the reference if it is one. */
static int set_cwd(struct fs_context *fc, struct inode *inode)
{
    if (!inode_is_dir(inode))
        return -ENOTDIR;
    spin_lock(&fc->lock);
    struct inode *old = fc->cwd;
    fc->cwd = inode;
    spin_unlock(&fc->lock);
    inode_put(old);
    return 0;
}

int fs_chdir(struct fs_context *fc, const char *path)
{
    struct inode *inode;
    int err = path_lookup(fc, path, true, &inode);
    if (err)
        return err;
    err = set_cwd(fc, inode);
    if (err)
        inode_put(inode);
    return err;
}

int fs_fchdir(struct fs_context *fc, struct file *f)
{
    struct inode *inode = vnode_of_dir(f);
    if (!inode)
        return -ENOTDIR;
    inode_hold(inode);
    return set_cwd(fc, inode);
}

/* Puts "/name" of `dir` in front of what is at *at in buf, and goes up to its parent. */
static int prepend_name(struct inode **dir, char *buf, size_t *at)
{
    struct inode *parent;
    char name[ABI_NAME_MAX + 1];
    int err = ext2_lookup(*dir, "..", 2, &parent);
    if (err)
        return err;
    long len = ext2_name_of(parent, (*dir)->ino, name, sizeof(name));
    inode_put(*dir);
    *dir = parent;
    if (len < 0)
        return len;
    if ((size_t)len + 1 > *at)
        return -ERANGE;
    *at -= len + 1;
    buf[*at] = '/';
    memcpy(buf + *at + 1, name, len);
    return 0;
}

long fs_getcwd(struct fs_context *fc, char *buf, size_t len)
{
    struct inode *dir = fs_context_cwd(fc);
    size_t at = len;
    int err = len ? 0 : -ERANGE;
    if (!err)
        buf[--at] = '\0';
    while (!err && dir->ino != fc->root->ino)
        err = prepend_name(&dir, buf, &at);
    inode_put(dir);
    if (!err && at + 1 == len) { /* the root itself */
        if (at == 0)
            return -ERANGE;
        buf[--at] = '/';
    }
    if (err)
        return err;
    memmove(buf, buf + at, len - at);
    return len - at;
}

int fs_statfs(struct fs_context *fc, const char *path, struct abi_statfs *st)
{
    struct inode *inode;
    int err = path_lookup(fc, path, true, &inode);
    if (err)
        return err;
    ext2_statfs(inode->fs, st);
    inode_put(inode);
    return 0;
}
