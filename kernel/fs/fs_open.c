/*
 * fs_open.c - open(): finding or making the inode, and choosing what kind of open file it becomes.
 *
 * Regular files become memory objects (vnode_file.c), directories and character devices have files
 * of their own. Everybody is root: permission bits are kept but only the x bit means something, to
 * exec.
 */
#include "abi/errno.h"
#include "fs/devfile.h"
#include "fs/ext2.h"
#include "fs/path.h"
#include "fs/vnode.h"
#include "lib/string.h"
#include "vm/vmo.h"

enum { NAME_BUF = 40 };

static bool wants_write(int flags)
{
    return (flags & ABI_O_ACCMODE) != ABI_O_RDONLY;
}

/* The part of a path behind its last slash, for pmap(1). */
static void last_part(const char *path, char *buf, size_t size)
{
    const char *slash = strrchr(path, '/');
    strlcpy(buf, slash && slash[1] ? slash + 1 : path, size);
}

/* Open-flags that remain with the file. */
static uint32_t kept_flags(int flags)
{
    return flags & (ABI_O_ACCMODE | ABI_O_APPEND | ABI_O_NONBLOCK | ABI_O_SYNC);
}

static int open_regular(struct inode *inode, const char *path, int flags, bool created,
                        struct file **out)
{
    char name[NAME_BUF];
    bool change = wants_write(flags) || (flags & ABI_O_TRUNC);
    if (change && ext2_read_only(inode->fs))
        return -EROFS;
    last_part(path, name, sizeof(name));
    if ((flags & ABI_O_TRUNC) && !created) {
        int err = vnode_truncate(inode, 0);
        if (err)
            return err;
    }
    return vnode_open_regular(inode, name, kept_flags(flags), out);
}

/* Makes an open file of an inode, whose reference is taken over on success. */
static int open_inode(struct inode *inode, const char *path, int flags, bool created,
                      struct file **out)
{
    if ((flags & ABI_O_DIRECTORY) && !inode_is_dir(inode))
        return -ENOTDIR;
    switch (inode->mode & ABI_S_IFMT) {
    case ABI_S_IFREG:
        return open_regular(inode, path, flags, created, out);
    case ABI_S_IFDIR:
        if (wants_write(flags) || (flags & (ABI_O_TRUNC | ABI_O_CREAT)))
            return -EISDIR;
        return vnode_open_dir(inode, kept_flags(flags), out);
    case ABI_S_IFCHR:
        return devfile_open(inode->rdev, inode, kept_flags(flags), out);
    default:
        return -ENXIO;
    }
}

/* Looks the last name up, or makes the file. On 0 *found is referenced. */
static int find_or_create(struct path_walk *w, int flags, uint32_t perm, struct inode **found,
                          bool *created)
{
    *created = false;
    if (w->len == 0) {
        if ((flags & ABI_O_CREAT) && (flags & ABI_O_EXCL))
            return -EEXIST;
        *found = w->dir;
        inode_hold(w->dir);
        return 0;
    }
    for (;;) {
        int err = ext2_lookup(w->dir, w->name, w->len, found);
        if (!err && (flags & ABI_O_CREAT) && (flags & ABI_O_EXCL)) {
            inode_put(*found);
            return -EEXIST;
        }
        if (err != -ENOENT || !(flags & ABI_O_CREAT))
            return err;
        if (w->slash)
            return -EISDIR;
        err = ext2_create(w->dir, w->name, w->len, perm, found);
        *created = !err;
        if (err != -EEXIST)
            return err;
        /* Somebody was faster: with O_EXCL the lookup will say so. */
    }
}

static int open_walk(struct path_walk *w, const char *path, int flags, uint32_t perm,
                     struct file **out)
{
    for (;;) {
        struct inode *inode;
        bool created;
        int err = find_or_create(w, flags, perm, &inode, &created);
        if (err) {
            path_end(w);
            return err;
        }
        if (inode_is_symlink(inode) && (!(flags & ABI_O_NOFOLLOW) || w->slash)) {
            err = path_follow(w, inode); /* ends the walk if it fails */
            inode_put(inode);
            if (err)
                return err;
            continue;
        }
        if (inode_is_symlink(inode))
            err = -ELOOP;
        else if (w->slash && !inode_is_dir(inode))
            err = -ENOTDIR;
        else
            err = open_inode(inode, path, flags, created, out);
        if (err)
            inode_put(inode);
        path_end(w);
        return err;
    }
}

int fs_open(struct fs_context *fc, const char *path, int flags, uint32_t mode, struct file **out)
{
    struct path_walk w;
    if ((flags & ABI_O_ACCMODE) == ABI_O_ACCMODE)
        return -EINVAL;
    if ((flags & ABI_O_CREAT) && (flags & ABI_O_DIRECTORY))
        return -EINVAL;
    int err = path_to_parent(fc, path, &w);
    return err ? err : open_walk(&w, path, flags, mode & 07777 & ~fc->umask, out);
}

int fs_open_exec(struct fs_context *fc, const char *path, struct vmo **out)
{
    char name[NAME_BUF];
    struct inode *inode;
    int err = path_lookup(fc, path, true, &inode);
    if (err)
        return err;
    last_part(path, name, sizeof(name));
    if (!inode_is_reg(inode) || !(inode->mode & 0111))
        err = -EACCES;
    else
        err = vnode_object(inode, name, out);
    if (!err)
        vmo_get(*out);
    inode_put(inode);
    return err;
}
