/*
 * ext2_rename.c - giving a file or directory another name.
 *
 * One rename between two directories at a time (rename_lock): so nothing moves while the way up
 * from the target directory is walked to see that a directory does not go below itself, and to find
 * out which of two directories lies above the other; that one is locked first. Then the moved and
 * the replaced inode, the lower number first (a replaced directory is empty, a moved one lies above
 * nothing locked).
 *
 * On the disk: the new name is written before the old one is taken away. Where both are in one
 * block that is one write; else the new name's block is forced out first, so a crash leaves both
 * names, never none.
 */
#include "fs/ext2_int.h"

struct rename {
    struct inode *from_dir, *to_dir;
    const char *from, *to;
    size_t from_len, to_len;
    struct inode *moved;
    struct inode *replaced; /* NULL: the new name is free */
    struct dir_place to_place;
};

static int check_names(const struct rename *r)
{
    int error = ext2_name_check(r->from, r->from_len);
    if (!error)
        error = ext2_name_check(r->to, r->to_len);
    if (error)
        return error;
    if (!inode_is_dir(r->from_dir) || !inode_is_dir(r->to_dir))
        return -ENOTDIR;
    if ((r->from_len <= 2 && memcmp(r->from, "..", r->from_len) == 0) ||
        (r->to_len <= 2 && memcmp(r->to, "..", r->to_len) == 0))
        return -EINVAL;
    if (r->from_dir->fs != r->to_dir->fs)
        return -EXDEV;
    return ext2_writable(r->from_dir->fs) ? 0 : -EROFS;
}

/* Goes from `dir` (reference taken over) to its parent. */
static int step_up(struct inode *dir, struct inode **parent)
{
    int error = ext2_dir_lookup(dir, "..", 2, parent);
    if (!error && !inode_is_dir(*parent)) {
        inode_put(*parent);
        error = -EIO;
    }
    inode_put(dir);
    return error;
}

/* Does `above` lie on the way from `dir` (itself included) up to the root? 1, 0 or an error. */
static int lies_above(struct inode *above, struct inode *dir)
{
    uint32_t steps = 0;
    inode_hold(dir);
    while (dir != above && dir->ino != EXT2_ROOT_INO) {
        int error = steps++ > dir->fs->inodes_count ? -EIO : 0; /* a loop: damage */
        if (error)
            inode_put(dir);
        else
            error = step_up(dir, &dir);
        if (error)
            return error;
    }
    int found = dir == above;
    inode_put(dir);
    return found;
}

static void lock_dirs(struct inode *first, struct inode *second)
{
    mutex_lock(&first->lock);
    if (second != first)
        mutex_lock_nested(&second->lock);
}

static void unlock_pair(struct inode *a, struct inode *b)
{
    mutex_unlock(&a->lock);
    if (b && b != a)
        mutex_unlock(&b->lock);
}

/* Locks both directories, the upper one first. Refuses to move a directory below itself, or onto a
 * directory above it. On success both are locked. */
static int lock_tree(struct rename *r)
{
    int to_below = 0, from_below = 0;
    if (r->from_dir != r->to_dir) {
        int error = inode_is_dir(r->moved) ? lies_above(r->moved, r->to_dir) : 0;
        if (error)
            return error < 0 ? error : -EINVAL;
        error = r->replaced && inode_is_dir(r->replaced) ? lies_above(r->replaced, r->from_dir) : 0;
        if (error)
            return error < 0 ? error : -ENOTEMPTY;
        to_below = lies_above(r->from_dir, r->to_dir);
        from_below = to_below ? 0 : lies_above(r->to_dir, r->from_dir);
        if (to_below < 0 || from_below < 0)
            return to_below < 0 ? to_below : from_below;
    }
    if (to_below || (!from_below && r->from_dir->ino < r->to_dir->ino))
        lock_dirs(r->from_dir, r->to_dir);
    else
        lock_dirs(r->to_dir, r->from_dir);
    return 0;
}

static void lock_children(struct rename *r)
{
    struct inode *a = r->moved, *b = r->replaced;
    if (b && b->ino < a->ino) {
        a = r->replaced;
        b = r->moved;
    }
    mutex_lock_nested(&a->lock);
    if (b)
        mutex_lock_nested(&b->lock);
}

/* Do the names still mean what they meant before the locks? -EAGAIN: no. */
static int recheck(struct rename *r)
{
    struct dir_place place;
    int error = ext2_dir_find(r->from_dir, r->from, r->from_len, &place);
    if (error)
        return error;
    if (place.ino != r->moved->ino)
        return -EAGAIN;
    error = ext2_dir_find(r->to_dir, r->to, r->to_len, &r->to_place);
    if (error == -ENOENT)
        return r->replaced ? -EAGAIN : 0;
    if (error)
        return error;
    return r->replaced && r->to_place.ino == r->replaced->ino ? 0 : -EAGAIN;
}

/* All locks held. */
static int check_types(const struct rename *r)
{
    bool dir = inode_is_dir(r->moved);
    if (r->to_dir->removed || r->to_dir->nlink == 0)
        return -ENOENT;
    if (r->replaced) {
        if (dir && !inode_is_dir(r->replaced))
            return -ENOTDIR;
        if (!dir && inode_is_dir(r->replaced))
            return -EISDIR;
        return dir ? ext2_dir_is_empty(r->replaced) : 0;
    }
    if (dir && r->from_dir != r->to_dir && r->to_dir->nlink >= EXT2_LINK_MAX)
        return -EMLINK;
    return 0;
}

static int put_new_name(struct rename *r)
{
    if (r->replaced)
        return ext2_dir_set(r->to_dir, &r->to_place, r->moved->ino, r->moved->mode);
    return ext2_dir_add(r->to_dir, r->to, r->to_len, r->moved->ino, r->moved->mode, &r->to_place);
}

static int take_old_name(struct rename *r)
{
    struct dir_place place;
    int error = ext2_dir_find(r->from_dir, r->from, r->from_len, &place);
    if (error)
        return error;
    if (place.block != r->to_place.block)
        (void)bcache_write(&r->to_dir->fs->bc, r->to_place.block); /* a failure shows at the sync */
    return ext2_dir_remove(r->from_dir, &place);
}

/* The old name could not be taken away: back to what was. */
static void undo_new_name(struct rename *r)
{
    int error;
    if (r->replaced)
        error = ext2_dir_set(r->to_dir, &r->to_place, r->replaced->ino, r->replaced->mode);
    else
        error = ext2_dir_remove(r->to_dir, &r->to_place);
    if (error)
        ext2_damage(r->to_dir->fs, "inode %u has two names after a failed rename", r->moved->ino);
}

/* Link counts and ".." of a directory that moved to another parent. */
static int fix_parents(struct rename *r)
{
    struct dir_place dotdot;
    int error = ext2_dir_find(r->moved, "..", 2, &dotdot);
    if (!error)
        error = ext2_dir_set(r->moved, &dotdot, r->to_dir->ino, ABI_S_IFDIR);
    r->to_dir->nlink++;
    if (r->from_dir->nlink > 2)
        r->from_dir->nlink--;
    if (!error)
        error = ext2_inode_write(r->from_dir);
    return error ? error : ext2_inode_write(r->to_dir);
}

static int drop_replaced(struct rename *r)
{
    struct inode *inode = r->replaced;
    inode->ctime = ext2_now();
    if (inode_is_dir(inode)) {
        inode->nlink = 0;
        inode->removed = true;
        if (r->to_dir->nlink > 2)
            r->to_dir->nlink--;
        int error = ext2_inode_write(r->to_dir);
        if (error)
            return error;
    } else if (inode->nlink) {
        inode->nlink--;
    }
    return ext2_inode_write(inode);
}

/* All locks held, all checks done. */
static int move(struct rename *r)
{
    int error = put_new_name(r);
    if (error)
        return error;
    error = take_old_name(r);
    if (error) {
        undo_new_name(r);
        return error;
    }
    r->moved->ctime = ext2_now();
    error = ext2_inode_write(r->moved);
    if (r->replaced && !error)
        error = drop_replaced(r);
    if (inode_is_dir(r->moved) && r->from_dir != r->to_dir && !error)
        error = fix_parents(r);
    return error;
}

/* With r->moved and r->replaced held. */
static int rename_held(struct rename *r)
{
    if (r->moved == r->replaced)
        return 0;
    if (r->moved == r->from_dir || r->moved == r->to_dir)
        return -EINVAL;
    if (r->replaced == r->from_dir || r->replaced == r->to_dir)
        return -ENOTEMPTY;
    int error = lock_tree(r);
    if (error)
        return error;
    lock_children(r);
    error = recheck(r);
    if (!error)
        error = check_types(r);
    if (!error)
        error = move(r);
    unlock_pair(r->moved, r->replaced);
    unlock_pair(r->from_dir, r->to_dir);
    return error;
}

/* Looks both names up and renames. The references stay in r: they are put without the lock. */
static int rename_once(struct rename *r)
{
    int error = ext2_dir_lookup(r->from_dir, r->from, r->from_len, &r->moved);
    if (error)
        return error;
    error = ext2_dir_lookup(r->to_dir, r->to, r->to_len, &r->replaced);
    if (error && error != -ENOENT)
        return error;
    return rename_held(r);
}

int ext2_rename(struct inode *from_dir, const char *from, size_t from_len, struct inode *to_dir,
                const char *to, size_t to_len)
{
    struct rename r = {from_dir, to_dir, from, to, from_len, to_len, NULL, NULL, {0}};
    int error = check_names(&r);
    if (error)
        return error;
    do {
        r.moved = r.replaced = NULL;
        mutex_lock(&from_dir->fs->rename_lock);
        error = rename_once(&r);
        mutex_unlock(&from_dir->fs->rename_lock);
        if (r.moved)
            inode_put(r.moved);
        if (r.replaced)
            inode_put(r.replaced);
    } while (error == -EAGAIN);
    return error;
}
