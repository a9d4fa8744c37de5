/*
 * exercise.c - random use of a file system; exercise.h has the contract.
 */
#include "shim/exercise.h"
#include <stdio.h>
#include <string.h>
#include "abi/errno.h"
#include "lib/assert.h"

static uint64_t state = 1;

uint64_t rnd(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

void rnd_seed(uint64_t seed)
{
    state = seed * 0x9E3779B97F4A7C15ul + 1;
    rnd();
}

bool chance(unsigned n, unsigned m)
{
    return rnd() % m < n;
}

struct choice {
    unsigned seen;
    char name[256];
    uint8_t len;
    uint64_t last;
};

static bool choose(void *ctx, const struct ext2_dirent *e)
{
    struct choice *c = ctx;
    ASSERT(e->next > c->last || c->seen == 0); /* it goes forward: no endless listing */
    c->last = e->next;
    if ((e->name_len == 1 && e->name[0] == '.') || (e->name_len == 2 && !memcmp(e->name, "..", 2)))
        return true;
    if (rnd() % ++c->seen == 0) {
        memcpy(c->name, e->name, e->name_len);
        c->len = e->name_len;
    }
    return c->seen < 200;
}

/* A random name of the directory; false: it has none. */
static bool choose_name(struct inode *dir, struct choice *c)
{
    uint64_t pos = 0;
    *c = (struct choice){0};
    return ext2_readdir(dir, &pos, choose, c) == 0 && c->seen;
}

struct inode *exercise_pick(struct ext2_fs *fs)
{
    struct inode *at, *next;
    struct choice c;
    if (inode_get(fs, EXT2_ROOT_INO, &at))
        return NULL;
    for (unsigned depth = 0; depth < 8 && chance(3, 4); depth++) {
        if (!choose_name(at, &c) || ext2_lookup(at, c.name, c.len, &next))
            break;
        inode_put(at);
        at = next;
    }
    return at;
}

static void read_all(struct inode *inode)
{
    uint32_t bs = ext2_block_size(inode->fs);
    uint64_t blocks = (inode->size + bs - 1) / bs;
    unsigned steps = 0;
    char buf[4096];
    struct abi_stat st;

    ext2_getattr(inode, &st);
    if (inode_is_symlink(inode)) {
        long n = ext2_readlink(inode, buf, sizeof(buf));
        ASSERT(n <= (long)sizeof(buf));
    }
    if (!inode_is_reg(inode))
        return;
    for (uint64_t fb = 0; fb < blocks && steps < 2000; steps++) {
        uint32_t disk, count;
        if (ext2_bmap_run(inode, fb, 1000, false, &disk, &count))
            return;
        ASSERT(count >= 1);
        fb += count;
    }
}

static void walk_dir(struct inode *dir, unsigned depth, unsigned *left)
{
    struct choice c;
    read_all(dir);
    if (!inode_is_dir(dir) || depth > 6)
        return;
    for (unsigned i = 0; i < 12 && *left; i++) {
        struct inode *child;
        (*left)--;
        if (!choose_name(dir, &c))
            return;
        if (ext2_lookup(dir, c.name, c.len, &child))
            continue;
        char name[256];
        (void)ext2_name_of(dir, child->ino, name, sizeof(name));
        walk_dir(child, depth + 1, left);
        inode_put(child);
    }
}

void exercise_walk(struct ext2_fs *fs, unsigned limit)
{
    struct inode *root;
    if (inode_get(fs, EXT2_ROOT_INO, &root))
        return;
    walk_dir(root, 0, &limit);
    inode_put(root);
}

static struct inode *pick_dir(struct ext2_fs *fs)
{
    struct inode *inode = exercise_pick(fs);
    if (inode && !inode_is_dir(inode)) {
        inode_put(inode);
        return inode_get(fs, EXT2_ROOT_INO, &inode) ? NULL : inode;
    }
    return inode;
}

static void write_some(struct inode *inode)
{
    uint64_t size = chance(1, 8) ? rnd() % (1ull << 33) : rnd() % 300000;
    uint64_t start = size - MIN(size, rnd() % 20000);
    mutex_lock(&inode->lock);
    int error = ext2_set_size_locked(inode, size);
    if (!error)
        error = ext2_reserve_locked(inode, start, size, NULL);
    (void)error;
    mutex_unlock(&inode->lock);
}

static void change_names(struct inode *dir, struct inode *other, struct choice *c)
{
    struct choice to = {0};
    char name[260];
    int len = snprintf(name, sizeof(name), "n%d", (int)(rnd() % 40));
    if (chance(1, 10))
        len = snprintf(name, sizeof(name), "%0*d", 1 + (int)(rnd() % 255), (int)(rnd() % 9));
    switch (rnd() % 10) {
    case 0:
        (void)ext2_create(dir, name, (size_t)len, 0644, NULL);
        break;
    case 1:
        (void)ext2_mkdir(dir, name, (size_t)len, 0755, NULL);
        break;
    case 2:
        (void)ext2_symlink(dir, name, (size_t)len, name, (size_t)len, NULL);
        break;
    case 3:
        (void)ext2_link(dir, name, (size_t)len, other);
        break;
    case 4:
    case 5:
        (void)ext2_unlink(dir, c->name, c->len);
        break;
    case 6:
        (void)ext2_rmdir(dir, c->name, c->len);
        break;
    case 7:
        (void)ext2_mknod(dir, name, (size_t)len, ABI_S_IFCHR | 0600, 0x501, NULL);
        break;
    case 8:
        if (inode_is_dir(other) && choose_name(other, &to))
            (void)ext2_rename(dir, c->name, c->len, other, to.name, to.len);
        break;
    default:
        (void)ext2_rename(dir, c->name, c->len, other, name, (size_t)len);
    }
}

void exercise_change(struct ext2_fs *fs, unsigned ops)
{
    for (unsigned i = 0; i < ops; i++) {
        struct inode *dir = pick_dir(fs), *other = exercise_pick(fs);
        struct choice c;
        if (dir && other) {
            if (!choose_name(dir, &c))
                c = (struct choice){.name = "x", .len = 1};
            if (inode_is_reg(other) && chance(1, 3))
                write_some(other);
            else if (inode_is_reg(other) && chance(1, 3))
                (void)ext2_truncate(other, rnd() % 400000);
            else if (chance(1, 12))
                (void)ext2_chmod(other, (uint32_t)rnd());
            else if (chance(1, 30))
                (void)ext2_sync(fs);
            else
                change_names(dir, other, &c);
        }
        if (dir)
            inode_put(dir);
        if (other)
            inode_put(other);
    }
}
