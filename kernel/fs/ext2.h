/*
 * ext2.h - the file system: mounting, inodes, names, block maps. docs/ext2.md explains it.
 *
 * Owns everything on the disk but the contents of regular files: those live in memory objects
 * (vnode.c), which ask here where the blocks are and do their own I/O. What is read from the disk
 * is checked before it is used; damage gives -EIO and a line in the log, and makes the file system
 * read-only (-EROFS from then on) when it could spread.
 *
 * Locks: inode->lock (RANK_INODE, sleeps) guards one inode's fields, block map and, of a directory,
 * its entries. Functions take it themselves unless they end in _locked. Two at once: parent before
 * child, else lower inode number first. fs->rename_lock (RANK_FS_RENAME) before any of them.
 * Nothing here waits on a user process.
 *
 * References: inode_get() and everything that returns an inode gives one; inode_put() gives it back
 * and may sleep: the last one of an inode without links frees it on the disk. Inodes without
 * references stay cached; when one leaves memory hooks->evicted() is called.
 */
#ifndef FS_EXT2_H
#define FS_EXT2_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/ext2.h"
#include "abi/fs.h"
#include "core/spinlock.h"
#include "lib/list.h"
#include "lib/types.h"
#include "sched/mutex.h"
#include "sched/waitq.h"

struct blk_dev;
struct ext2_fs;
struct vmo;

enum inode_state {
    INODE_LOADING, /* being read; who wants it waits */
    INODE_LIVE,
    INODE_EVICTING, /* leaving memory; who wants it waits and reads it again */
    INODE_FREEING,  /* no links, no references: its blocks are being given back */
    INODE_DEAD,     /* out of the table; the last waiter frees the memory */
};

struct inode {
    struct ext2_fs *fs;     /* [I] */
    uint32_t ino;           /* [I] */
    uint32_t generation;    /* [I] */
    uint32_t refs;          /* [hash] */
    uint32_t inflight;      /* [hash] data I/O under way, see inode_io_begin() */
    enum inode_state state; /* [hash] */
    struct waitq waitq;     /* [hash] state or inflight changed */
    struct list hash;       /* [hash] */
    struct list lru;        /* [hash] while refs is 0 */
    struct mutex lock;      /* RANK_INODE */

    uint16_t mode;                 /* [l] type bits [I] */
    uint16_t nlink;                /* [l] */
    uint32_t uid, gid;             /* [l] */
    uint32_t flags;                /* [l] EXT2_*_FL */
    uint32_t rdev;                 /* [I] of a device: major << 8 | minor */
    uint64_t size;                 /* [l] bytes */
    uint64_t sectors;              /* [l] 512-byte units allocated, maps included */
    int64_t atime, mtime, ctime;   /* [l] seconds since 1970 */
    uint32_t block[EXT2_N_BLOCKS]; /* [l] */
    uint32_t acl_block;            /* [I] of extended attributes, freed with the inode; 0: none */
    bool times_dirty;              /* [l] only times differ from the inode's buffer */
    bool removed;                  /* [l] directory without a name: nothing may be created in it */
    bool freed;                    /* [l] its blocks on the disk have been given back */
    uint32_t alloc_goal;           /* [l] block after the last one allocated; 0: none */
    uint32_t dir_hint;             /* [l] directory: block where the last free place was found */

    /* For vnode.c; ext2 does not look at them. */
    struct vmo *object; /* memory object of a regular file; NULL: none yet */
    void *vnode;
};

/* What the owner of the file data wants to know. Called with inode->lock held unless noted. */
struct inode_hooks {
    /* The file has been cut to new_size: drop pages beyond, zero the tail of the last one. Must not
     * wait for I/O that takes inode->lock. Blocks are freed after it returns, and after data I/O
     * that had begun (inode_io_begin()) has ended. */
    void (*truncated)(struct inode *inode, uint64_t new_size);
    /* The inode leaves memory: no reference, no lock held. `object` is the owner's to destroy. */
    void (*evicted)(struct inode *inode);
};

/* --- file system (ext2_super.c) --- */

enum { EXT2_MOUNT_RDONLY = 1 };

/* 0; -EINVAL: no ext2 or damaged; -EIO; -ENOMEM; -EOPNOTSUPP: features we do not know. `hooks` may
 * be NULL. Mounts read-only by itself if the device is, or if features ask for it. */
int __must_check ext2_mount(struct blk_dev *dev, unsigned flags, const struct inode_hooks *hooks,
                            struct ext2_fs **out);
/* Writes all metadata back, in order. File data must have been written before. 0 or -EIO. */
int ext2_sync(struct ext2_fs *fs);
/* Is there metadata that an ext2_sync() would write? Times alone do not count. */
bool ext2_changed(struct ext2_fs *fs);
/* For power-off: frees unlinked files that are still open, syncs, marks the file system clean.
 * From then on it is read-only; references may remain. */
int ext2_seal(struct ext2_fs *fs);
/* Seals and frees everything. -EBUSY: an inode is still referenced. */
int ext2_unmount(struct ext2_fs *fs);
void ext2_statfs(struct ext2_fs *fs, struct abi_statfs *st);
bool ext2_read_only(const struct ext2_fs *fs);
uint32_t ext2_block_size(const struct ext2_fs *fs);
struct blk_dev *ext2_device(const struct ext2_fs *fs);
/* Frees up to n unused buffers and inodes; how many buffers. For memory pressure; may sleep in
 * hooks->evicted(). No lock held. */
uint64_t ext2_shrink(struct ext2_fs *fs, uint64_t n);

/* --- inodes (ext2_inode.c) --- */

int __must_check inode_get(struct ext2_fs *fs, uint32_t ino, struct inode **out);
/* One more reference; the caller has one or otherwise keeps the inode in memory. Does not sleep. */
void inode_hold(struct inode *inode);
void inode_put(struct inode *inode);

static inline bool inode_is_dir(const struct inode *i)
{
    return (i->mode & ABI_S_IFMT) == ABI_S_IFDIR;
}
static inline bool inode_is_reg(const struct inode *i)
{
    return (i->mode & ABI_S_IFMT) == ABI_S_IFREG;
}
static inline bool inode_is_symlink(const struct inode *i)
{
    return (i->mode & ABI_S_IFMT) == ABI_S_IFLNK;
}

/* Around data I/O on blocks that bmap gave: begin under the same hold of inode->lock as bmap, end
 * when the I/O is done, with or without the lock. Cutting the file waits for it (holding the lock)
 * before it frees blocks. */
void inode_io_begin(struct inode *inode);
void inode_io_end(struct inode *inode);

void ext2_getattr(struct inode *inode, struct abi_stat *st);
int ext2_chmod(struct inode *inode, uint32_t mode); /* permission bits only */
/* Times in seconds; INT64_MIN: leave as it is. ctime becomes now. */
int ext2_set_times(struct inode *inode, int64_t atime, int64_t mtime);
/* The contents were read / changed: notes the time in memory; reaches the disk with the next sync.
 */
void ext2_touch_accessed(struct inode *inode);
void ext2_touch_modified(struct inode *inode);
void ext2_touch_modified_locked(struct inode *inode);

/* --- where file data is (ext2_bmap.c) ---
 *
 * Regular files. Blocks are of ext2_block_size() bytes; disk block 0 means a hole. A block that
 * `create` has just allocated holds old garbage on the disk: whoever asked must write all of it.
 * Create below `size` only, or raise the size under the same hold of inode->lock.
 */

/* The block of file block `fileblock`. *is_new: just allocated. -EIO, -ENOSPC, -EROFS, -EFBIG. */
int __must_check ext2_bmap(struct inode *inode, uint64_t fileblock, bool create, uint32_t *disk,
                           bool *is_new);
int __must_check ext2_bmap_locked(struct inode *inode, uint64_t fileblock, bool create,
                                  uint32_t *disk, bool *is_new);
/* A run from fileblock of 1 to max blocks that lie one behind the other on the disk, or are all
 * holes (*disk is 0; with create: never). */
int __must_check ext2_bmap_run(struct inode *inode, uint64_t fileblock, uint32_t max, bool create,
                               uint32_t *disk, uint32_t *count);
int __must_check ext2_bmap_run_locked(struct inode *inode, uint64_t fileblock, uint32_t max,
                                      bool create, uint32_t *disk, uint32_t *count);
/* Allocates all blocks of the byte range [start, end) that are holes. *any_new (may be NULL): some
 * were. On an error what was allocated stays. */
int __must_check ext2_reserve_locked(struct inode *inode, uint64_t start, uint64_t end,
                                     bool *any_new);

/* Raises the size (never lowers it): data was, or will be, written up to there. -EFBIG, -EROFS,
 * -EIO. */
int ext2_set_size(struct inode *inode, uint64_t size);
int ext2_set_size_locked(struct inode *inode, uint64_t size);
/* Sets the size: growing leaves a hole, shrinking calls hooks->truncated() and frees blocks. */
int ext2_truncate(struct inode *inode, uint64_t size);
int ext2_truncate_locked(struct inode *inode, uint64_t size);
/* Largest size a file can have here. */
uint64_t ext2_max_size(const struct ext2_fs *fs);

/* --- names (ext2_namei.c, ext2_dir.c) ---
 *
 * Names are `len` bytes (1 to 255, else -ENOENT, -ENAMETOOLONG), no slash or NUL. `dir` need not be
 * a directory: -ENOTDIR. "." and ".." are looked up like others; changing them is refused as POSIX
 * has it.
 */
int __must_check ext2_lookup(struct inode *dir, const char *name, size_t len, struct inode **out);
/* A regular file. `out` may be NULL in all of these. */
int ext2_create(struct inode *dir, const char *name, size_t len, uint32_t perm, struct inode **out);
int ext2_mkdir(struct inode *dir, const char *name, size_t len, uint32_t perm, struct inode **out);
/* mode: ABI_S_IFCHR, IFBLK, IFIFO or IFREG with permissions. */
int ext2_mknod(struct inode *dir, const char *name, size_t len, uint32_t mode, uint32_t rdev,
               struct inode **out);
int ext2_symlink(struct inode *dir, const char *name, size_t len, const char *target,
                 size_t target_len, struct inode **out);
int ext2_link(struct inode *dir, const char *name, size_t len, struct inode *target);
int ext2_unlink(struct inode *dir, const char *name, size_t len);
int ext2_rmdir(struct inode *dir, const char *name, size_t len);
int ext2_rename(struct inode *from_dir, const char *from, size_t from_len, struct inode *to_dir,
                const char *to, size_t to_len);
/* Bytes copied (no NUL), at most size; or -errno. */
long ext2_readlink(struct inode *inode, char *buf, size_t size);

struct ext2_dirent {
    uint32_t ino;
    uint8_t type; /* ABI_S_IF* >> 12; 0: unknown */
    uint8_t name_len;
    const char *name; /* valid during the call; not NUL-terminated */
    uint64_t next;    /* cookie: where to go on after this entry */
};
/*
 * Hands entries from cookie *pos on to emit() until it returns false or the directory ends; *pos
 * becomes the cookie of the first one not taken. 0 is the beginning. Entries that stay are given
 * once, whatever is created or removed meanwhile. emit() runs with the directory locked and a
 * buffer held: it may only copy to kernel memory. 0 or -errno.
 */
int ext2_readdir(struct inode *dir, uint64_t *pos,
                 bool (*emit)(void *ctx, const struct ext2_dirent *entry), void *ctx);
/* The name that `dir` has for inode number `ino` ("." and ".." left out), NUL-terminated. For
 * getcwd. Length without NUL, -ENOENT, -ERANGE, -EIO. */
long ext2_name_of(struct inode *dir, uint32_t ino, char *buf, size_t size);

#endif
