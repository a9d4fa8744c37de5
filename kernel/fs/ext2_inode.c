/*
 * ext2_inode.c - inodes in memory: the table, their life, reading and writing them.
 *
 *                 read fails                       no links left
 *     LOADING ---------------> DEAD    LIVE --last put--> FREEING ---> DEAD
 *        |                               ^ |
 *        +-------------> LIVE            | +--cache full--> EVICTING ---> DEAD
 *
 * The table has every inode that is not DEAD. References are counted under hash_lock; an inode
 * without any stays on the LRU list until its place is wanted. Threads that find an inode LOADING
 * or EVICTING wait with a reference; the memory of a DEAD one is freed by the last reference.
 *
 * Every change of a field that is on the disk goes into the inode's buffer at once, except times,
 * which go with the next sync or eviction (times_dirty).
 */
#include "fs/ext2_int.h"
#include "mem/kalloc.h"

static struct list *hash_head(struct ext2_fs *fs, uint32_t ino)
{
    return &fs->hash[ino * 2654435761u >> 16 & (INODE_HASH_SIZE - 1)];
}

static struct inode *find_locked(struct ext2_fs *fs, uint32_t ino)
{
    struct list *head = hash_head(fs, ino), *pos;
    list_for_each (pos, head) {
        struct inode *inode = list_entry(pos, struct inode, hash);
        if (inode->ino == ino)
            return inode;
    }
    return NULL;
}

static struct inode *inode_alloc(struct ext2_fs *fs, uint32_t ino)
{
    struct inode *inode = kzalloc(sizeof(*inode));
    if (!inode)
        return NULL;
    inode->fs = fs;
    inode->ino = ino;
    inode->refs = 1;
    inode->state = INODE_LOADING;
    waitq_init(&inode->waitq);
    list_init(&inode->hash);
    list_init(&inode->lru);
    mutex_init(&inode->lock, RANK_INODE);
    return inode;
}

static void insert_locked(struct ext2_fs *fs, struct inode *inode)
{
    list_add(hash_head(fs, inode->ino), &inode->hash);
    fs->n_inodes++;
}

static void hold_locked(struct ext2_fs *fs, struct inode *inode)
{
    if (inode->refs++ == 0) {
        list_del(&inode->lru);
        fs->n_unused--;
    }
}

/* Out of the table. True: nobody waits, the caller frees the memory. */
static bool die_locked(struct ext2_fs *fs, struct inode *inode)
{
    inode->state = INODE_DEAD;
    list_del(&inode->hash);
    fs->n_inodes--;
    waitq_wake_all(&inode->waitq);
    return --inode->refs == 0;
}

static void die(struct inode *inode)
{
    struct ext2_fs *fs = inode->fs;
    spin_lock(&fs->hash_lock);
    bool last = die_locked(fs, inode);
    spin_unlock(&fs->hash_lock);
    if (last)
        kfree(inode);
}

/* --- the disk --- */

/* The buffer with the inode's place in the table, and the place. */
static int disk_inode_get(struct ext2_fs *fs, uint32_t ino, struct buf **b,
                          struct ext2_disk_inode **di)
{
    uint64_t byte = (uint64_t)((ino - 1) % fs->inodes_per_group) * fs->inode_size;
    uint32_t table = fs->groups[ext2_group_of_ino(fs, ino)].inode_table;
    int error = bcache_get(&fs->bc, table + (byte >> fs->block_shift), b);
    if (!error)
        *di = (struct ext2_disk_inode *)((*b)->data + (byte & (fs->block_size - 1)));
    return error;
}

static uint32_t decode_rdev(const struct ext2_disk_inode *di)
{
    uint32_t dev = di->i_block[1];
    if (di->i_block[0])
        return di->i_block[0] & 0xFFFF;
    return (dev >> 8 & 0xFFF) << 8 | (dev & 0xFF);
}

static void take_fields(struct inode *inode, const struct ext2_disk_inode *di)
{
    inode->generation = di->i_generation;
    inode->mode = di->i_mode;
    inode->nlink = di->i_links_count;
    inode->uid = di->i_uid | (uint32_t)di->i_uid_high << 16;
    inode->gid = di->i_gid | (uint32_t)di->i_gid_high << 16;
    inode->flags = di->i_flags;
    inode->size = di->i_size;
    inode->sectors = di->i_blocks;
    inode->atime = (int32_t)di->i_atime;
    inode->mtime = (int32_t)di->i_mtime;
    inode->ctime = (int32_t)di->i_ctime;
    inode->acl_block = di->i_file_acl;
    memcpy(inode->block, di->i_block, sizeof(inode->block));
    if (inode_is_reg(inode) && !inode->fs->rev0)
        inode->size |= (uint64_t)di->i_size_high << 32;
    if ((inode->mode & ABI_S_IFMT) == ABI_S_IFCHR || (inode->mode & ABI_S_IFMT) == ABI_S_IFBLK)
        inode->rdev = decode_rdev(di);
}

static int load(struct inode *inode)
{
    struct buf *b;
    struct ext2_disk_inode *di, copy;
    int error = disk_inode_get(inode->fs, inode->ino, &b, &di);
    if (error)
        return error;
    copy = *di;
    bcache_put(b);
    error = ext2_check_inode(inode->fs, inode->ino, &copy);
    if (!error)
        take_fields(inode, &copy);
    return error;
}

int ext2_inode_write(struct inode *inode)
{
    struct buf *b;
    struct ext2_disk_inode *di;
    int error = disk_inode_get(inode->fs, inode->ino, &b, &di);
    inode->times_dirty = false;
    if (error)
        return error;
    di->i_mode = inode->mode;
    di->i_links_count = inode->nlink;
    di->i_uid = (uint16_t)inode->uid;
    di->i_uid_high = (uint16_t)(inode->uid >> 16);
    di->i_gid = (uint16_t)inode->gid;
    di->i_gid_high = (uint16_t)(inode->gid >> 16);
    di->i_flags = inode->flags;
    di->i_size = (uint32_t)inode->size;
    if (inode_is_reg(inode) && !inode->fs->rev0)
        di->i_size_high = (uint32_t)(inode->size >> 32);
    di->i_blocks = (uint32_t)inode->sectors;
    di->i_atime = (uint32_t)inode->atime;
    di->i_mtime = (uint32_t)inode->mtime;
    di->i_ctime = (uint32_t)inode->ctime;
    di->i_dtime = inode->freed ? (uint32_t)MAX(ext2_now(), (int64_t)1) : 0;
    di->i_generation = inode->generation;
    di->i_file_acl = inode->acl_block;
    memcpy(di->i_block, inode->block, sizeof(inode->block));
    bcache_dirty(b, BUF_META);
    bcache_put(b);
    return 0;
}

/* --- references --- */

static bool may_be_named(const struct ext2_fs *fs, uint32_t ino)
{
    return ino == EXT2_ROOT_INO || (ino >= fs->first_ino && ino <= fs->inodes_count);
}

/* Reads an inode just put into the table. */
static int load_new(struct inode *inode)
{
    struct ext2_fs *fs = inode->fs;
    int error = load(inode);
    if (error) {
        die(inode);
        return error;
    }
    spin_lock(&fs->hash_lock);
    inode->state = INODE_LIVE;
    waitq_wake_all(&inode->waitq);
    spin_unlock(&fs->hash_lock);
    return 0;
}

/* Waits until an inode that is on its way is LIVE or DEAD. True: it is LIVE, with a reference. */
static bool wait_settled_locked(struct ext2_fs *fs, struct inode *inode)
{
    inode->refs++;
    while (inode->state == INODE_LOADING || inode->state == INODE_EVICTING)
        waitq_wait(&inode->waitq, &fs->hash_lock, TIME_NEVER, WAIT_UNINTR, "inode");
    if (inode->state == INODE_LIVE)
        return true;
    if (--inode->refs == 0)
        kfree(inode);
    return false;
}

/* Looks in the table. 0: found; -ENOENT: it is being freed; 1: not there. */
static int get_cached_locked(struct ext2_fs *fs, uint32_t ino, struct inode **out)
{
    struct inode *inode;
    while ((inode = find_locked(fs, ino))) {
        if (inode->state == INODE_FREEING)
            return -ENOENT;
        if (inode->state == INODE_LIVE)
            hold_locked(fs, inode);
        else if (!wait_settled_locked(fs, inode))
            continue;
        *out = inode;
        return 0;
    }
    return 1;
}

int inode_get(struct ext2_fs *fs, uint32_t ino, struct inode **out)
{
    if (!may_be_named(fs, ino)) {
        ext2_complain(fs, "inode %u cannot have a name", ino);
        return -EIO;
    }
    spin_lock(&fs->hash_lock);
    int found = get_cached_locked(fs, ino, out);
    spin_unlock(&fs->hash_lock);
    if (found <= 0)
        return found;

    struct inode *fresh = inode_alloc(fs, ino);
    if (!fresh)
        return -ENOMEM;
    spin_lock(&fs->hash_lock);
    found = get_cached_locked(fs, ino, out); /* somebody else was faster? */
    if (found == 1)
        insert_locked(fs, fresh);
    spin_unlock(&fs->hash_lock);
    if (found <= 0) {
        kfree(fresh);
        return found;
    }
    int error = load_new(fresh);
    if (!error)
        *out = fresh;
    return error;
}

void inode_hold(struct inode *inode)
{
    struct ext2_fs *fs = inode->fs;
    spin_lock(&fs->hash_lock);
    hold_locked(fs, inode);
    spin_unlock(&fs->hash_lock);
}

/* Lowers the count of sharers of a block of extended attributes, or frees it. */
static void put_acl_block(struct inode *inode)
{
    struct ext2_fs *fs = inode->fs;
    uint32_t block = inode->acl_block;
    struct buf *b;
    if (!block || bcache_get(&fs->bc, block, &b))
        return;
    uint32_t *header = (uint32_t *)b->data; /* magic, count of inodes that share it */
    bool shared = header[0] == 0xEA020000 && header[1] > 1;
    if (shared) {
        header[1]--;
        bcache_dirty(b, BUF_META);
    }
    bcache_put(b);
    inode->acl_block = 0;
    inode->sectors -= MIN(inode->sectors, (uint64_t)fs->block_size / 512);
    if (shared)
        return;
    bcache_forget(&fs->bc, block);
    ext2_bfree(fs, block, 1);
}

static bool has_block_map(const struct inode *inode)
{
    uint64_t acl = inode->acl_block ? inode->fs->block_size / 512 : 0;
    return inode_is_reg(inode) || inode_is_dir(inode) ||
           (inode_is_symlink(inode) && inode->sectors > acl);
}

/* Gives back all that an inode without links has on the disk, but for its number. */
static void free_contents(struct inode *inode)
{
    struct ext2_fs *fs = inode->fs;
    mutex_lock(&inode->lock);
    if (inode_is_reg(inode) && fs->hooks && fs->hooks->truncated)
        fs->hooks->truncated(inode, 0);
    ext2_wait_for_io(inode);
    int error = 0;
    bool mapped = has_block_map(inode);
    inode->size = 0;
    if (mapped)
        error = ext2_free_from(inode, 0);
    put_acl_block(inode);
    inode->freed = true;
    if (!error)
        error = ext2_inode_write(inode);
    if (error)
        ext2_complain(fs, "inode %u: error %d while freeing it", inode->ino, error);
    mutex_unlock(&inode->lock);
}

static void evicted(struct inode *inode)
{
    const struct inode_hooks *hooks = inode->fs->hooks;
    if (hooks && hooks->evicted)
        hooks->evicted(inode);
}

/* The last reference of an inode without links is gone; state is FREEING. */
static void free_inode(struct inode *inode)
{
    struct ext2_fs *fs = inode->fs;
    uint32_t ino = inode->ino;
    bool dir = inode_is_dir(inode);
    free_contents(inode);
    evicted(inode);
    die(inode); /* out of the table before the number can be given out again */
    ext2_ifree(fs, ino, dir);
}

void inode_put(struct inode *inode)
{
    struct ext2_fs *fs = inode->fs;
    spin_lock(&fs->hash_lock);
    ASSERT(inode->refs > 0);
    if (inode->refs > 1 || inode->state != INODE_LIVE) {
        inode->refs--;
        spin_unlock(&fs->hash_lock);
        return;
    }
    if (inode->nlink == 0 && !inode->freed && ext2_writable(fs)) {
        inode->state = INODE_FREEING; /* keeps the reference */
        spin_unlock(&fs->hash_lock);
        free_inode(inode);
        return;
    }
    inode->refs = 0;
    list_add_tail(&fs->lru, &inode->lru);
    fs->n_unused++;
    spin_unlock(&fs->hash_lock);
}

static void evict(struct inode *inode)
{
    if (inode->times_dirty && ext2_writable(inode->fs) && ext2_inode_write(inode))
        ext2_complain(inode->fs, "inode %u: new times are lost", inode->ino);
    evicted(inode);
    die(inode);
}

uint64_t ext2_inodes_shrink(struct ext2_fs *fs, uint32_t keep)
{
    uint64_t freed = 0;
    spin_lock(&fs->hash_lock);
    while (fs->n_unused > keep) {
        struct inode *inode = list_first(&fs->lru, struct inode, lru);
        hold_locked(fs, inode);
        inode->state = INODE_EVICTING;
        spin_unlock(&fs->hash_lock);
        evict(inode);
        freed++;
        spin_lock(&fs->hash_lock);
    }
    spin_unlock(&fs->hash_lock);
    return freed;
}

void ext2_inodes_trim(struct ext2_fs *fs)
{
    if (READ_ONCE(fs->n_unused) > INODE_UNUSED_MAX)
        ext2_inodes_shrink(fs, INODE_UNUSED_MAX - INODE_UNUSED_MAX / 16);
}

bool ext2_inodes_busy(struct ext2_fs *fs)
{
    spin_lock(&fs->hash_lock);
    bool busy = fs->n_inodes > fs->n_unused;
    spin_unlock(&fs->hash_lock);
    return busy;
}

/* --- work on all inodes in memory --- */

static bool wants_flush(const struct inode *inode)
{
    return inode->times_dirty;
}

static void flush(struct inode *inode)
{
    mutex_lock(&inode->lock);
    if (inode->times_dirty)
        (void)ext2_inode_write(inode); /* an error shows in the write-back */
    inode->times_dirty = false;
    mutex_unlock(&inode->lock);
}

static bool wants_freeing(const struct inode *inode)
{
    return inode->nlink == 0 && !inode->freed;
}

static void free_early(struct inode *inode)
{
    free_contents(inode);
    ext2_ifree(inode->fs, inode->ino, inode_is_dir(inode));
}

/* First inode of a bucket that `wants`, with a reference. */
static struct inode *pick(struct ext2_fs *fs, unsigned bucket, bool (*wants)(const struct inode *))
{
    struct inode *found = NULL;
    struct list *pos;
    spin_lock(&fs->hash_lock);
    list_for_each (pos, &fs->hash[bucket]) {
        struct inode *inode = list_entry(pos, struct inode, hash);
        if (inode->state == INODE_LIVE && wants(inode)) {
            hold_locked(fs, inode);
            found = inode;
            break;
        }
    }
    spin_unlock(&fs->hash_lock);
    return found;
}

/* Does `work` on each that wants it; work must make it no longer want. */
static void for_all(struct ext2_fs *fs, bool (*wants)(const struct inode *),
                    void (*work)(struct inode *))
{
    for (unsigned i = 0; i < INODE_HASH_SIZE; i++) {
        struct inode *inode;
        while ((inode = pick(fs, i, wants))) {
            work(inode);
            inode_put(inode);
        }
    }
}

void ext2_inodes_flush(struct ext2_fs *fs)
{
    for_all(fs, wants_flush, flush);
}

void ext2_inodes_free_unlinked(struct ext2_fs *fs)
{
    for_all(fs, wants_freeing, free_early);
}

/* --- new inodes --- */

static void encode_rdev(struct inode *inode)
{
    uint32_t type = inode->mode & ABI_S_IFMT;
    if (type == ABI_S_IFCHR || type == ABI_S_IFBLK)
        inode->block[0] = inode->rdev;
}

/* Clears the inode's place on the disk, all of it; the next generation goes to *generation. */
static int clear_place(struct ext2_fs *fs, uint32_t ino, uint32_t *generation)
{
    struct buf *b;
    struct ext2_disk_inode *di;
    int error = disk_inode_get(fs, ino, &b, &di);
    if (error)
        return error;
    *generation = di->i_generation + 1;
    memset(di, 0, fs->inode_size);
    bcache_dirty(b, BUF_META);
    bcache_put(b);
    return 0;
}

/* Puts a new inode into the table. False: one with this number is there already. */
static bool publish(struct inode *inode)
{
    struct ext2_fs *fs = inode->fs;
    spin_lock(&fs->hash_lock);
    bool ok = !find_locked(fs, inode->ino);
    if (ok)
        insert_locked(fs, inode);
    spin_unlock(&fs->hash_lock);
    return ok;
}

int inode_create(struct inode *dir, uint32_t mode, uint32_t rdev, struct inode **out)
{
    struct ext2_fs *fs = dir->fs;
    bool is_dir = (mode & ABI_S_IFMT) == ABI_S_IFDIR;
    uint32_t ino, generation;

    int error = ext2_ialloc(fs, dir->ino, is_dir, &ino);
    if (error)
        return error;
    struct inode *inode = inode_alloc(fs, ino);
    error = inode ? clear_place(fs, ino, &generation) : -ENOMEM;
    if (error) {
        kfree(inode);
        ext2_ifree(fs, ino, is_dir);
        return error;
    }
    inode->generation = generation;
    inode->mode = (uint16_t)mode;
    inode->rdev = rdev;
    inode->atime = inode->mtime = inode->ctime = ext2_now();
    encode_rdev(inode);
    inode->state = INODE_LIVE;
    if (!publish(inode)) {
        kfree(inode);
        return ext2_damage(fs, "inode %u: in use, but its bitmap says free", ino);
    }
    *out = inode;
    return 0;
}
