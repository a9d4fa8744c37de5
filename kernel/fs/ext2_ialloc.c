/*
 * ext2_ialloc.c - which inodes are free: inode bitmaps.
 *
 * A file's inode goes into the group of its directory, so that both are near each other; a
 * directory's into the emptiest group, so that directories spread and each has room around it. The
 * bits of the reserved inodes are taken as set whatever the bitmap says. Lock: alloc_lock, then one
 * buffer.
 */
#include "fs/ext2_int.h"
#include "lib/bitmap.h"

/* Group with most free inodes and blocks. */
static uint32_t emptiest_group(const struct ext2_fs *fs)
{
    uint32_t best = 0;
    uint64_t best_score = 0;
    for (uint32_t i = 0; i < fs->n_groups; i++) {
        const struct ext2_group *g = &fs->groups[i];
        uint64_t score =
            (uint64_t)g->free_inodes * fs->blocks_per_group / fs->inodes_per_group + g->free_blocks;
        if (g->free_inodes && score > best_score) {
            best = i;
            best_score = score;
        }
    }
    return best;
}

static bool is_taken(const struct ext2_group *g, const uint8_t *map, uint32_t bit)
{
    return (map[bit / 8] >> (bit % 8) & 1) ||
           (g->freed_inodes[0] && bitmap_test(g->freed_inodes[0], bit)) ||
           (g->freed_inodes[1] && bitmap_test(g->freed_inodes[1], bit));
}

/* First bit that is neither taken nor reserved; inodes_per_group: none. */
static uint32_t find_clear(const struct ext2_fs *fs, uint32_t group, const uint8_t *map)
{
    uint32_t bit = group == 0 ? fs->first_ino - 1 : 0;
    while (bit < fs->inodes_per_group && is_taken(&fs->groups[group], map, bit))
        bit = map[bit / 8] == 0xFF ? (bit / 8 + 1) * 8 : bit + 1;
    return MIN(bit, fs->inodes_per_group);
}

static int alloc_in_group(struct ext2_fs *fs, uint32_t group, bool dir, uint32_t *ino)
{
    struct ext2_group *g = &fs->groups[group];
    struct buf *b;

    if (g->free_inodes == 0)
        return -ENOSPC;
    int error = bcache_get(&fs->bc, g->inode_bitmap, &b);
    if (error)
        return error;
    uint32_t bit = find_clear(fs, group, b->data);
    if (bit < fs->inodes_per_group) {
        b->data[bit / 8] |= (uint8_t)(1 << (bit % 8));
        bcache_dirty(b, BUF_META);
    }
    bcache_put(b);
    if (bit == fs->inodes_per_group) { /* the count is wrong, or they were freed just now */
        if (!g->freed_inodes[0] && !g->freed_inodes[1]) {
            fs->free_inodes -= g->free_inodes;
            g->free_inodes = 0;
        }
        return -ENOSPC;
    }
    g->free_inodes--;
    fs->free_inodes--;
    g->used_dirs += dir;
    *ino = group * fs->inodes_per_group + bit + 1;
    error = ext2_group_write(fs, group);
    return error ? ext2_damage(fs, "group %u: descriptor is not writable", group) : 0;
}

/* Tries every group once. */
static int alloc_somewhere(struct ext2_fs *fs, uint32_t parent_ino, bool dir, uint32_t *ino)
{
    int error = -ENOSPC;
    mutex_lock(&fs->alloc_lock);
    uint32_t group = dir ? emptiest_group(fs) : ext2_group_of_ino(fs, parent_ino);
    for (uint32_t i = 0; i < fs->n_groups && error == -ENOSPC; i++) {
        error = alloc_in_group(fs, group, dir, ino);
        group = (group + 1) % fs->n_groups;
    }
    mutex_unlock(&fs->alloc_lock);
    return error;
}

int ext2_ialloc(struct ext2_fs *fs, uint32_t parent_ino, bool dir, uint32_t *ino)
{
    if (!ext2_writable(fs))
        return -EROFS;
    int error = alloc_somewhere(fs, parent_ino, dir, ino);
    if (error != -ENOSPC || READ_ONCE(fs->free_inodes) == 0)
        return error;
    error = ext2_commit(fs); /* numbers freed lately become usable */
    return error ? error : alloc_somewhere(fs, parent_ino, dir, ino);
}

static int free_in_group(struct ext2_fs *fs, uint32_t group, uint32_t bit, bool dir)
{
    struct ext2_group *g = &fs->groups[group];
    struct buf *b;
    int error = bcache_get(&fs->bc, g->inode_bitmap, &b);
    if (error)
        return error;
    uint8_t mask = (uint8_t)(1 << (bit % 8));
    bool was_set = b->data[bit / 8] & mask;
    b->data[bit / 8] &= (uint8_t)~mask;
    bcache_dirty(b, BUF_META);
    bcache_put(b);
    if (!was_set)
        return ext2_damage(fs, "inode %u: freed, but not in use",
                           group * fs->inodes_per_group + bit + 1);
    (void)ext2_hold_back(fs, &g->freed_inodes[0], bit, 1); /* without memory: a little less safe */
    g->free_inodes++;
    fs->free_inodes++;
    if (dir && g->used_dirs)
        g->used_dirs--;
    return ext2_group_write(fs, group);
}

void ext2_ifree(struct ext2_fs *fs, uint32_t ino, bool dir)
{
    mutex_lock(&fs->alloc_lock);
    int error =
        free_in_group(fs, ext2_group_of_ino(fs, ino), (ino - 1) % fs->inodes_per_group, dir);
    if (error)
        ext2_complain(fs, "inode %u is lost until e2fsck", ino);
    mutex_unlock(&fs->alloc_lock);
}
