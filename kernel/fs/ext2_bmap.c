/*
 * ext2_bmap.c - from the blocks of a file to blocks of the disk, making new ones where asked.
 *
 *     inode->block[0..11]   data
 *                 [12]   -> map -> data
 *                 [13]   -> map -> map -> data
 *                 [14]   -> map -> map -> map -> data
 *
 * The map (or the inode itself) whose slots point at data is called the leaf here. A request never
 * goes beyond one leaf. New blocks are first all allocated, then the new maps are filled from the
 * leaf up, and last one pointer in what was there before is set: so a failure, or a crash, on the
 * way leaves the file as it was. Lock: inode->lock; never two buffers at once.
 */
#include "fs/ext2_int.h"

enum { LEVELS_MAX = 4 };

/* How file block fb is reached. */
struct walk {
    int levels;                /* slots on the way: 1 (in the inode) to 4 */
    uint32_t slot[LEVELS_MAX]; /* slot[0] in the inode, slot[i] in map[i] */
    uint32_t map[LEVELS_MAX];  /* disk blocks of maps, map[0] unused */
    int found; /* maps known: slots 0 to found - 1 lead to them; levels: leaf exists */
};

int ext2_block_path(const struct ext2_fs *fs, uint64_t fb, uint32_t slot[4])
{
    uint32_t shift = fs->ptr_shift, mask = (1u << shift) - 1;

    if (fb < EXT2_NDIR_BLOCKS) {
        slot[0] = (uint32_t)fb;
        return 1;
    }
    fb -= EXT2_NDIR_BLOCKS;
    for (int levels = 2; levels <= LEVELS_MAX; levels++) {
        uint64_t reach = 1ull << shift * (uint32_t)(levels - 1);
        if (fb < reach) {
            slot[0] = EXT2_IND_BLOCK + (uint32_t)levels - 2;
            for (int i = 1; i < levels; i++)
                slot[i] = (uint32_t)(fb >> shift * (uint32_t)(levels - 1 - i)) & mask;
            return levels;
        }
        fb -= reach;
    }
    return -EFBIG;
}

uint64_t ext2_max_size(const struct ext2_fs *fs)
{
    uint64_t ptrs = 1ull << fs->ptr_shift;
    uint64_t by_map = (EXT2_NDIR_BLOCKS + ptrs + ptrs * ptrs + ptrs * ptrs * ptrs)
                      << fs->block_shift;
    uint64_t by_sectors = (1ull << 41) - (1ull << 33); /* 32 bits of i_blocks, less the maps */
    uint64_t max = MIN(by_map, by_sectors);
    return fs->rev0 ? MIN(max, (uint64_t)INT32_MAX) : max;
}

static int bad_pointer(struct inode *inode, uint32_t block)
{
    ext2_complain(inode->fs, "inode %u: block %u is not a file's", inode->ino, block);
    return -EIO;
}

/* Reads count slots of map (0: of the inode). */
static int read_slots(struct inode *inode, uint32_t map, uint32_t slot, uint32_t *out,
                      uint32_t count)
{
    struct buf *b;
    if (map == 0) {
        memcpy(out, &inode->block[slot], count * sizeof(*out));
        return 0;
    }
    int error = bcache_get(&inode->fs->bc, map, &b);
    if (error)
        return error;
    memcpy(out, b->data + slot * sizeof(*out), count * sizeof(*out));
    bcache_put(b);
    return 0;
}

/* Finds the maps on the way to fb, as far as they exist. */
static int walk_to_leaf(struct inode *inode, uint64_t fb, struct walk *w)
{
    w->levels = ext2_block_path(inode->fs, fb, w->slot);
    if (w->levels < 0)
        return w->levels;
    w->map[0] = 0;
    for (w->found = 1; w->found < w->levels; w->found++) {
        uint32_t next;
        int error = read_slots(inode, w->map[w->found - 1], w->slot[w->found - 1], &next, 1);
        if (error)
            return error;
        if (next == 0)
            return 0;
        if (!ext2_block_ok(inode->fs, next))
            return bad_pointer(inode, next);
        w->map[w->found] = next;
    }
    return 0;
}

/* Slots from w's on that one request may cover. */
static uint32_t slots_left(const struct inode *inode, const struct walk *w)
{
    uint32_t size = w->levels == 1 ? EXT2_NDIR_BLOCKS : 1u << inode->fs->ptr_shift;
    return size - w->slot[w->levels - 1];
}

/* Counts how many of n pointers go on as the first does: next blocks of the disk, or holes. */
static uint32_t run_length(const uint32_t *ptr, uint32_t n)
{
    uint32_t len = 1;
    while (len < n && ptr[len] == (ptr[0] ? ptr[0] + len : 0))
        len++;
    return len;
}

enum { LOOK = 64 }; /* pointers looked at together */

/* The run at w's leaf slot: its first block (0: holes) and its length, at most max. */
static int look_at_leaf(struct inode *inode, const struct walk *w, uint32_t max, uint32_t *disk,
                        uint32_t *count)
{
    uint32_t ptr[LOOK];
    uint32_t reach = slots_left(inode, w);
    uint32_t n = MIN(reach, max);
    n = MIN(n, (uint32_t)LOOK);

    if (w->found < w->levels) {
        *disk = 0;
        *count = MIN(reach, max);
        return 0;
    }
    int error = read_slots(inode, w->map[w->levels - 1], w->slot[w->levels - 1], ptr, n);
    if (error)
        return error;
    *disk = ptr[0];
    *count = run_length(ptr, n);
    if (ptr[0] == 0)
        return 0;
    for (uint32_t i = 0; i < *count; i++)
        if (!ext2_block_ok(inode->fs, ptr[0] + i))
            return bad_pointer(inode, ptr[0] + i);
    return 0;
}

/* Where new blocks had best be: behind the last one, else in the inode's group. */
static uint32_t goal_of(const struct inode *inode)
{
    if (inode->alloc_goal)
        return inode->alloc_goal;
    return ext2_group_first(inode->fs, ext2_group_of_ino(inode->fs, inode->ino));
}

/* Points count slots of map (0: the inode) at disk, disk + 1, ... */
static int write_slots(struct inode *inode, uint32_t map, uint32_t slot, uint32_t disk,
                       uint32_t count)
{
    struct buf *b;
    if (map == 0) {
        for (uint32_t i = 0; i < count; i++)
            inode->block[slot + i] = disk + i;
        return 0;
    }
    int error = bcache_get(&inode->fs->bc, map, &b);
    if (error)
        return error;
    uint32_t *ptr = (uint32_t *)b->data + slot;
    for (uint32_t i = 0; i < count; i++)
        ptr[i] = disk + i;
    bcache_dirty(b, BUF_META);
    bcache_put(b);
    return 0;
}

/* Makes a new, otherwise empty map. */
static int make_map(struct inode *inode, uint32_t map)
{
    struct buf *b;
    int error = bcache_get_zero(&inode->fs->bc, map, &b);
    if (error)
        return error;
    bcache_dirty(b, BUF_META);
    bcache_put(b);
    return 0;
}

/* Allocates the maps that are missing on the way; how many goes to *made. */
static int alloc_maps(struct inode *inode, struct walk *w, int *made)
{
    for (*made = 0; w->found + *made < w->levels; (*made)++) {
        uint32_t block, got;
        int error = ext2_balloc(inode->fs, goal_of(inode), 1, &block, &got);
        if (error)
            return error;
        w->map[w->found + *made] = block;
        inode->alloc_goal = block + 1;
    }
    return 0;
}

static void drop_maps(struct inode *inode, const struct walk *w, int made)
{
    for (int i = 0; i < made; i++) {
        bcache_forget(&inode->fs->bc, w->map[w->found + i]);
        ext2_bfree_unused(inode->fs, w->map[w->found + i], 1);
    }
}

/* Links the new maps and data from the leaf up; the last step makes them part of the file. */
static int link_new(struct inode *inode, const struct walk *w, uint32_t disk, uint32_t count)
{
    int error = 0;
    for (int i = w->levels - 1; i >= w->found && !error; i--)
        error = make_map(inode, w->map[i]);
    for (int i = w->levels - 1; i >= w->found - 1 && !error; i--) {
        bool leaf = i == w->levels - 1;
        error = write_slots(inode, w->map[i], w->slot[i], leaf ? disk : w->map[i + 1],
                            leaf ? count : 1);
    }
    return error;
}

/* Fills up to *count holes at w with new blocks. */
static int fill_holes(struct inode *inode, struct walk *w, uint32_t *disk, uint32_t *count)
{
    struct ext2_fs *fs = inode->fs;
    int maps;
    uint32_t start = 0, got = 0;

    int error = alloc_maps(inode, w, &maps);
    if (!error)
        error = ext2_balloc(fs, goal_of(inode), *count, &start, &got);
    if (!error && inode->sectors + (got + (uint64_t)maps) * (fs->block_size / 512) > UINT32_MAX)
        error = -EFBIG;
    if (!error)
        error = link_new(inode, w, start, got);
    if (error) {
        drop_maps(inode, w, maps);
        if (got)
            ext2_bfree_unused(fs, start, got);
        return error;
    }
    inode->alloc_goal = start + got;
    inode->sectors += (got + (uint64_t)maps) * (fs->block_size / 512);
    *disk = start;
    *count = got;
    return ext2_inode_write(inode);
}

static int map_run(struct inode *inode, uint64_t fb, uint32_t max, bool create, uint32_t *disk,
                   uint32_t *count, bool *is_new)
{
    struct walk w;
    uint32_t block, n;

    int error = walk_to_leaf(inode, fb, &w);
    if (!error)
        error = look_at_leaf(inode, &w, max, &block, &n);
    if (error)
        return error;
    *is_new = block == 0 && create;
    if (*is_new) {
        error = fill_holes(inode, &w, &block, &n);
        if (error)
            return error;
    }
    *disk = block;
    *count = n;
    return 0;
}

int ext2_bmap_run_locked(struct inode *inode, uint64_t fileblock, uint32_t max, bool create,
                         uint32_t *disk, uint32_t *count)
{
    bool is_new;
    if (max == 0)
        return -EINVAL;
    return map_run(inode, fileblock, max, create, disk, count, &is_new);
}

int ext2_bmap_run(struct inode *inode, uint64_t fileblock, uint32_t max, bool create,
                  uint32_t *disk, uint32_t *count)
{
    mutex_lock(&inode->lock);
    int error = ext2_bmap_run_locked(inode, fileblock, max, create, disk, count);
    mutex_unlock(&inode->lock);
    return error;
}

int ext2_bmap_locked(struct inode *inode, uint64_t fileblock, bool create, uint32_t *disk,
                     bool *is_new)
{
    uint32_t count;
    bool made;
    int error = map_run(inode, fileblock, 1, create, disk, &count, &made);
    if (!error && is_new)
        *is_new = made;
    return error;
}

int ext2_bmap(struct inode *inode, uint64_t fileblock, bool create, uint32_t *disk, bool *is_new)
{
    mutex_lock(&inode->lock);
    int error = ext2_bmap_locked(inode, fileblock, create, disk, is_new);
    mutex_unlock(&inode->lock);
    return error;
}

int ext2_reserve_locked(struct inode *inode, uint64_t start, uint64_t end, bool *any_new)
{
    struct ext2_fs *fs = inode->fs;
    uint64_t fb = start >> fs->block_shift;
    uint64_t fb_end = (end + fs->block_size - 1) >> fs->block_shift;

    if (any_new)
        *any_new = false;
    if (!ext2_writable(fs))
        return -EROFS;
    while (fb < fb_end) {
        uint32_t disk, count;
        bool is_new;
        uint32_t max = (uint32_t)MIN(fb_end - fb, (uint64_t)UINT32_MAX);
        int error = map_run(inode, fb, max, true, &disk, &count, &is_new);
        if (error)
            return error;
        if (any_new)
            *any_new |= is_new;
        fb += count;
    }
    return 0;
}
