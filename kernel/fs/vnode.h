/*
 * vnode.h - a file of the file system as an open file and as a memory object.
 *
 * Joins ext2 (metadata, block maps: fs/ext2.h) with memory objects (vm/vmo.h): one object for each
 * regular file in memory, made when it is first opened and destroyed when the inode leaves memory.
 * File data goes by DMA straight between the disk and the object's frames. docs/files.md tells the
 * whole. Order of waits: pages are made resident and user buffers prefaulted before the inode's
 * mutex is taken; under it only nofault copies happen.
 */
#ifndef FS_VNODE_H
#define FS_VNODE_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/fs.h"
#include "core/spinlock.h"
#include "fs/file.h"

struct ext2_fs;
struct inode;
struct vmo;

/* Where a path begins: held by each process. References on inodes. */
struct fs_context {
    struct spinlock lock; /* RANK_FILE */
    struct inode *root;   /* [I] */
    struct inode *cwd;    /* [l] */
    uint32_t umask;       /* [a] */
};

/* --- mount.c --- */

/* Mounts the root file system. Called once from a kernel thread. 0 or -errno (logged). */
int fs_init(void);
/* Writes everything back and marks the file system clean; afterwards writes are refused. */
int fs_shutdown(void);
int fs_sync(void);
/* Makes all that was written so far durable, metadata too; calls at the same time share the work.
 * (commit.c) */
int fs_commit(struct ext2_fs *fs);
/* Starts the thread that commits changed metadata every few seconds (syncer.c). 0 or -ENOMEM. */
int fs_syncer_start(struct ext2_fs *fs);
int fs_context_init(struct fs_context *fc); /* root as root and cwd */
void fs_context_copy(struct fs_context *to, struct fs_context *from);
void fs_context_drop(struct fs_context *fc);
/* cwd with a reference. */
struct inode *fs_context_cwd(struct fs_context *fc);

/* --- calls behind the system calls: fs_open.c, fs_names.c; paths are kernel strings. 0 or -errno
 * --- */

int fs_open(struct fs_context *fc, const char *path, int flags, uint32_t mode, struct file **out);
int fs_stat(struct fs_context *fc, const char *path, bool follow, struct abi_stat *st);
int fs_mkdir(struct fs_context *fc, const char *path, uint32_t mode);
int fs_mknod(struct fs_context *fc, const char *path, uint32_t mode, uint64_t dev);
int fs_rmdir(struct fs_context *fc, const char *path);
int fs_unlink(struct fs_context *fc, const char *path);
int fs_link(struct fs_context *fc, const char *from, const char *to);
int fs_symlink(struct fs_context *fc, const char *target, const char *path);
long fs_readlink(struct fs_context *fc, const char *path, char *buf, size_t len);
int fs_rename(struct fs_context *fc, const char *from, const char *to);
int fs_truncate(struct fs_context *fc, const char *path, int64_t len);
int fs_chmod(struct fs_context *fc, const char *path, uint32_t mode);
int fs_utimens(struct fs_context *fc, const char *path, const struct abi_timespec *atime,
               const struct abi_timespec *mtime); /* NULL: now */
int fs_chdir(struct fs_context *fc, const char *path);
int fs_fchdir(struct fs_context *fc, struct file *f);
/* The path of cwd, from the root; length with NUL, or -ERANGE, -ENOENT (removed). */
long fs_getcwd(struct fs_context *fc, char *buf, size_t len);
int fs_statfs(struct fs_context *fc, const char *path, struct abi_statfs *st);

/* For exec: the object of an executable regular file, with one user reference, and the
 * permission checked (-EACCES if it is not executable or not a regular file). Reads of its
 * headers use vmo_get_page(VMO_GET_KERNEL). */
int fs_open_exec(struct fs_context *fc, const char *path, struct vmo **out);

/* --- vnode.c --- */

/* Hooks for ext2_mount(). */
extern const struct inode_hooks vnode_hooks;
/* The object of a regular file, made if there is none; `name` is what pmap(1) will show. It lives
 * as long as the inode is in memory: no reference is given. 0 or -ENOMEM. */
int vnode_object(struct inode *inode, const char *name, struct vmo **out);
/* Sets the length of a regular file. -EINVAL, -EISDIR, -EFBIG, -EROFS, -EIO. */
int vnode_truncate(struct inode *inode, int64_t len);
/* A name or a user of the file goes: if it has no name and nobody but the caller uses it any more,
 * gives its pages and blocks back now instead of when its dirty pages are found to be garbage. The
 * caller has one reference and is no user of the object. */
void vnode_drop_unlinked(struct inode *inode);
/* Writes the file's dirty pages and all metadata to the disk and waits. First error. */
int vnode_sync(struct inode *inode);

/* --- vnode_file.c, vnode_dir.c: the inode as an open file; its reference is taken over on success
 * --- */

int vnode_open_regular(struct inode *inode, const char *name, uint32_t flags, struct file **out);
int vnode_open_dir(struct inode *inode, uint32_t flags, struct file **out);
/* The inode of an open directory; NULL: it is something else. */
struct inode *vnode_of_dir(struct file *f);

/* --- vnode_write.c --- */

/* write() through the page cache: at *offset, or at the end (FILE_APPEND), in one piece with
 * respect to other appends. Moves *offset. Bytes, or -errno if none. */
long vnode_write(struct inode *inode, uint64_t uaddr, size_t len, int64_t *offset);

/* --- vnode_direct.c --- */

/* A handle that reads and writes the object's file past the page cache, for its pager: whole pages
 * go by DMA into the user's frames. It keeps the object's struct but not its file: when nobody
 * uses the object, I/O returns -ESTALE. NULL: no memory. */
struct file *vnode_direct_file(struct vmo *vmo, bool writable);

#endif
