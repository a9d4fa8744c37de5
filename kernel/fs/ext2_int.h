/*
 * ext2_int.h - what the ext2_*.c files share and nobody else sees.
 *
 * struct ext2_fs holds the checked geometry of a mounted file system (constant), its allocation
 * state (alloc_lock) and the table of inodes in memory (hash_lock). On-disk structures are only
 * ever touched inside bcache buffers.
 *
 * Order of locks: rename_lock, inode->lock, sync_lock, alloc_lock; then one buffer at a time, with
 * no lock taken while it is held.
 */
#ifndef FS_EXT2_INT_H
#define FS_EXT2_INT_H

#include "abi/errno.h"
#include "abi/ext2.h"
#include "fs/bcache.h"
#include "fs/ext2.h"
#include "lib/assert.h"
#include "lib/string.h"

enum {
    INODE_HASH_SIZE = 512,
    INODE_UNUSED_MAX = 2048, /* unreferenced inodes kept in memory */
};

struct ext2_group {
    uint32_t block_bitmap, inode_bitmap, inode_table; /* [I] checked block numbers */
    uint32_t blocks;                                  /* [I] in this group */
    uint32_t free_blocks;                             /* [alloc] */
    uint32_t free_inodes;                             /* [alloc] */
    uint32_t used_dirs;                               /* [alloc] */
    bool counted; /* [alloc] free_blocks agrees with the bitmap */
    bool bad;     /* [alloc] its block bitmap makes no sense: nothing is allocated here */
    /*
     * Blocks and inodes that are free in the bitmaps but may not be handed out yet: on the disk
     * something still points at them. [0]: freed since the last sync began; [1]: those which the
     * sync under way makes safe. NULL: none.
     */
    uint64_t *freed_blocks[2]; /* [alloc] block_size bytes */
    uint64_t *freed_inodes[2]; /* [alloc] the same */
};

struct ext2_fs {
    struct blk_dev *dev;             /* [I] */
    const struct inode_hooks *hooks; /* [I] or NULL */
    struct bcache bc;
    uint32_t block_size, block_shift; /* [I] */
    uint32_t ptr_shift;               /* [I] log2 of block numbers in a block */
    uint32_t blocks_count;            /* [I] */
    uint32_t first_data_block;        /* [I] */
    uint32_t blocks_per_group;        /* [I] */
    uint32_t inodes_count;            /* [I] */
    uint32_t inodes_per_group;        /* [I] */
    uint32_t inode_size;              /* [I] */
    uint32_t inode_table_blocks;      /* [I] in each group */
    uint32_t first_ino;               /* [I] first one not reserved */
    uint32_t n_groups;                /* [I] */
    uint32_t super_blocks; /* [I] blocks of a superblock copy with groups and their spare */
    bool sparse_super;     /* [I] */
    bool filetype;         /* [I] directory entries have types */
    bool rev0;             /* [I] */

    struct mutex rename_lock;  /* RANK_FS_RENAME */
    struct mutex sync_lock;    /* RANK_FS_SYNC */
    struct mutex alloc_lock;   /* RANK_FS_ALLOC */
    struct ext2_group *groups; /* [alloc] */
    uint64_t free_blocks;      /* [alloc] sums over the groups */
    uint64_t free_inodes;      /* [alloc] */
    bool any_freed;            /* [alloc] some group has something freed in [0] */
    bool large_file;           /* [a] the feature is set */
    bool was_clean;            /* [I] state found when mounting */

    bool read_only;      /* [a] never goes back */
    bool damaged;        /* [a] */
    uint32_t complaints; /* [a] lines logged */

    struct spinlock hash_lock; /* RANK_INODE_HASH */
    struct list *hash;         /* [hash] INODE_HASH_SIZE heads */
    struct list lru;           /* [hash] inodes without references, oldest first */
    uint32_t n_inodes;         /* [hash] */
    uint32_t n_unused;         /* [hash] on lru */
};

/* --- ext2_super.c --- */

/* A line in the log about something damaged or odd on the disk. */
void ext2_complain(struct ext2_fs *fs, const char *fmt, ...) __printf_like(2, 3);
/* The same, and nothing is written by operations from now on. Returns -EIO. */
int ext2_damage(struct ext2_fs *fs, const char *fmt, ...) __printf_like(2, 3);
int64_t ext2_now(void);
/* Makes blocks freed so far fit for use again, by writing the metadata back. No alloc_lock. */
int ext2_commit(struct ext2_fs *fs);
int ext2_set_large_file(struct ext2_fs *fs);

/* --- ext2_check.c --- */

int ext2_check_super(const struct ext2_super_block *sb, uint64_t device_bytes, const char *name);
bool ext2_group_has_super(const struct ext2_fs *fs, uint32_t group);
int ext2_check_group(struct ext2_fs *fs, uint32_t group, const struct ext2_group_desc *gd);
/* May a file own this block? In range and not the file system's own. */
bool ext2_block_ok(const struct ext2_fs *fs, uint32_t block);
int ext2_check_inode(struct ext2_fs *fs, uint32_t ino, const struct ext2_disk_inode *di);

/* --- ext2_balloc.c --- */

static inline uint32_t ext2_group_first(const struct ext2_fs *fs, uint32_t group)
{
    return fs->first_data_block + group * fs->blocks_per_group;
}
static inline uint32_t ext2_group_of_ino(const struct ext2_fs *fs, uint32_t ino)
{
    return (ino - 1) / fs->inodes_per_group;
}
/* A run of 1 to want blocks near goal, marked used. -ENOSPC, -EIO, -EROFS, -ENOMEM. */
int __must_check ext2_balloc(struct ext2_fs *fs, uint32_t goal, uint32_t want, uint32_t *start,
                             uint32_t *got);
/* Frees blocks that nothing in memory points at any longer. Damage is logged. */
void ext2_bfree(struct ext2_fs *fs, uint32_t start, uint32_t count);
/* Gives back blocks that were never pointed at from anywhere. */
void ext2_bfree_unused(struct ext2_fs *fs, uint32_t start, uint32_t count);
/* Keeps bits [bit, bit + count) of *freed from being handed out until the next write-back. -ENOMEM.
 */
int ext2_hold_back(struct ext2_fs *fs, uint64_t **freed, uint32_t bit, uint32_t count);
/* Writes the group's counts into its descriptor's buffer. alloc_lock held. */
int ext2_group_write(struct ext2_fs *fs, uint32_t group);

/* --- ext2_ialloc.c --- */

int __must_check ext2_ialloc(struct ext2_fs *fs, uint32_t parent_ino, bool dir, uint32_t *ino);
void ext2_ifree(struct ext2_fs *fs, uint32_t ino, bool dir);

/* --- ext2_inode.c --- */

/* A new inode with one reference, on the disk and in memory, without links or blocks. */
int __must_check inode_create(struct inode *dir, uint32_t mode, uint32_t rdev, struct inode **out);
/* Copies the inode into its buffer. inode->lock held, or nobody else knows the inode. */
int ext2_inode_write(struct inode *inode);
/* Writes times that are newer in memory than in their buffers. */
void ext2_inodes_flush(struct ext2_fs *fs);
/* Gives back the disk space of all unlinked inodes in memory. */
void ext2_inodes_free_unlinked(struct ext2_fs *fs);
bool ext2_inodes_busy(struct ext2_fs *fs);
/* Drops unused inodes until `keep` are left; how many. No lock held: hooks->evicted() may sleep. */
uint64_t ext2_inodes_shrink(struct ext2_fs *fs, uint32_t keep);
/* The same when there are too many: at the end of operations that bring inodes in. */
void ext2_inodes_trim(struct ext2_fs *fs);

static inline bool ext2_writable(const struct ext2_fs *fs)
{
    return !READ_ONCE(fs->read_only);
}

/* --- ext2_trunc.c --- */

/* Frees the blocks from file block `first` on; the inode's buffer is written. inode->lock held. */
int ext2_free_from(struct inode *inode, uint64_t first);
/* Waits until data I/O under way (inode_io_begin()) has ended. */
void ext2_wait_for_io(struct inode *inode);
/* Where file block `fb` hangs: slots of each level. Levels, or -EFBIG. (ext2_bmap.c) */
int ext2_block_path(const struct ext2_fs *fs, uint64_t fb, uint32_t slot[4]);

/* --- ext2_dir.c: entries of one directory, its lock held --- */

struct dir_place {
    uint32_t ino;    /* of the entry found */
    uint32_t offset; /* bytes in its block */
    uint64_t fb;     /* file block */
    uint32_t block;  /* disk block */
};

int ext2_name_check(const char *name, size_t len); /* 0, -ENOENT, -ENAMETOOLONG, -EINVAL */
/* 0, -ENOENT, -EIO, -ENOMEM. */
int __must_check ext2_dir_find(struct inode *dir, const char *name, size_t len,
                               struct dir_place *place);
/* Adds an entry that is not there. `place` (may be NULL): where. -ENOSPC, -EIO. */
int __must_check ext2_dir_add(struct inode *dir, const char *name, size_t len, uint32_t ino,
                              uint32_t mode, struct dir_place *place);
int __must_check ext2_dir_remove(struct inode *dir, const struct dir_place *place);
/* Makes the entry at place name another inode. */
int __must_check ext2_dir_set(struct inode *dir, const struct dir_place *place, uint32_t ino,
                              uint32_t mode);
/* What a name in a directory leads to; takes dir->lock. The core of ext2_lookup(). (ext2_namei.c)
 */
int __must_check ext2_dir_lookup(struct inode *dir, const char *name, size_t len,
                                 struct inode **out);
/* First block of a new directory: "." and "..". */
int __must_check ext2_dir_make(struct inode *dir, uint32_t parent_ino);
/* 0 when only "." and ".." are there; -ENOTEMPTY, -EIO. */
int __must_check ext2_dir_is_empty(struct inode *dir);

#endif
