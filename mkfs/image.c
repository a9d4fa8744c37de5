/*
 * image.c - an empty ext2 file system in a memory mapped file, and its free blocks and inodes.
 *
 * Group:  [superblock copy, group descriptors]  block bitmap, inode bitmap, inode table, data
 *
 * The first part is in groups 0, 1 and powers of 3, 5 and 7 (sparse_super). Blocks and inodes are
 * given out in rising order. The image is built under a temporary name beside its own and renamed
 * when all of it is right, so a failed mkfs leaves no half image.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "mkfs.h"

static struct {
    const struct options *o;
    char *temp_path;
    int fd;
    uint8_t *base;
    uint32_t bs;
    uint32_t blocks, first_data, per_group, groups;
    uint32_t inodes_per_group, table_blocks;
    uint32_t gd_blocks;
    uint32_t next_block;
    uint32_t next_ino;
    struct ext2_super_block *sb;
    struct ext2_group_desc *gd;
} im = {.fd = -1};

void *image_block(uint32_t block)
{
    return im.base + (uint64_t)block * im.bs;
}

uint32_t image_block_size(void)
{
    return im.bs;
}

uint32_t image_time(void)
{
    return im.o->time;
}

static bool is_power_of(uint32_t n, uint32_t base)
{
    while (n > 1 && n % base == 0)
        n /= base;
    return n == 1;
}

static bool has_super(uint32_t group)
{
    return group <= 1 || is_power_of(group, 3) || is_power_of(group, 5) || is_power_of(group, 7);
}

static uint32_t group_first(uint32_t group)
{
    return im.first_data + group * im.per_group;
}

static uint32_t group_blocks(uint32_t group)
{
    uint32_t left = im.blocks - group_first(group);
    return left < im.per_group ? left : im.per_group;
}

static uint32_t head_blocks(uint32_t group)
{
    return has_super(group) ? 1 + im.gd_blocks : 0;
}

/* Blocks that a group needs for itself. */
static uint32_t overhead(uint32_t group)
{
    return head_blocks(group) + 2 + im.table_blocks;
}

static void set_bit(uint8_t *map, uint32_t bit)
{
    map[bit / 8] |= (uint8_t)(1 << (bit % 8));
}

static uint32_t round_up(uint32_t n, uint32_t to)
{
    return (n + to - 1) / to * to;
}

static void choose_inodes(void)
{
    uint64_t want = im.o->inodes;
    uint64_t least = tree_count() + EXT2_OLD_FIRST_INO; /* files, reserved ones, lost+found */
    if (want && want < least)
        die("-i %u: the files need at least %llu inodes", im.o->inodes, (unsigned long long)least);
    if (!want)
        want = (uint64_t)im.blocks * im.bs / 8192;
    if (want < least + 16 && !im.o->inodes)
        want = least + 16;
    uint64_t each = (want + im.groups - 1) / im.groups;
    if (each > im.bs * 8)
        each = im.bs * 8;
    uint32_t per_block = im.bs / (uint32_t)sizeof(struct ext2_disk_inode);
    im.inodes_per_group = round_up((uint32_t)each, per_block);
    im.table_blocks = im.inodes_per_group / per_block;
    if ((uint64_t)im.inodes_per_group * im.groups < least)
        die("%s: too small for the inodes of %u files", im.o->path, tree_count());
}

static void choose_geometry(void)
{
    uint64_t blocks = im.o->size_bytes / im.bs;
    if (blocks > UINT32_MAX)
        die("-s: more blocks of %u bytes than ext2 can number", im.bs);
    im.blocks = (uint32_t)blocks;
    im.first_data = im.bs == 1024;
    im.per_group = im.bs * 8;
    for (;;) {
        im.groups = (im.blocks - im.first_data + im.per_group - 1) / im.per_group;
        im.gd_blocks = (im.groups * (uint32_t)sizeof(struct ext2_group_desc) + im.bs - 1) / im.bs;
        choose_inodes();
        uint32_t last = im.groups - 1;
        if (group_blocks(last) >= overhead(last) + 16)
            return;
        if (im.groups == 1)
            die("%s: %llu bytes are too few for a file system", im.o->path,
                (unsigned long long)im.o->size_bytes);
        im.blocks = group_first(last); /* the rest is not worth a group */
    }
}

static void map_file(void)
{
    size_t len = strlen(im.o->path) + 16;
    im.temp_path = xalloc(len);
    snprintf(im.temp_path, len, "%s.%u.tmp", im.o->path, (unsigned)getpid() % 100000);
    im.fd = open(im.temp_path, O_RDWR | O_CREAT | O_TRUNC, 0666);
    if (im.fd < 0)
        die("cannot make %s: %s", im.temp_path, strerror(errno));
    uint64_t bytes = im.o->size_bytes / im.bs * im.bs;
    if (ftruncate(im.fd, (off_t)bytes) < 0)
        die("%s: %s", im.temp_path, strerror(errno));
    im.base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, im.fd, 0);
    if (im.base == MAP_FAILED)
        die("%s: cannot map %llu bytes: %s", im.temp_path, (unsigned long long)bytes,
            strerror(errno));
}

static void fill_super(void)
{
    struct ext2_super_block *sb = (struct ext2_super_block *)(im.base + EXT2_SUPER_OFFSET);
    im.sb = sb;
    sb->s_inodes_count = im.inodes_per_group * im.groups;
    sb->s_blocks_count = im.blocks;
    sb->s_first_data_block = im.first_data;
    sb->s_log_block_size = sb->s_log_frag_size = (uint32_t)__builtin_ctz(im.bs) - 10;
    sb->s_blocks_per_group = sb->s_frags_per_group = im.per_group;
    sb->s_inodes_per_group = im.inodes_per_group;
    sb->s_wtime = sb->s_lastcheck = sb->s_mkfs_time = im.o->time;
    sb->s_max_mnt_count = -1;
    sb->s_magic = EXT2_MAGIC;
    sb->s_state = EXT2_VALID_FS;
    sb->s_errors = 1; /* go on */
    sb->s_rev_level = EXT2_REV_DYNAMIC;
    sb->s_first_ino = EXT2_OLD_FIRST_INO;
    sb->s_inode_size = sizeof(struct ext2_disk_inode);
    sb->s_feature_incompat = EXT2_FEATURE_INCOMPAT_FILETYPE;
    sb->s_feature_ro_compat =
        EXT2_FEATURE_RO_COMPAT_SPARSE_SUPER | EXT2_FEATURE_RO_COMPAT_LARGE_FILE;
    memcpy(sb->s_uuid, im.o->uuid, sizeof(sb->s_uuid));
    memcpy(sb->s_volume_name, im.o->label, strlen(im.o->label));
}

static void fill_group(uint32_t group)
{
    struct ext2_group_desc *gd = &im.gd[group];
    uint32_t first = group_first(group), n = group_blocks(group);

    gd->bg_block_bitmap = first + head_blocks(group);
    gd->bg_inode_bitmap = gd->bg_block_bitmap + 1;
    gd->bg_inode_table = gd->bg_inode_bitmap + 1;
    gd->bg_free_blocks_count = (uint16_t)(n - overhead(group));
    gd->bg_free_inodes_count = (uint16_t)im.inodes_per_group;
    uint8_t *map = image_block(gd->bg_block_bitmap);
    for (uint32_t i = 0; i < overhead(group); i++)
        set_bit(map, i);
    for (uint32_t i = n; i < im.bs * 8; i++) /* what the bitmap has beyond the group */
        set_bit(map, i);
    map = image_block(gd->bg_inode_bitmap);
    for (uint32_t i = im.inodes_per_group; i < im.bs * 8; i++)
        set_bit(map, i);
}

void image_create(const struct options *o)
{
    im.o = o;
    im.bs = o->block_size;
    choose_geometry();
    map_file();
    fill_super();
    im.gd = image_block(im.first_data + 1);
    for (uint32_t i = 0; i < im.groups; i++)
        fill_group(i);
    im.next_block = im.first_data;
    im.next_ino = 1;
    while (im.next_ino < EXT2_OLD_FIRST_INO) /* the reserved ones */
        image_alloc_inode(false);
}

uint32_t image_alloc_block(void)
{
    for (; im.next_block < im.blocks; im.next_block++) {
        uint32_t group = (im.next_block - im.first_data) / im.per_group;
        uint32_t bit = (im.next_block - im.first_data) % im.per_group;
        uint8_t *map = image_block(im.gd[group].bg_block_bitmap);
        if (map[bit / 8] >> (bit % 8) & 1)
            continue;
        set_bit(map, bit);
        im.gd[group].bg_free_blocks_count--;
        return im.next_block++;
    }
    die("%s: %llu bytes are too few for the files", im.o->path,
        (unsigned long long)im.o->size_bytes);
}

uint32_t image_alloc_inode(bool dir)
{
    uint32_t ino = im.next_ino++;
    uint32_t group = (ino - 1) / im.inodes_per_group;
    if (group >= im.groups)
        die("%s: out of inodes", im.o->path);
    set_bit(image_block(im.gd[group].bg_inode_bitmap), (ino - 1) % im.inodes_per_group);
    im.gd[group].bg_free_inodes_count--;
    im.gd[group].bg_used_dirs_count = (uint16_t)(im.gd[group].bg_used_dirs_count + dir);
    return ino;
}

struct ext2_disk_inode *image_inode(uint32_t ino)
{
    uint32_t group = (ino - 1) / im.inodes_per_group;
    struct ext2_disk_inode *table = image_block(im.gd[group].bg_inode_table);
    return &table[(ino - 1) % im.inodes_per_group];
}

static void copy_super(uint32_t group)
{
    struct ext2_super_block *copy = image_block(group_first(group));
    *copy = *im.sb;
    copy->s_block_group_nr = (uint16_t)group;
    memcpy(image_block(group_first(group) + 1), im.gd, (size_t)im.gd_blocks * im.bs);
}

void image_finish(void)
{
    im.gd[0].bg_used_dirs_count++; /* the root, whose inode is a reserved one */
    for (uint32_t i = 0; i < im.groups; i++) {
        im.sb->s_free_blocks_count += im.gd[i].bg_free_blocks_count;
        im.sb->s_free_inodes_count += im.gd[i].bg_free_inodes_count;
    }
    for (uint32_t i = 1; i < im.groups; i++)
        if (has_super(i))
            copy_super(i);
    if (close(im.fd) < 0 || rename(im.temp_path, im.o->path) < 0)
        die("cannot make %s: %s", im.o->path, strerror(errno));
}

void image_remove(void)
{
    if (im.fd >= 0)
        unlink(im.temp_path);
}
