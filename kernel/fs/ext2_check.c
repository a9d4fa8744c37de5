/*
 * ext2_check.c - does what the disk says make sense? The border between disk and kernel.
 *
 * Each function looks at one structure as it was read and answers 0 or an error, with a line in the
 * log that tells what is wrong. After a superblock, group descriptor or inode has passed, the code
 * that uses its fields needs no further checks of them: products do not overflow, locations lie on
 * the device, sizes fit the block maps. Block numbers in maps and directory entries are checked
 * where they are met (ext2_block_ok(), ext2_dir.c).
 */
#include "core/log.h"
#include "fs/ext2_int.h"

enum {
    INCOMPAT_KNOWN = EXT2_FEATURE_INCOMPAT_FILETYPE,
};

static int bad_super(const char *name, const char *what, uint64_t value)
{
    log_print("ext2 %s: superblock: %s (%lu)", name, what, (unsigned long)value);
    return -EINVAL;
}

static int check_geometry(const struct ext2_super_block *sb, uint64_t device_bytes,
                          const char *name)
{
    uint32_t block_size = 1024u << sb->s_log_block_size;
    uint32_t bits = block_size * 8;

    if (sb->s_first_data_block != (block_size == 1024))
        return bad_super(name, "bad first data block", sb->s_first_data_block);
    if (sb->s_blocks_per_group < 64 || sb->s_blocks_per_group > bits || sb->s_blocks_per_group % 8)
        return bad_super(name, "bad number of blocks in a group", sb->s_blocks_per_group);
    if (sb->s_inodes_per_group < 8 || sb->s_inodes_per_group > bits || sb->s_inodes_per_group % 8)
        return bad_super(name, "bad number of inodes in a group", sb->s_inodes_per_group);
    if (sb->s_blocks_count <= sb->s_first_data_block + 8)
        return bad_super(name, "too few blocks", sb->s_blocks_count);
    if ((uint64_t)sb->s_blocks_count * block_size > device_bytes)
        return bad_super(name, "more blocks than the device has", sb->s_blocks_count);

    uint32_t data = sb->s_blocks_count - sb->s_first_data_block;
    uint64_t groups = DIV_ROUND_UP((uint64_t)data, sb->s_blocks_per_group);
    if (sb->s_inodes_count != groups * sb->s_inodes_per_group)
        return bad_super(name, "number of inodes does not fit the groups", sb->s_inodes_count);
    return 0;
}

static int check_revision(const struct ext2_super_block *sb, const char *name)
{
    if (sb->s_rev_level > EXT2_REV_DYNAMIC)
        return bad_super(name, "unknown revision", sb->s_rev_level);
    if (sb->s_rev_level == EXT2_REV_GOOD_OLD)
        return 0;
    if (sb->s_feature_incompat & ~(uint32_t)INCOMPAT_KNOWN) {
        bad_super(name, "features that this kernel does not know", sb->s_feature_incompat);
        return -EOPNOTSUPP;
    }
    uint32_t block_size = 1024u << sb->s_log_block_size;
    if (sb->s_inode_size < EXT2_OLD_INODE_SIZE || sb->s_inode_size > block_size ||
        (sb->s_inode_size & (sb->s_inode_size - 1)))
        return bad_super(name, "bad inode size", sb->s_inode_size);
    if (sb->s_first_ino < EXT2_OLD_FIRST_INO || sb->s_first_ino > sb->s_inodes_per_group)
        return bad_super(name, "bad first inode", sb->s_first_ino);
    if ((sb->s_feature_compat & EXT2_FEATURE_COMPAT_RESIZE_INODE) &&
        sb->s_reserved_gdt_blocks > block_size / 4)
        return bad_super(name, "too many reserved group blocks", sb->s_reserved_gdt_blocks);
    return 0;
}

int ext2_check_super(const struct ext2_super_block *sb, uint64_t device_bytes, const char *name)
{
    if (sb->s_magic != EXT2_MAGIC)
        return bad_super(name, "no ext2 file system, magic number", sb->s_magic);
    if (sb->s_log_block_size > 2)
        return bad_super(name, "unsupported block size, log2", sb->s_log_block_size + 10ul);
    int error = check_revision(sb, name);
    return error ? error : check_geometry(sb, device_bytes, name);
}

static bool is_power_of(uint32_t n, uint32_t base)
{
    while (n > 1 && n % base == 0)
        n /= base;
    return n == 1;
}

bool ext2_group_has_super(const struct ext2_fs *fs, uint32_t group)
{
    return !fs->sparse_super || group <= 1 || is_power_of(group, 3) || is_power_of(group, 5) ||
           is_power_of(group, 7);
}

/* Blocks at the start of a group that hold the superblock's copy, the groups' and the spare. */
static uint32_t group_head(const struct ext2_fs *fs, uint32_t group)
{
    return ext2_group_has_super(fs, group) ? fs->super_blocks : 0;
}

/* Is [block, block + count) in the group, behind its head? */
static bool in_group(const struct ext2_fs *fs, uint32_t group, uint32_t block, uint32_t count)
{
    uint64_t first = (uint64_t)ext2_group_first(fs, group) + group_head(fs, group);
    uint64_t end = (uint64_t)ext2_group_first(fs, group) + fs->groups[group].blocks;
    return block >= first && (uint64_t)block + count <= end;
}

static bool in_table(const struct ext2_fs *fs, uint32_t table, uint32_t block)
{
    return block >= table && block - table < fs->inode_table_blocks;
}

int ext2_check_group(struct ext2_fs *fs, uint32_t group, const struct ext2_group_desc *gd)
{
    uint32_t bb = gd->bg_block_bitmap, ib = gd->bg_inode_bitmap, table = gd->bg_inode_table;

    if (!in_group(fs, group, bb, 1) || !in_group(fs, group, ib, 1) ||
        !in_group(fs, group, table, fs->inode_table_blocks)) {
        ext2_complain(fs, "group %u: bitmaps or inode table outside of the group", group);
        return -EINVAL;
    }
    if (bb == ib || in_table(fs, table, bb) || in_table(fs, table, ib)) {
        ext2_complain(fs, "group %u: bitmaps and inode table overlap", group);
        return -EINVAL;
    }
    if (gd->bg_free_blocks_count > fs->groups[group].blocks ||
        gd->bg_free_inodes_count > fs->inodes_per_group ||
        gd->bg_used_dirs_count > fs->inodes_per_group) {
        ext2_complain(fs, "group %u: impossible counts", group);
        return -EINVAL;
    }
    return 0;
}

bool ext2_block_ok(const struct ext2_fs *fs, uint32_t block)
{
    if (block < fs->first_data_block || block >= fs->blocks_count)
        return false;
    uint32_t group = (block - fs->first_data_block) / fs->blocks_per_group;
    const struct ext2_group *g = &fs->groups[group];
    return block - ext2_group_first(fs, group) >= group_head(fs, group) &&
           block != g->block_bitmap && block != g->inode_bitmap &&
           !in_table(fs, g->inode_table, block);
}

static int bad_inode(struct ext2_fs *fs, uint32_t ino, const char *what)
{
    ext2_complain(fs, "inode %u: %s", ino, what);
    return -EIO;
}

static uint64_t disk_size(const struct ext2_disk_inode *di)
{
    uint64_t high = (di->i_mode & ABI_S_IFMT) == ABI_S_IFREG ? di->i_size_high : 0;
    return high << 32 | di->i_size;
}

static int check_symlink(struct ext2_fs *fs, uint32_t ino, const struct ext2_disk_inode *di)
{
    uint32_t acl_sectors = di->i_file_acl ? fs->block_size / 512 : 0;
    uint32_t max = di->i_blocks == acl_sectors ? EXT2_FAST_SYMLINK_MAX : fs->block_size - 1;
    if (di->i_size == 0 || di->i_size > max)
        return bad_inode(fs, ino, "symbolic link of impossible length");
    return 0;
}

int ext2_check_inode(struct ext2_fs *fs, uint32_t ino, const struct ext2_disk_inode *di)
{
    if (di->i_links_count == 0)
        return bad_inode(fs, ino, "named, but not in use");
    if (di->i_file_acl && !ext2_block_ok(fs, di->i_file_acl))
        return bad_inode(fs, ino, "attributes outside of the file system");
    if (disk_size(di) > ext2_max_size(fs))
        return bad_inode(fs, ino, "impossible size");

    switch (di->i_mode & ABI_S_IFMT) {
    case ABI_S_IFREG:
    case ABI_S_IFCHR:
    case ABI_S_IFBLK:
    case ABI_S_IFIFO:
    case 0140000: /* socket */
        return 0;
    case ABI_S_IFDIR:
        if (di->i_size == 0 || di->i_size % fs->block_size)
            return bad_inode(fs, ino, "directory of impossible size");
        return 0;
    case ABI_S_IFLNK:
        return check_symlink(fs, ino, di);
    default:
        return bad_inode(fs, ino, "unknown type");
    }
}
