/*
 * ext2_dir.c - the entries of one directory: finding, adding, removing, listing.
 *
 * A directory's blocks are chains of entries that fill each block to its end. Entries never move:
 * adding uses the unused end of an entry or a new block, removing gives an entry's room to the one
 * before it. So the byte offset of an entry is a cookie for readdir() that stays good, provided the
 * chain is always walked from the start of its block.
 *
 * Each entry is checked where it is met: length, alignment, the block's end, inode number. A bad
 * one ends the walk with -EIO. Lock: dir->lock held by the caller throughout; one buffer at a time.
 */
#include "fs/ext2_int.h"

/* Looks at one entry of the block in b. 0: go on, 1: stop, negative: error. */
typedef int (*visit_fn)(void *ctx, struct buf *b, struct ext2_dir_entry *e, uint32_t offset);

static uint8_t type_of_mode(const struct ext2_fs *fs, uint32_t mode)
{
    static const uint8_t types[16] = {
        [ABI_S_IFIFO >> 12] = EXT2_FT_FIFO,     [ABI_S_IFCHR >> 12] = EXT2_FT_CHRDEV,
        [ABI_S_IFDIR >> 12] = EXT2_FT_DIR,      [ABI_S_IFBLK >> 12] = EXT2_FT_BLKDEV,
        [ABI_S_IFREG >> 12] = EXT2_FT_REG_FILE, [ABI_S_IFLNK >> 12] = EXT2_FT_SYMLINK,
    };
    return fs->filetype ? types[mode >> 12 & 15] : 0;
}

static uint8_t abi_type(const struct ext2_fs *fs, uint8_t file_type)
{
    static const uint8_t types[8] = {
        [EXT2_FT_REG_FILE] = ABI_S_IFREG >> 12, [EXT2_FT_DIR] = ABI_S_IFDIR >> 12,
        [EXT2_FT_CHRDEV] = ABI_S_IFCHR >> 12,   [EXT2_FT_BLKDEV] = ABI_S_IFBLK >> 12,
        [EXT2_FT_FIFO] = ABI_S_IFIFO >> 12,     [EXT2_FT_SYMLINK] = ABI_S_IFLNK >> 12,
    };
    return fs->filetype && file_type < 8 ? types[file_type] : 0;
}

int ext2_name_check(const char *name, size_t len)
{
    if (len == 0)
        return -ENOENT;
    if (len > EXT2_NAME_MAX)
        return -ENAMETOOLONG;
    for (size_t i = 0; i < len; i++)
        if (name[i] == '/' || name[i] == '\0')
            return -EINVAL;
    return 0;
}

static bool same_name(const struct ext2_dir_entry *e, const char *name, size_t len)
{
    return e->inode && e->name_len == len && memcmp(e->name, name, len) == 0;
}

static bool is_dots(const struct ext2_dir_entry *e)
{
    return same_name(e, ".", 1) || same_name(e, "..", 2);
}

/* Bytes at the end of an entry that it does not need. */
static uint32_t slack(const struct ext2_dir_entry *e)
{
    return e->inode ? e->rec_len - EXT2_DIR_REC_LEN(e->name_len) : e->rec_len;
}

/* The entry at an offset of a block, if it makes sense. */
static struct ext2_dir_entry *entry_at(struct inode *dir, struct buf *b, uint32_t offset)
{
    struct ext2_fs *fs = dir->fs;
    struct ext2_dir_entry *e = (struct ext2_dir_entry *)(b->data + offset);
    if (offset % 4 == 0 && offset + EXT2_DIR_REC_LEN(1) <= fs->block_size && e->rec_len % 4 == 0 &&
        e->rec_len >= EXT2_DIR_REC_LEN(1) && offset + e->rec_len <= fs->block_size &&
        e->inode <= fs->inodes_count &&
        (e->inode == 0 || (e->name_len && EXT2_DIR_REC_LEN(e->name_len) <= e->rec_len)))
        return e;
    ext2_complain(fs, "directory %u: damaged entry in block %lu at byte %u", dir->ino,
                  (unsigned long)b->block, offset);
    return NULL;
}

static int visit_buf(struct inode *dir, struct buf *b, visit_fn visit, void *ctx)
{
    for (uint32_t offset = 0; offset < dir->fs->block_size;) {
        struct ext2_dir_entry *e = entry_at(dir, b, offset);
        if (!e)
            return -EIO;
        uint32_t next = offset + e->rec_len; /* visit() may shorten e */
        int result = visit(ctx, b, e, offset);
        if (result)
            return result;
        offset = next;
    }
    return 0;
}

static int dir_block_get(struct inode *dir, uint64_t fb, struct buf **b)
{
    uint32_t block;
    int error = ext2_bmap_locked(dir, fb, false, &block, NULL);
    if (error)
        return error;
    if (block == 0) {
        ext2_complain(dir->fs, "directory %u: hole at block %lu", dir->ino, (unsigned long)fb);
        return -EIO;
    }
    return bcache_get(&dir->fs->bc, block, b);
}

/* Visits the entries from file block *fb on; *fb: the block of the last one visited. */
static int visit_from(struct inode *dir, uint64_t *fb, visit_fn visit, void *ctx)
{
    uint64_t blocks = dir->size >> dir->fs->block_shift;
    for (; *fb < blocks; (*fb)++) {
        struct buf *b;
        int result = dir_block_get(dir, *fb, &b);
        if (result)
            return result;
        result = visit_buf(dir, b, visit, ctx);
        bcache_put(b);
        if (result)
            return result;
    }
    return 0;
}

/* The directory's contents change: times, and an index that we do not keep up is no longer valid.
 */
static int note_change(struct inode *dir)
{
    ext2_touch_modified_locked(dir);
    if (!(dir->flags & EXT2_INDEX_FL))
        return 0;
    dir->flags &= ~(uint32_t)EXT2_INDEX_FL;
    return ext2_inode_write(dir);
}

struct find {
    const char *name;
    size_t len;
    struct dir_place *place;
};

static int visit_find(void *ctx, struct buf *b, struct ext2_dir_entry *e, uint32_t offset)
{
    struct find *f = ctx;
    if (!same_name(e, f->name, f->len))
        return 0;
    f->place->ino = e->inode;
    f->place->offset = offset;
    f->place->block = (uint32_t)b->block;
    return 1;
}

int ext2_dir_find(struct inode *dir, const char *name, size_t len, struct dir_place *place)
{
    struct find f = {name, len, place};
    place->fb = 0;
    int result = visit_from(dir, &place->fb, visit_find, &f);
    return result > 0 ? 0 : result ? result : -ENOENT;
}

struct add {
    const struct ext2_fs *fs;
    const char *name;
    size_t len;
    uint32_t ino;
    uint8_t type;
    struct dir_place *place;
};

static void fill_entry(const struct add *a, struct ext2_dir_entry *e, uint32_t rec_len)
{
    e->inode = a->ino;
    e->rec_len = (uint16_t)rec_len;
    e->name_len = (uint8_t)a->len;
    e->file_type = a->type;
    memcpy(e->name, a->name, a->len);
}

static int visit_add(void *ctx, struct buf *b, struct ext2_dir_entry *e, uint32_t offset)
{
    struct add *a = ctx;
    uint32_t room = slack(e);
    if (room < EXT2_DIR_REC_LEN(a->len))
        return 0;
    uint32_t keep = e->rec_len - room;
    if (keep)
        e->rec_len = (uint16_t)keep;
    fill_entry(a, (struct ext2_dir_entry *)((char *)e + keep), room);
    bcache_dirty(b, BUF_NAME);
    *a->place =
        (struct dir_place){.ino = a->ino, .offset = offset + keep, .block = (uint32_t)b->block};
    return 1;
}

/* Puts the entry into a new block at the end. The block is written with the inodes, before any name
 * that leads to this directory. */
static int add_block(struct inode *dir, const struct add *a)
{
    struct ext2_fs *fs = dir->fs;
    uint64_t fb = dir->size >> fs->block_shift;
    uint32_t block;
    struct buf *b;

    if (dir->size + fs->block_size > INT32_MAX)
        return -ENOSPC;
    int error = ext2_bmap_locked(dir, fb, true, &block, NULL);
    if (error)
        return error;
    error = bcache_get_zero(&fs->bc, block, &b);
    if (error) {
        (void)ext2_free_from(dir, fb);
        return error;
    }
    fill_entry(a, (struct ext2_dir_entry *)b->data, fs->block_size);
    bcache_dirty(b, BUF_META);
    bcache_put(b);
    *a->place = (struct dir_place){.ino = a->ino, .fb = fb, .block = block};
    dir->size += fs->block_size;
    return ext2_inode_write(dir);
}

int ext2_dir_add(struct inode *dir, const char *name, size_t len, uint32_t ino, uint32_t mode,
                 struct dir_place *place)
{
    struct dir_place ignored;
    struct add a = {.fs = dir->fs, .name = name, .len = len, .ino = ino};
    a.type = type_of_mode(dir->fs, mode);
    a.place = place ? place : &ignored;
    uint64_t fb = dir->dir_hint;
    int result = visit_from(dir, &fb, visit_add, &a);
    if (result < 0)
        return result;
    if (result == 0) {
        int error = add_block(dir, &a);
        if (error)
            return error;
    }
    a.place->fb = fb;
    dir->dir_hint = (uint32_t)fb;
    return note_change(dir);
}

struct removal {
    uint32_t offset;
    struct ext2_dir_entry *prev;
};

static int visit_remove(void *ctx, struct buf *b, struct ext2_dir_entry *e, uint32_t offset)
{
    struct removal *r = ctx;
    if (offset < r->offset) {
        r->prev = e;
        return 0;
    }
    if (offset > r->offset || e->inode == 0)
        return -EIO;
    if (r->prev)
        r->prev->rec_len = (uint16_t)(r->prev->rec_len + e->rec_len);
    e->inode = 0;
    bcache_dirty(b, BUF_NAME);
    return 1;
}

int ext2_dir_remove(struct inode *dir, const struct dir_place *place)
{
    struct removal r = {.offset = place->offset};
    struct buf *b;
    int error = bcache_get(&dir->fs->bc, place->block, &b);
    if (error)
        return error;
    int result = visit_buf(dir, b, visit_remove, &r);
    bcache_put(b);
    if (result <= 0)
        return result ? result : -EIO;
    dir->dir_hint = MIN(dir->dir_hint, (uint32_t)place->fb);
    return note_change(dir);
}

int ext2_dir_set(struct inode *dir, const struct dir_place *place, uint32_t ino, uint32_t mode)
{
    struct buf *b;
    int error = bcache_get(&dir->fs->bc, place->block, &b);
    if (error)
        return error;
    struct ext2_dir_entry *e = entry_at(dir, b, place->offset);
    if (e) {
        e->inode = ino;
        e->file_type = type_of_mode(dir->fs, mode);
        bcache_dirty(b, BUF_NAME);
    }
    bcache_put(b);
    return e ? note_change(dir) : -EIO;
}

int ext2_dir_make(struct inode *dir, uint32_t parent_ino)
{
    struct ext2_fs *fs = dir->fs;
    struct dir_place dot;
    struct add a = {fs, ".", 1, dir->ino, type_of_mode(fs, ABI_S_IFDIR), &dot};
    struct buf *b;

    int error = add_block(dir, &a);
    if (error)
        return error;
    error = bcache_get(&fs->bc, dot.block, &b);
    if (error)
        return error;
    struct ext2_dir_entry *e = (struct ext2_dir_entry *)b->data;
    e->rec_len = EXT2_DIR_REC_LEN(1);
    a = (struct add){fs, "..", 2, parent_ino, a.type, &dot};
    fill_entry(&a, (struct ext2_dir_entry *)(b->data + e->rec_len), fs->block_size - e->rec_len);
    bcache_dirty(b, BUF_META);
    bcache_put(b);
    return 0;
}

static int visit_empty(void *ctx, struct buf *b, struct ext2_dir_entry *e, uint32_t offset)
{
    (void)ctx;
    (void)b;
    (void)offset;
    return e->inode && !is_dots(e) ? -ENOTEMPTY : 0;
}

int ext2_dir_is_empty(struct inode *dir)
{
    uint64_t fb = 0;
    return visit_from(dir, &fb, visit_empty, NULL);
}

struct listing {
    struct inode *dir;
    uint64_t *pos;
    uint64_t fb; /* of the block being visited */
    bool (*emit)(void *ctx, const struct ext2_dirent *entry);
    void *ctx;
};

static int visit_list(void *ctx, struct buf *b, struct ext2_dir_entry *e, uint32_t offset)
{
    struct listing *l = ctx;
    struct ext2_fs *fs = l->dir->fs;
    uint64_t at = (l->fb << fs->block_shift) + offset;
    if (at < *l->pos)
        return 0;
    uint64_t next = at + e->rec_len;
    if (e->inode && ext2_name_check(e->name, e->name_len)) {
        ext2_complain(fs, "directory %u: a name in block %lu has a slash or NUL", l->dir->ino,
                      (unsigned long)b->block);
    } else if (e->inode) {
        struct ext2_dirent d = {e->inode, abi_type(fs, e->file_type), e->name_len, e->name, next};
        if (!l->emit(l->ctx, &d))
            return 1;
    }
    *l->pos = next;
    return 0;
}

static int list_locked(struct listing *l)
{
    struct ext2_fs *fs = l->dir->fs;
    if (*l->pos > l->dir->size) /* a cookie that was never given */
        *l->pos = l->dir->size;
    l->fb = *l->pos >> fs->block_shift;
    int result = visit_from(l->dir, &l->fb, visit_list, l);
    return result > 0 ? 0 : result;
}

int ext2_readdir(struct inode *dir, uint64_t *pos,
                 bool (*emit)(void *ctx, const struct ext2_dirent *entry), void *ctx)
{
    struct listing l = {.dir = dir, .pos = pos, .emit = emit, .ctx = ctx};
    if (!inode_is_dir(dir))
        return -ENOTDIR;
    mutex_lock(&dir->lock);
    int error = list_locked(&l);
    mutex_unlock(&dir->lock);
    return error;
}

struct naming {
    uint32_t ino;
    char *buf;
    size_t size;
    long len;
};

static int visit_naming(void *ctx, struct buf *b, struct ext2_dir_entry *e, uint32_t offset)
{
    struct naming *n = ctx;
    (void)b;
    (void)offset;
    if (e->inode != n->ino || is_dots(e) || ext2_name_check(e->name, e->name_len))
        return 0;
    if (e->name_len >= n->size)
        return -ERANGE;
    memcpy(n->buf, e->name, e->name_len);
    n->buf[e->name_len] = '\0';
    n->len = e->name_len;
    return 1;
}

long ext2_name_of(struct inode *dir, uint32_t ino, char *buf, size_t size)
{
    struct naming n = {.ino = ino, .buf = buf, .size = size};
    uint64_t fb = 0;
    if (!inode_is_dir(dir))
        return -ENOTDIR;
    mutex_lock(&dir->lock);
    int result = visit_from(dir, &fb, visit_naming, &n);
    mutex_unlock(&dir->lock);
    return result > 0 ? n.len : result ? result : -ENOENT;
}
