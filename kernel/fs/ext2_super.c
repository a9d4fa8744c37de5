/*
 * ext2_super.c - mounting, syncing and unmounting a file system; its log.
 *
 * While mounted for writing the superblock on the disk says "not clean"; ext2_seal() says "clean"
 * after everything else has been written, unless damage was seen. Free counts live in memory and in
 * the groups' buffers and go into the superblock with each sync.
 *
 * ext2_commit() is the write-back of all metadata. What was freed before it began may be handed out
 * again when it is done: only then nothing on the disk points there any longer (see struct
 * ext2_group).
 */
#include <stdarg.h>
#include "arch/riscv/time.h"
#include "core/log.h"
#include "dev/blk.h"
#include "fs/ext2_int.h"
#include "lib/fmt.h"
#include "mem/kalloc.h"

enum { COMPLAINTS_MAX = 100 };

static void complain(struct ext2_fs *fs, const char *fmt, va_list ap)
{
    char text[160];
    uint32_t n = __atomic_fetch_add(&fs->complaints, 1, __ATOMIC_RELAXED);
    if (n > COMPLAINTS_MAX)
        return;
    fmt_vsnprintf(text, sizeof(text), fmt, ap);
    log_print("ext2 %s: %s%s", fs->dev->name, text,
              n == COMPLAINTS_MAX ? " (no more will be said)" : "");
}

void ext2_complain(struct ext2_fs *fs, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    complain(fs, fmt, ap);
    va_end(ap);
}

int ext2_damage(struct ext2_fs *fs, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    complain(fs, fmt, ap);
    va_end(ap);
    WRITE_ONCE(fs->damaged, true);
    if (!fs->read_only)
        ext2_complain(fs, "now read-only: run e2fsck on it");
    WRITE_ONCE(fs->read_only, true);
    return -EIO;
}

int64_t ext2_now(void)
{
    return (int64_t)((time_boot_epoch_ns() + time_now_ns()) / NS_PER_SEC);
}

static int super_get(struct ext2_fs *fs, struct buf **b, struct ext2_super_block **sb)
{
    int error = bcache_get(&fs->bc, EXT2_SUPER_OFFSET / fs->block_size, b);
    if (!error)
        *sb = (struct ext2_super_block *)((*b)->data + EXT2_SUPER_OFFSET % fs->block_size);
    return error;
}

/* Brings the superblock's buffer up to date. `state`: EXT2_VALID_FS or 0. */
static int super_write(struct ext2_fs *fs, uint16_t state)
{
    struct buf *b;
    struct ext2_super_block *sb;
    mutex_lock(&fs->alloc_lock);
    uint64_t free_blocks = fs->free_blocks, free_inodes = fs->free_inodes;
    mutex_unlock(&fs->alloc_lock);

    int error = super_get(fs, &b, &sb);
    if (error)
        return error;
    sb->s_free_blocks_count = (uint32_t)free_blocks;
    sb->s_free_inodes_count = (uint32_t)free_inodes;
    sb->s_wtime = (uint32_t)ext2_now();
    sb->s_state = (uint16_t)((sb->s_state & ~EXT2_VALID_FS) | state);
    if (fs->damaged)
        sb->s_state |= EXT2_ERROR_FS;
    if (READ_ONCE(fs->large_file))
        sb->s_feature_ro_compat |= EXT2_FEATURE_RO_COMPAT_LARGE_FILE;
    bcache_dirty(b, BUF_META);
    bcache_put(b);
    return 0;
}

int ext2_set_large_file(struct ext2_fs *fs)
{
    if (READ_ONCE(fs->large_file))
        return 0;
    if (fs->rev0)
        return -EFBIG;
    WRITE_ONCE(fs->large_file, true); /* into the superblock with the next sync */
    return 0;
}

/* What was freed until now is what the coming write-back makes safe. */
static void freed_begin(struct ext2_fs *fs)
{
    mutex_lock(&fs->alloc_lock);
    for (uint32_t i = 0; fs->any_freed && i < fs->n_groups; i++) {
        struct ext2_group *g = &fs->groups[i];
        ASSERT(!g->freed_blocks[1] && !g->freed_inodes[1]);
        g->freed_blocks[1] = g->freed_blocks[0];
        g->freed_inodes[1] = g->freed_inodes[0];
        g->freed_blocks[0] = g->freed_inodes[0] = NULL;
    }
    fs->any_freed = false;
    mutex_unlock(&fs->alloc_lock);
}

/* The end for one map. Not written: what it has stays unusable, with what was freed meanwhile. */
static void freed_settle(struct ext2_fs *fs, uint64_t *freed[2], bool written)
{
    if (freed[1] && !written) {
        fs->any_freed = true;
        for (uint32_t w = 0; freed[0] && w < fs->block_size / 8; w++)
            freed[1][w] |= freed[0][w];
        uint64_t *both = freed[1];
        freed[1] = freed[0];
        freed[0] = both;
    }
    kfree(freed[1]);
    freed[1] = NULL;
}

static void freed_end(struct ext2_fs *fs, bool written)
{
    mutex_lock(&fs->alloc_lock);
    for (uint32_t i = 0; i < fs->n_groups; i++) {
        freed_settle(fs, fs->groups[i].freed_blocks, written);
        freed_settle(fs, fs->groups[i].freed_inodes, written);
    }
    mutex_unlock(&fs->alloc_lock);
}

static int commit_as(struct ext2_fs *fs, uint16_t state)
{
    mutex_lock(&fs->sync_lock);
    freed_begin(fs);
    int error = super_write(fs, state);
    if (!error)
        error = bcache_sync(&fs->bc);
    freed_end(fs, error == 0);
    mutex_unlock(&fs->sync_lock);
    return error;
}

int ext2_commit(struct ext2_fs *fs)
{
    return commit_as(fs, 0);
}

int ext2_sync(struct ext2_fs *fs)
{
    if (!ext2_writable(fs))
        return 0;
    ext2_inodes_flush(fs);
    return ext2_commit(fs);
}

bool ext2_changed(struct ext2_fs *fs)
{
    return ext2_writable(fs) && READ_ONCE(fs->bc.count_dirty) > 0;
}

int ext2_seal(struct ext2_fs *fs)
{
    if (!ext2_writable(fs))
        return 0;
    ext2_inodes_flush(fs);
    ext2_inodes_free_unlinked(fs);
    WRITE_ONCE(fs->read_only, true);
    int error = ext2_commit(fs); /* everything, while the superblock still says "not clean" */
    if (!error && !fs->damaged && fs->was_clean)
        error = commit_as(fs, EXT2_VALID_FS);
    return error;
}

static void fs_free(struct ext2_fs *fs)
{
    for (uint32_t i = 0; fs->groups && i < fs->n_groups; i++) {
        kfree(fs->groups[i].freed_blocks[0]);
        kfree(fs->groups[i].freed_inodes[0]);
    }
    bcache_destroy(&fs->bc);
    kfree(fs->groups);
    kfree(fs->hash);
    kfree(fs);
}

int ext2_unmount(struct ext2_fs *fs)
{
    if (ext2_inodes_busy(fs))
        return -EBUSY;
    int error = ext2_seal(fs);
    WRITE_ONCE(fs->read_only, true);
    ext2_inodes_shrink(fs, 0);
    fs_free(fs);
    return error;
}

/* Copies what the superblock says, already checked, into fs. */
static void take_geometry(struct ext2_fs *fs, const struct ext2_super_block *sb)
{
    uint32_t data = sb->s_blocks_count - sb->s_first_data_block;
    fs->rev0 = sb->s_rev_level == EXT2_REV_GOOD_OLD;
    fs->block_size = 1024u << sb->s_log_block_size;
    fs->block_shift = sb->s_log_block_size + 10;
    fs->ptr_shift = fs->block_shift - 2;
    fs->blocks_count = sb->s_blocks_count;
    fs->first_data_block = sb->s_first_data_block;
    fs->blocks_per_group = sb->s_blocks_per_group;
    fs->inodes_count = sb->s_inodes_count;
    fs->inodes_per_group = sb->s_inodes_per_group;
    fs->inode_size = fs->rev0 ? EXT2_OLD_INODE_SIZE : sb->s_inode_size;
    fs->first_ino = fs->rev0 ? EXT2_OLD_FIRST_INO : sb->s_first_ino;
    fs->inode_table_blocks = DIV_ROUND_UP(fs->inodes_per_group * fs->inode_size, fs->block_size);
    fs->n_groups = DIV_ROUND_UP(data, fs->blocks_per_group);
    uint64_t gd_bytes = (uint64_t)fs->n_groups * sizeof(struct ext2_group_desc);
    fs->super_blocks = 1 + (uint32_t)DIV_ROUND_UP(gd_bytes, fs->block_size);
    fs->was_clean = (sb->s_state & EXT2_VALID_FS) && !(sb->s_state & EXT2_ERROR_FS);
    if (fs->rev0)
        return;
    if (sb->s_feature_compat & EXT2_FEATURE_COMPAT_RESIZE_INODE)
        fs->super_blocks += sb->s_reserved_gdt_blocks;
    fs->sparse_super = sb->s_feature_ro_compat & EXT2_FEATURE_RO_COMPAT_SPARSE_SUPER;
    fs->large_file = sb->s_feature_ro_compat & EXT2_FEATURE_RO_COMPAT_LARGE_FILE;
    fs->filetype = sb->s_feature_incompat & EXT2_FEATURE_INCOMPAT_FILETYPE;
    uint32_t known = EXT2_FEATURE_RO_COMPAT_SPARSE_SUPER | EXT2_FEATURE_RO_COMPAT_LARGE_FILE;
    if (sb->s_feature_ro_compat & ~known) {
        ext2_complain(fs, "features %x: mounted read-only", sb->s_feature_ro_compat & ~known);
        fs->read_only = true;
    }
}

static uint32_t blocks_in_group(const struct ext2_fs *fs, uint32_t group)
{
    uint32_t left = fs->blocks_count - ext2_group_first(fs, group);
    return MIN(left, fs->blocks_per_group);
}

/* Reads and checks one block of group descriptors, of groups [first, ...). */
static int load_group_block(struct ext2_fs *fs, uint32_t first, uint32_t count)
{
    struct buf *b;
    uint64_t block = fs->first_data_block + 1ull +
                     (uint64_t)first * sizeof(struct ext2_group_desc) / fs->block_size;
    int error = bcache_get(&fs->bc, block, &b);
    if (error)
        return error;
    const struct ext2_group_desc *gd = (const struct ext2_group_desc *)b->data;
    for (uint32_t i = 0; i < count && !error; i++, gd++) {
        struct ext2_group *g = &fs->groups[first + i];
        error = ext2_check_group(fs, first + i, gd);
        g->block_bitmap = gd->bg_block_bitmap;
        g->inode_bitmap = gd->bg_inode_bitmap;
        g->inode_table = gd->bg_inode_table;
        g->free_blocks = gd->bg_free_blocks_count;
        g->free_inodes = gd->bg_free_inodes_count;
        g->used_dirs = gd->bg_used_dirs_count;
        fs->free_blocks += g->free_blocks;
        fs->free_inodes += g->free_inodes;
    }
    bcache_put(b);
    return error;
}

static int load_groups(struct ext2_fs *fs)
{
    uint32_t per_block = fs->block_size / sizeof(struct ext2_group_desc);

    fs->groups = kzalloc(fs->n_groups * sizeof(*fs->groups));
    if (!fs->groups)
        return -ENOMEM;
    for (uint32_t i = 0; i < fs->n_groups; i++)
        fs->groups[i].blocks = blocks_in_group(fs, i);
    for (uint32_t i = 0; i < fs->n_groups; i += per_block) {
        int error = load_group_block(fs, i, MIN(per_block, fs->n_groups - i));
        if (error)
            return error;
    }
    return 0;
}

static int mark_mounted(struct ext2_fs *fs)
{
    struct buf *b;
    struct ext2_super_block *sb;
    int error = super_get(fs, &b, &sb);
    if (error)
        return error;
    sb->s_mnt_count++;
    sb->s_mtime = (uint32_t)ext2_now();
    bcache_dirty(b, BUF_META);
    bcache_put(b);
    return ext2_commit(fs);
}

static int read_super(struct blk_dev *dev, struct ext2_super_block *sb)
{
    if (dev->sectors < 2 * EXT2_SUPER_OFFSET / BLK_SECTOR)
        return -EINVAL;
    int error = blk_rw_sync(dev, BLK_READ, EXT2_SUPER_OFFSET / BLK_SECTOR, sb, sizeof(*sb));
    return error ? error : ext2_check_super(sb, dev->sectors * BLK_SECTOR, dev->name);
}

static int fs_init_tables(struct ext2_fs *fs)
{
    mutex_init(&fs->rename_lock, RANK_FS_RENAME);
    mutex_init(&fs->sync_lock, RANK_FS_SYNC);
    mutex_init(&fs->alloc_lock, RANK_FS_ALLOC);
    spin_init(&fs->hash_lock, RANK_INODE_HASH);
    list_init(&fs->lru);
    fs->hash = kalloc(INODE_HASH_SIZE * sizeof(*fs->hash));
    if (!fs->hash)
        return -ENOMEM;
    for (unsigned i = 0; i < INODE_HASH_SIZE; i++)
        list_init(&fs->hash[i]);
    return 0;
}

static int check_root(struct ext2_fs *fs)
{
    struct inode *root;
    int error = inode_get(fs, EXT2_ROOT_INO, &root);
    if (error)
        return error;
    if (!inode_is_dir(root)) {
        ext2_complain(fs, "the root is not a directory");
        error = -EINVAL;
    }
    inode_put(root);
    return error;
}

/* Makes *fs of a checked superblock. On an error nothing is left of it. */
static int fs_make(struct blk_dev *dev, const struct ext2_super_block *sb, unsigned flags,
                   struct ext2_fs **out)
{
    struct ext2_fs *fs = kzalloc(sizeof(*fs));
    if (!fs)
        return -ENOMEM;
    fs->dev = dev;
    fs->read_only = dev->read_only || (flags & EXT2_MOUNT_RDONLY);
    take_geometry(fs, sb);
    int error = bcache_init(&fs->bc, dev, fs->block_size);
    if (error) {
        kfree(fs);
        return error;
    }
    error = fs_init_tables(fs);
    if (!error)
        error = load_groups(fs);
    if (!error)
        error = check_root(fs);
    if (!error && ext2_writable(fs))
        error = mark_mounted(fs);
    if (error) {
        ext2_inodes_shrink(fs, 0);
        fs_free(fs);
        return error;
    }
    *out = fs;
    return 0;
}

int ext2_mount(struct blk_dev *dev, unsigned flags, const struct inode_hooks *hooks,
               struct ext2_fs **out)
{
    struct ext2_super_block *sb = kalloc(sizeof(*sb));
    if (!sb)
        return -ENOMEM;
    struct ext2_fs *fs;
    int error = read_super(dev, sb);
    if (!error)
        error = fs_make(dev, sb, flags, &fs);
    kfree(sb);
    if (error)
        return error;
    fs->hooks = hooks;
    if (!fs->was_clean)
        ext2_complain(fs, "was not unmounted cleanly: e2fsck should look at it");
    *out = fs;
    return 0;
}

void ext2_statfs(struct ext2_fs *fs, struct abi_statfs *st)
{
    *st = (struct abi_statfs){.block_size = fs->block_size, .name_max = EXT2_NAME_MAX};
    st->blocks = fs->blocks_count - fs->first_data_block;
    st->inodes = fs->inodes_count;
    mutex_lock(&fs->alloc_lock);
    st->blocks_free = fs->free_blocks;
    st->inodes_free = fs->free_inodes;
    mutex_unlock(&fs->alloc_lock);
    st->read_only = fs->read_only;
    strlcpy(st->device, fs->dev->name, sizeof(st->device));
    strlcpy(st->type, "ext2", sizeof(st->type));
}

bool ext2_read_only(const struct ext2_fs *fs)
{
    return !ext2_writable(fs);
}

uint32_t ext2_block_size(const struct ext2_fs *fs)
{
    return fs->block_size;
}

struct blk_dev *ext2_device(const struct ext2_fs *fs)
{
    return fs->dev;
}

uint64_t ext2_shrink(struct ext2_fs *fs, uint64_t n)
{
    uint32_t unused = READ_ONCE(fs->n_unused);
    ext2_inodes_shrink(fs, unused - (uint32_t)MIN((uint64_t)unused, n));
    return bcache_shrink(&fs->bc, n);
}
