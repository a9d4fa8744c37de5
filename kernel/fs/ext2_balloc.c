/*
 * ext2_balloc.c - which blocks are free: block bitmaps and the groups' counts.
 *
 * Blocks are given out in runs, as near behind the goal as there are any. A freed block is marked
 * free in its bitmap at once, but kept from being handed out until the next write-back (`freed` in
 * struct ext2_group): otherwise a crash could leave an old inode on the disk that points into
 * somebody's new data. When nothing else is left, that write-back is done here and now.
 *
 * A bitmap is believed only as far as it is harmless: a run that touches the file system's own
 * blocks, or a block freed twice, is damage. Lock: alloc_lock, then one buffer.
 */
#include "fs/ext2_int.h"
#include "mem/kalloc.h"

/* A group's bitmap in its buffer, with what may not be handed out yet. */
struct bitmap {
    const uint64_t *used, *freed0, *freed1;
    uint32_t bits;
};

static uint64_t taken_word(const struct bitmap *m, uint32_t i)
{
    return m->used[i] | (m->freed0 ? m->freed0[i] : 0) | (m->freed1 ? m->freed1[i] : 0);
}

/* First bit at or after `from` that is (flip 0) taken, (flip ~0) not taken; m->bits: none. */
static uint32_t next_bit(const struct bitmap *m, uint32_t from, uint64_t flip)
{
    while (from < m->bits) {
        uint64_t word = (taken_word(m, from / 64) ^ flip) >> (from % 64);
        if (word)
            return MIN(from + (uint32_t)__builtin_ctzl(word), m->bits);
        from = (from / 64 + 1) * 64;
    }
    return m->bits;
}

/* Finds up to want bits not taken: right at `from`, else the first run that is long enough, else
 * the longest. Returns its length, 0: none. */
static uint32_t find_run(const struct bitmap *m, uint32_t from, uint32_t want, uint32_t *start)
{
    uint32_t best = 0;
    uint32_t at = next_bit(m, from, ~0ul);
    bool wrapped = false;

    for (;;) {
        if (at >= m->bits || (wrapped && at >= from)) {
            if (wrapped || from == 0)
                return best;
            wrapped = true;
            at = next_bit(m, 0, ~0ul);
            continue;
        }
        uint32_t len = MIN(next_bit(m, at, 0) - at, want);
        if (len > best) {
            best = len;
            *start = at;
        }
        if (best == want || at == from)
            return best;
        at = next_bit(m, at + len, ~0ul);
    }
}

static void set_bits(uint64_t *map, uint32_t start, uint32_t count)
{
    for (uint32_t i = start; i < start + count; i++)
        map[i / 64] |= 1ul << (i % 64);
}

/* Clears bits; how many were set. */
static uint32_t clear_bits(uint64_t *map, uint32_t start, uint32_t count)
{
    uint32_t cleared = 0;
    for (uint32_t i = start; i < start + count; i++) {
        cleared += map[i / 64] >> (i % 64) & 1;
        map[i / 64] &= ~(1ul << (i % 64));
    }
    return cleared;
}

static uint32_t count_free(const uint64_t *used, uint32_t bits)
{
    struct bitmap m = {.used = used, .bits = bits};
    uint32_t n = 0;
    for (uint32_t at = next_bit(&m, 0, ~0ul); at < bits;) {
        uint32_t end = next_bit(&m, at, 0);
        n += end - at;
        at = next_bit(&m, end, ~0ul);
    }
    return n;
}

/* The bitmap's buffer. The first time the free count is made to agree with it. */
static int bitmap_get(struct ext2_fs *fs, uint32_t group, struct buf **b)
{
    struct ext2_group *g = &fs->groups[group];
    int error = bcache_get(&fs->bc, g->block_bitmap, b);
    if (error || g->counted)
        return error;
    uint32_t n = count_free((const uint64_t *)(*b)->data, g->blocks);
    if (n != g->free_blocks)
        ext2_complain(fs, "group %u: %u free blocks, not %u as it says", group, n, g->free_blocks);
    fs->free_blocks += n;
    fs->free_blocks -= g->free_blocks;
    g->free_blocks = n;
    g->counted = true;
    return 0;
}

int ext2_group_write(struct ext2_fs *fs, uint32_t group)
{
    struct buf *b;
    uint64_t offset = (uint64_t)group * sizeof(struct ext2_group_desc);
    int error = bcache_get(&fs->bc, fs->first_data_block + 1ull + offset / fs->block_size, &b);
    if (error)
        return error;
    struct ext2_group_desc *gd = (struct ext2_group_desc *)(b->data + offset % fs->block_size);
    gd->bg_free_blocks_count = (uint16_t)fs->groups[group].free_blocks;
    gd->bg_free_inodes_count = (uint16_t)fs->groups[group].free_inodes;
    gd->bg_used_dirs_count = (uint16_t)fs->groups[group].used_dirs;
    bcache_dirty(b, BUF_META);
    bcache_put(b);
    return 0;
}

static bool run_ok(const struct ext2_fs *fs, uint32_t start, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (!ext2_block_ok(fs, start + i))
            return false;
    return true;
}

/* Takes a run out of one group. -ENOSPC: it has none. */
static int alloc_in_group(struct ext2_fs *fs, uint32_t group, uint32_t from, uint32_t want,
                          uint32_t *start, uint32_t *got)
{
    struct ext2_group *g = &fs->groups[group];
    struct buf *b;
    uint32_t bit = 0;

    if (g->bad || g->free_blocks == 0)
        return -ENOSPC;
    int error = bitmap_get(fs, group, &b);
    if (error)
        return error;
    uint64_t *used = (uint64_t *)b->data;
    struct bitmap m = {used, g->freed_blocks[0], g->freed_blocks[1], g->blocks};
    uint32_t n = find_run(&m, from, want, &bit);
    uint32_t first = ext2_group_first(fs, group) + bit;
    bool ok = run_ok(fs, first, n);
    if (n && ok) {
        set_bits(used, bit, n);
        bcache_dirty(b, BUF_META);
    }
    bcache_put(b);
    if (n == 0)
        return -ENOSPC;
    if (!ok) {
        g->bad = true;
        return ext2_damage(fs, "group %u: bitmap has the file system's own blocks as free", group);
    }
    g->free_blocks -= n;
    fs->free_blocks -= n;
    *start = first;
    *got = n;
    error = ext2_group_write(fs, group);
    return error ? ext2_damage(fs, "group %u: descriptor is not writable", group) : 0;
}

/* Tries every group once, beginning with the goal's. */
static int alloc_near(struct ext2_fs *fs, uint32_t goal, uint32_t want, uint32_t *start,
                      uint32_t *got)
{
    uint32_t group = (goal - fs->first_data_block) / fs->blocks_per_group;
    uint32_t from = (goal - fs->first_data_block) % fs->blocks_per_group;
    int error = -ENOSPC;

    mutex_lock(&fs->alloc_lock);
    for (uint32_t i = 0; i < fs->n_groups && error == -ENOSPC; i++) {
        error = alloc_in_group(fs, group, from, want, start, got);
        group = (group + 1) % fs->n_groups;
        from = 0;
    }
    mutex_unlock(&fs->alloc_lock);
    return error;
}

int ext2_balloc(struct ext2_fs *fs, uint32_t goal, uint32_t want, uint32_t *start, uint32_t *got)
{
    if (!ext2_writable(fs))
        return -EROFS;
    if (goal < fs->first_data_block || goal >= fs->blocks_count)
        goal = fs->first_data_block;
    int error = alloc_near(fs, goal, want, start, got);
    if (error != -ENOSPC || READ_ONCE(fs->free_blocks) == 0)
        return error;
    error = ext2_commit(fs); /* what was freed lately becomes usable */
    return error ? error : alloc_near(fs, goal, want, start, got);
}

int ext2_hold_back(struct ext2_fs *fs, uint64_t **freed, uint32_t bit, uint32_t count)
{
    if (!*freed) {
        *freed = kzalloc(fs->block_size);
        if (!*freed)
            return -ENOMEM;
    }
    set_bits(*freed, bit, count);
    fs->any_freed = true;
    return 0;
}

/* Clears a run within one group. `hold`: it was in use until now. */
static int free_in_group(struct ext2_fs *fs, uint32_t group, uint32_t bit, uint32_t count,
                         bool hold)
{
    struct ext2_group *g = &fs->groups[group];
    struct buf *b;
    int error = bitmap_get(fs, group, &b);
    if (error)
        return error;
    uint32_t cleared = clear_bits((uint64_t *)b->data, bit, count);
    bcache_dirty(b, BUF_META);
    bcache_put(b);

    g->free_blocks += cleared;
    fs->free_blocks += cleared;
    if (hold && ext2_hold_back(fs, &g->freed_blocks[0], bit, count))
        g->bad = true; /* out of memory: hand out nothing here for the rest of this mount */
    error = ext2_group_write(fs, group);
    if (cleared != count)
        ext2_damage(fs, "blocks %u to %u: freed, but not in use", ext2_group_first(fs, group) + bit,
                    ext2_group_first(fs, group) + bit + count - 1);
    return error;
}

static void free_run(struct ext2_fs *fs, uint32_t start, uint32_t count, bool hold)
{
    mutex_lock(&fs->alloc_lock);
    while (count) {
        uint32_t group = (start - fs->first_data_block) / fs->blocks_per_group;
        uint32_t bit = (start - fs->first_data_block) % fs->blocks_per_group;
        uint32_t n = MIN(count, fs->groups[group].blocks - bit);
        if (free_in_group(fs, group, bit, n, hold))
            ext2_complain(fs, "blocks %u to %u are lost until e2fsck", start, start + n - 1);
        start += n;
        count -= n;
    }
    mutex_unlock(&fs->alloc_lock);
}

void ext2_bfree(struct ext2_fs *fs, uint32_t start, uint32_t count)
{
    if (!run_ok(fs, start, count)) {
        ext2_damage(fs, "blocks %u and %u more: not a file's", start, count - 1);
        return;
    }
    free_run(fs, start, count, true);
}

void ext2_bfree_unused(struct ext2_fs *fs, uint32_t start, uint32_t count)
{
    free_run(fs, start, count, false);
}
