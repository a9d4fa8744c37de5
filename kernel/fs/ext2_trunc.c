/*
 * ext2_trunc.c - the size of a file, and giving back the blocks beyond it.
 *
 * Order on the way down: the owner of the data drops its pages (hooks->truncated), data I/O under
 * way ends, the pointers are cleared in the inode and in maps that stay, and only then blocks are
 * freed. A subtree of the map that goes as a whole is first cut off at its top, then walked and
 * freed. Reads that fail on this walk leak the blocks below (logged): the file itself is right.
 */
#include "fs/ext2_int.h"

enum { CHUNK = 32 }; /* pointers handled together; three levels of them fit on a kernel stack */

/* Blocks to free, gathered into runs. */
struct freer {
    struct inode *inode;
    uint32_t start, count;
    int error; /* first one */
};

static void freer_flush(struct freer *f)
{
    struct ext2_fs *fs = f->inode->fs;
    if (f->count == 0)
        return;
    if (!inode_is_reg(f->inode)) /* its contents were metadata */
        for (uint32_t i = 0; i < f->count; i++)
            bcache_forget(&fs->bc, f->start + i);
    ext2_bfree(fs, f->start, f->count);
    uint64_t sectors = (uint64_t)f->count * (fs->block_size / 512);
    f->inode->sectors -= MIN(f->inode->sectors, sectors);
    f->count = 0;
}

static void freer_add(struct freer *f, uint32_t block)
{
    struct ext2_fs *fs = f->inode->fs;
    if (!ext2_block_ok(fs, block)) {
        f->error = ext2_damage(fs, "inode %u: block %u is not a file's", f->inode->ino, block);
        return;
    }
    if (f->count && block == f->start + f->count) {
        f->count++;
        return;
    }
    freer_flush(f);
    f->start = block;
    f->count = 1;
}

/* Takes up to CHUNK pointers from slot *at of a map on, clearing them if the map stays. */
static int take_slots(struct freer *f, uint32_t map, uint32_t *at, bool clear, uint32_t *out)
{
    struct ext2_fs *fs = f->inode->fs;
    uint32_t slots = 1u << fs->ptr_shift;
    struct buf *b;
    int n = 0;

    int error = bcache_get(&fs->bc, map, &b);
    if (error)
        return error;
    uint32_t *ptr = (uint32_t *)b->data;
    for (; *at < slots && n < CHUNK; (*at)++) {
        if (ptr[*at] == 0)
            continue;
        out[n++] = ptr[*at];
        if (clear)
            ptr[*at] = 0;
    }
    if (clear && n)
        bcache_dirty(b, BUF_META);
    bcache_put(b);
    return n;
}

/*
 * Frees what hangs below slots [from, end) of a map; depth 1: data. `clear`: the map itself stays,
 * so its slots are cleared. Recursion: depth is at most 3.
 */
static void free_below(struct freer *f, uint32_t map, int depth, uint32_t from, bool clear)
{
    uint32_t ptr[CHUNK];
    struct ext2_fs *fs = f->inode->fs;

    if (!ext2_block_ok(fs, map)) {
        f->error = ext2_damage(fs, "inode %u: map %u is not a file's", f->inode->ino, map);
        return;
    }
    while (from < 1u << fs->ptr_shift && !fs->damaged) { /* damage: the map may have loops */
        int n = take_slots(f, map, &from, clear, ptr);
        if (n < 0) {
            ext2_complain(fs, "inode %u: map %u: error %d, blocks are lost until e2fsck",
                          f->inode->ino, map, n);
            f->error = f->error ? f->error : n;
            return;
        }
        for (int i = 0; i < n && !fs->damaged; i++) {
            if (depth > 1) {
                free_below(f, ptr[i], depth - 1, 0, false);
                if (ext2_block_ok(fs, ptr[i]))
                    bcache_forget(&fs->bc, ptr[i]);
            }
            freer_add(f, ptr[i]);
        }
    }
}

/*
 * Trims the tree below inode->block[top]: slot[] is the way to the first block that goes, so every
 * map on this way keeps what is left of it, unless nothing is: `keep` counts the maps that stay.
 */
static void trim_tree(struct freer *f, const uint32_t slot[4], int levels)
{
    struct inode *inode = f->inode;
    struct ext2_fs *fs = inode->fs;
    uint32_t map = inode->block[slot[0]];

    /* All slots from level i on are 0: the map of level i goes as a whole, its parent's slot too.
     */
    int whole = levels;
    while (whole > 1 && slot[whole - 1] == 0)
        whole--;
    if (map == 0)
        return;
    if (whole == 1) { /* the whole tree */
        inode->block[slot[0]] = 0;
        ext2_inode_write(inode);
        free_below(f, map, levels - 1, 0, false);
        if (ext2_block_ok(fs, map))
            bcache_forget(&fs->bc, map);
        freer_add(f, map);
        return;
    }
    for (int i = 1; i < whole && map; i++) {
        uint32_t next = 0;
        bool last = i == whole - 1;
        if (!last) {
            struct buf *b;
            int error = ext2_block_ok(fs, map) ? bcache_get(&fs->bc, map, &b) : -EIO;
            if (error) {
                f->error = f->error ? f->error : error;
                return;
            }
            next = ((uint32_t *)b->data)[slot[i]];
            bcache_put(b);
        }
        free_below(f, map, levels - i, slot[i] + !last, true);
        map = next;
    }
}

int ext2_free_from(struct inode *inode, uint64_t first)
{
    struct freer f = {.inode = inode};
    uint32_t direct[EXT2_NDIR_BLOCKS];
    uint32_t n = 0, slot[4];
    int levels = ext2_block_path(inode->fs, first, slot);

    if (levels < 0)
        return 0;
    if (levels == 1) {
        for (uint32_t i = slot[0]; i < EXT2_NDIR_BLOCKS; i++) {
            if (inode->block[i])
                direct[n++] = inode->block[i];
            inode->block[i] = 0;
        }
        int error = ext2_inode_write(inode);
        if (error)
            return error; /* leaked: nothing may be reused that the disk still points at */
        for (uint32_t i = 0; i < n; i++)
            freer_add(&f, direct[i]);
        slot[0] = EXT2_IND_BLOCK;
        slot[1] = slot[2] = slot[3] = 0;
        levels = 2;
    }
    for (; levels <= 4; levels++) {
        trim_tree(&f, slot, levels);
        slot[0]++;
        slot[1] = slot[2] = slot[3] = 0;
    }
    freer_flush(&f);
    inode->alloc_goal = 0;
    int error = ext2_inode_write(inode);
    return f.error ? f.error : error;
}

static int grow(struct inode *inode, uint64_t size)
{
    if (size > INT32_MAX) {
        int error = ext2_set_large_file(inode->fs);
        if (error)
            return error;
    }
    inode->size = size;
    return ext2_inode_write(inode);
}

static int check_resize(struct inode *inode, uint64_t size)
{
    if (!ext2_writable(inode->fs))
        return -EROFS;
    if (inode_is_dir(inode))
        return -EISDIR;
    if (!inode_is_reg(inode))
        return -EINVAL;
    return size > ext2_max_size(inode->fs) ? -EFBIG : 0;
}

int ext2_set_size_locked(struct inode *inode, uint64_t size)
{
    int error = check_resize(inode, size);
    return error || size <= inode->size ? error : grow(inode, size);
}

int ext2_set_size(struct inode *inode, uint64_t size)
{
    mutex_lock(&inode->lock);
    int error = ext2_set_size_locked(inode, size);
    mutex_unlock(&inode->lock);
    return error;
}

void ext2_wait_for_io(struct inode *inode)
{
    struct ext2_fs *fs = inode->fs;
    spin_lock(&fs->hash_lock);
    while (inode->inflight)
        waitq_wait(&inode->waitq, &fs->hash_lock, TIME_NEVER, WAIT_UNINTR, "file I/O");
    spin_unlock(&fs->hash_lock);
}

int ext2_truncate_locked(struct inode *inode, uint64_t size)
{
    struct ext2_fs *fs = inode->fs;
    int error = check_resize(inode, size);
    if (error)
        return error;
    inode->mtime = inode->ctime = ext2_now();
    if (size >= inode->size)
        return grow(inode, size);

    if (fs->hooks && fs->hooks->truncated)
        fs->hooks->truncated(inode, size);
    ext2_wait_for_io(inode);
    inode->size = size;
    return ext2_free_from(inode, (size + fs->block_size - 1) >> fs->block_shift);
}

int ext2_truncate(struct inode *inode, uint64_t size)
{
    mutex_lock(&inode->lock);
    int error = ext2_truncate_locked(inode, size);
    mutex_unlock(&inode->lock);
    return error;
}
