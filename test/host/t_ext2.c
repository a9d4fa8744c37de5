/*
 * t_ext2.c - ext2 against a model: random operations, then e2fsck and debugfs judge the image.
 * sources: test/host/shim/kernel.c test/host/shim/exercise.c test/host/shim/model.c
 * sources: kernel/lib/string.c kernel/lib/fmt.c
 * sources: kernel/fs/bcache.c $(wildcard kernel/fs/ext2_*.c) $(BUILD)/host/mkfs
 *
 * Images come from our mkfs and from mke2fs, with all block sizes, several groups, old and new
 * revisions. The test is the page cache: it writes whole blocks of a file where bmap says, on the
 * disk itself. Twice in a run the image is unmounted, checked, mounted again and compared with the
 * model as a whole. `t_ext2 STEPS SEED` for longer.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "abi/errno.h"
#include "lib/assert.h"
#include "shim/exercise.h"
#include "shim/kernel.h"
#include "shim/model.h"

static struct host_disk disk;
static struct ext2_fs *fs;
static struct model model;
static uint32_t bs;
static char image[100];
static const char *self;
static unsigned long full; /* operations that met a full disk */

enum { OPEN_MAX = 4 };
static struct {
    struct mnode *node;
    struct inode *inode;
} opened[OPEN_MAX];

#define EQUAL(a, b)                                                                                \
    do {                                                                                           \
        long a_ = (long)(a), b_ = (long)(b);                                                       \
        if (a_ != b_) {                                                                            \
            fprintf(stderr, "%s:%d: %s is %ld, expected %ld\n", __FILE__, __LINE__, #a, a_, b_);   \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

static void run(const char *format, const char *arg)
{
    char command[700];
    snprintf(command, sizeof(command), format, arg);
    if (host_run(command)) {
        fprintf(stderr, "failed: %s\n", command);
        abort();
    }
}

static struct inode *get(const struct mnode *n)
{
    struct inode *inode;
    EQUAL(inode_get(fs, n->ino, &inode), 0);
    return inode;
}

/* --- random choices --- */

static struct mnode *random_node(bool want_dir)
{
    struct mnode *found = model.root;
    unsigned seen = 0;
    for (struct mnode *n = model.all; n; n = n->all)
        if (n->nlink && (!want_dir || n->type == ABI_S_IFDIR) && rnd() % ++seen == 0)
            found = n;
    return found;
}

static void random_name(const struct mnode *dir, char name[256])
{
    if (dir->n_entries && chance(1, 2)) {
        strcpy(name, dir->entry[rnd() % dir->n_entries].name);
        return;
    }
    unsigned n = (unsigned)(rnd() % 30);
    int len = chance(1, 12) ? 3 + (int)(rnd() % 253) : 3;
    snprintf(name, 256, "%0*u", len, n);
}

/* --- contents --- */

static void stamp_block(uint32_t block, uint32_t stamp)
{
    uint32_t *p = (uint32_t *)(disk.data + (uint64_t)block * bs);
    for (uint32_t i = 0; i < bs / 4; i++)
        p[i] = stamp + i;
}

static bool has_stamp(uint32_t block, uint32_t stamp)
{
    const uint32_t *p = (const uint32_t *)(disk.data + (uint64_t)block * bs);
    for (uint32_t i = 0; i < bs / 4; i++)
        if (p[i] != stamp + i)
            return false;
    return true;
}

static void check_blocks(struct inode *inode, const struct mnode *n)
{
    uint64_t blocks = (n->size + bs - 1) / bs, mapped = 0;
    for (uint64_t fb = 0; fb < blocks;) {
        uint32_t block, count;
        EQUAL(ext2_bmap_run(inode, fb, 5000, false, &block, &count), 0);
        for (uint32_t i = 0; i < count && block; i++, mapped++)
            ASSERT(has_stamp(block + i, model_stamp(n, fb + i)));
        fb += count;
    }
    EQUAL(mapped, n->n_blocks);
}

static uint64_t random_size(void)
{
    switch (rnd() % 8) {
    case 0:
        return rnd() % (12 * (uint64_t)bs);
    case 1:
        return (12 + bs / 4) * (uint64_t)bs + rnd() % (9 * (uint64_t)bs);
    case 2: /* third level */
        return ext2_max_size(fs) > 1ull << 31 ? (1ull << 31) + rnd() % (1ull << 32) : 5 * bs;
    case 3:
        return ((uint64_t)bs / 4 * (bs / 4) + 300) * bs - rnd() % (400 * (uint64_t)bs);
    default:
        return rnd() % (60 * (uint64_t)bs);
    }
}

static void op_write(struct inode *inode, struct mnode *n)
{
    uint64_t end = random_size(), max = ext2_max_size(fs);
    end = MIN(end, max);
    uint64_t count = 1 + rnd() % 20, blocks = (end + bs - 1) / bs;
    uint64_t fb = blocks - MIN(blocks, count);
    if (n->n_blocks + count > MODEL_BLOCKS || end == 0)
        return;
    mutex_lock(&inode->lock);
    int error = 0;
    for (; fb < blocks && !error;) {
        uint32_t block, got;
        error = ext2_bmap_run_locked(inode, fb, (uint32_t)(blocks - fb), true, &block, &got);
        for (uint32_t i = 0; i < got && !error; i++, fb++) {
            uint32_t stamp = (uint32_t)rnd() | 1;
            stamp_block(block + i, stamp);
            model_set_stamp(n, fb, stamp);
        }
    }
    uint64_t size = error ? fb * bs : end;
    if (fb == 0)
        size = 0;
    EQUAL(ext2_set_size_locked(inode, size), 0);
    n->size = MAX(n->size, size);
    mutex_unlock(&inode->lock);
    if (error)
        EQUAL(error, -ENOSPC);
    full += error != 0;
}

static void op_truncate(struct inode *inode, struct mnode *n)
{
    uint64_t size = chance(1, 4) ? 0 : random_size();
    if (n->n_blocks && chance(1, 2))
        size = n->block[rnd() % n->n_blocks].fb * bs + rnd() % bs;
    uint64_t max = ext2_max_size(fs);
    size = MIN(size, max);
    EQUAL(ext2_truncate(inode, size), 0);
    n->size = size;
    model_cut(n, (size + bs - 1) / bs);
}

static void op_data(void)
{
    struct mnode *n = random_node(false);
    struct inode *inode = get(n);
    if (n->type != ABI_S_IFREG) {
        int error = n->type == ABI_S_IFDIR ? -EISDIR : -EINVAL;
        EQUAL(ext2_truncate(inode, 0), error);
    } else if (chance(3, 5)) {
        op_write(inode, n);
    } else {
        op_truncate(inode, n);
    }
    if (n->type == ABI_S_IFREG && chance(1, 4))
        check_blocks(inode, n);
    inode_put(inode);
}

/* --- names --- */

/* A full disk is always a possible answer where something is made. */
static bool went_as(int error, int expected)
{
    if (error == -ENOSPC && expected == 0) {
        full++;
        return false;
    }
    EQUAL(error, expected);
    return error == 0;
}

static void op_create(void)
{
    struct mnode *dir = random_node(chance(9, 10));
    struct inode *d = get(dir), *inode = NULL;
    char name[256], target[MODEL_TARGET + 1];
    random_name(dir, name);
    size_t len = strlen(name);
    int expected = model_check_create(dir, name), error;
    uint32_t mode = 0644 | ABI_S_IFREG;
    size_t target_len = 1 + rnd() % (chance(1, 2) ? 70 : MODEL_TARGET);

    switch (rnd() % 6) {
    case 0:
    case 1:
        mode = 0755 | ABI_S_IFDIR;
        error = ext2_mkdir(d, name, len, mode, &inode);
        break;
    case 2:
        mode = 0777 | ABI_S_IFLNK;
        memset(target, 'a' + (int)(rnd() % 26), target_len);
        error = ext2_symlink(d, name, len, target, target_len, &inode);
        break;
    case 3:
        mode = 0600 | ABI_S_IFCHR;
        error = ext2_mknod(d, name, len, mode, 0x0501, &inode);
        break;
    default:
        error = ext2_create(d, name, len, mode, &inode);
    }
    if (went_as(error, expected)) {
        struct mnode *n = model_do_create(&model, dir, name, mode, inode->ino);
        n->rdev = n->type == ABI_S_IFCHR ? 0x0501 : 0;
        if (n->type == ABI_S_IFLNK) {
            n->size = target_len;
            memcpy(n->target, target, target_len);
        }
        inode_put(inode);
    }
    inode_put(d);
}

static void op_remove(void)
{
    struct mnode *dir = random_node(chance(9, 10));
    struct inode *d = get(dir);
    char name[256];
    random_name(dir, name);
    if (chance(1, 2)) {
        int expected = model_check_unlink(dir, name);
        EQUAL(ext2_unlink(d, name, strlen(name)), expected);
        if (!expected)
            model_do_unlink(dir, name);
    } else {
        int expected = model_check_rmdir(dir, name);
        EQUAL(ext2_rmdir(d, name, strlen(name)), expected);
        if (!expected)
            model_do_rmdir(dir, name);
    }
    inode_put(d);
}

static void op_link(void)
{
    struct mnode *dir = random_node(true), *target = random_node(false);
    struct inode *d = get(dir), *t = get(target);
    char name[256];
    random_name(dir, name);
    int expected = model_check_link(dir, name, target);
    if (went_as(ext2_link(d, name, strlen(name), t), expected))
        model_do_link(dir, name, target);
    inode_put(d);
    inode_put(t);
}

static void op_rename(void)
{
    struct mnode *from_dir = random_node(chance(19, 20));
    struct mnode *to_dir = chance(1, 3) ? from_dir : random_node(chance(19, 20));
    struct inode *f = get(from_dir), *t = get(to_dir);
    char from[256], to[256];
    random_name(from_dir, from);
    random_name(to_dir, to);
    int expected = model_check_rename(from_dir, from, to_dir, to);
    if (went_as(ext2_rename(f, from, strlen(from), t, to, strlen(to)), expected))
        model_do_rename(from_dir, from, to_dir, to);
    inode_put(f);
    inode_put(t);
}

/* Opens, closes: files without names live until closed. */
static void op_open(void)
{
    unsigned i = (unsigned)(rnd() % OPEN_MAX);
    if (opened[i].node) {
        if (opened[i].node->type == ABI_S_IFREG)
            check_blocks(opened[i].inode, opened[i].node);
        inode_put(opened[i].inode);
        opened[i].node = NULL;
        return;
    }
    opened[i].node = random_node(false);
    opened[i].inode = get(opened[i].node);
}

static void close_all(void)
{
    for (unsigned i = 0; i < OPEN_MAX; i++) {
        if (opened[i].node)
            inode_put(opened[i].inode);
        opened[i].node = NULL;
    }
}

/* --- comparing --- */

struct count {
    const struct mnode *dir;
    unsigned seen, stop_at;
    uint64_t last;
};

static bool check_entry(void *ctx, const struct ext2_dirent *e)
{
    struct count *c = ctx;
    char name[256];
    if (c->seen == c->stop_at)
        return false;
    memcpy(name, e->name, e->name_len);
    name[e->name_len] = '\0';
    ASSERT(e->next > c->last);
    c->last = e->next;
    c->seen++;
    if (!strcmp(name, ".")) {
        EQUAL(e->ino, c->dir->ino);
    } else if (!strcmp(name, "..")) {
        EQUAL(e->ino, c->dir->parent->ino);
    } else if (strcmp(name, "lost+found") != 0 || c->dir != model.root) {
        struct mnode *n = model_find(c->dir, name);
        ASSERT(n);
        EQUAL(e->ino, n->ino);
        ASSERT(e->type == 0 || e->type == n->type >> 12);
    }
    return true;
}

static void check_dir(struct inode *inode, const struct mnode *n)
{
    struct count c = {.dir = n};
    uint64_t pos = 0;
    unsigned before;
    do { /* in pieces */
        before = c.seen;
        c.stop_at = c.seen + 1 + (unsigned)(rnd() % 7);
        EQUAL(ext2_readdir(inode, &pos, check_entry, &c), 0);
    } while (c.seen > before);
    EQUAL(c.seen, n->n_entries + 2 + (n == model.root));
}

static void check_node(struct mnode *n)
{
    struct inode *inode = get(n);
    struct abi_stat st;
    char buf[4096];
    ext2_getattr(inode, &st);
    EQUAL(st.mode, n->type | (n == model.root ? st.mode & 07777 : n->perm));
    EQUAL(st.nlink, n->nlink);
    EQUAL(st.rdev, n->rdev);
    if (n->type == ABI_S_IFDIR) {
        check_dir(inode, n);
    } else {
        EQUAL(st.size, n->size);
    }
    if (n->type == ABI_S_IFREG)
        check_blocks(inode, n);
    if (n->type == ABI_S_IFLNK) {
        EQUAL(ext2_readlink(inode, buf, sizeof(buf)), n->size);
        ASSERT(memcmp(buf, n->target, n->size) == 0);
    }
    inode_put(inode);
}

static void check_all(void)
{
    for (struct mnode *n = model.all; n; n = n->all)
        if (n->nlink)
            check_node(n);
}

static void step(void)
{
    unsigned r = (unsigned)(rnd() % 100);
    if (r < 30)
        op_create();
    else if (r < 45)
        op_data();
    else if (r < 65)
        op_remove();
    else if (r < 72)
        op_link();
    else if (r < 90)
        op_rename();
    else if (r < 96)
        op_open();
    else if (r < 97)
        EQUAL(ext2_sync(fs), 0);
    else
        check_node(random_node(false));
    host_check_locks();
}

static void check_image(void)
{
    host_disk_save(&disk, image);
    run("/sbin/e2fsck -fn %s >/tmp/t_ext2.log 2>&1 || (cat /tmp/t_ext2.log; false)", image);
}

static void remount(void)
{
    int64_t before;
    close_all();
    check_all();
    EQUAL(ext2_unmount(fs), 0);
    before = host_allocated();
    EQUAL(before, 0);
    check_image();
    EQUAL(ext2_mount(&disk.dev, 0, NULL, &fs), 0);
    check_all();
}

/* Is the root as the makers leave it, but for lost+found? Removes what else is there. */
static void empty_root(void)
{
    struct inode *root, *dev;
    static const char *const dirs[] = {"bin", "etc", "tmp", "dev"};
    static const char *const files[] = {"console", "null", "zero"};
    EQUAL(inode_get(fs, EXT2_ROOT_INO, &root), 0);
    if (ext2_lookup(root, "dev", 3, &dev) == 0) {
        for (unsigned i = 0; i < ARRAY_SIZE(files); i++)
            EQUAL(ext2_unlink(dev, files[i], strlen(files[i])), 0);
        inode_put(dev);
        for (unsigned i = 0; i < ARRAY_SIZE(dirs); i++)
            EQUAL(ext2_rmdir(root, dirs[i], 3), 0);
    }
    model_init(&model, root->ino, root->nlink);
    EQUAL(root->nlink, 3);
    inode_put(root);
}

static void run_image(unsigned steps)
{
    host_disk_load(&disk, image);
    EQUAL(ext2_mount(&disk.dev, 0, NULL, &fs), 0);
    bs = ext2_block_size(fs);
    empty_root();
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < steps; i++)
            step();
        remount();
    }
    EQUAL(ext2_unmount(fs), 0);
    model_free(&model);
    host_disk_free(&disk);
}

/* What debugfs reads out of an image must be what was written into it. */
static void check_debugfs(void)
{
    char command[700], out[120];
    struct inode *root, *inode;
    host_disk_load(&disk, image);
    EQUAL(ext2_mount(&disk.dev, 0, NULL, &fs), 0);
    bs = ext2_block_size(fs);
    EQUAL(inode_get(fs, EXT2_ROOT_INO, &root), 0);
    EQUAL(ext2_create(root, "judge", 5, 0644, &inode), 0);
    struct mnode *n = calloc(1, sizeof(*n));
    for (unsigned i = 0; i < 5; i++)
        op_write(inode, n);
    uint64_t size = MIN(n->size, (uint64_t)2000000);
    EQUAL(ext2_truncate(inode, size), 0);
    model_cut(n, (size + bs - 1) / bs);
    inode_put(inode);
    inode_put(root);
    EQUAL(ext2_unmount(fs), 0);
    check_image();

    snprintf(out, sizeof(out), "%s.out", image);
    snprintf(command, sizeof(command), "/sbin/debugfs -R 'dump judge %s' %s 2>/dev/null", out,
             image);
    run("%s", command);
    FILE *f = fopen(out, "rb");
    ASSERT(f);
    for (uint64_t at = 0; at < size; at += 4) {
        uint32_t v = 0, stamp = model_stamp(n, at / bs);
        size_t want = MIN(size - at, (uint64_t)4);
        ASSERT(fread(&v, 1, want, f) == want);
        if (want == 4)
            EQUAL(v, stamp ? stamp + (uint32_t)(at % bs / 4) : 0);
    }
    ASSERT(fgetc(f) == EOF);
    fclose(f);
    remove(out);
    free(n);
    host_disk_free(&disk);
}

int main(int argc, char **argv)
{
    static const char *const makers[] = {
        "mkfs -o %s -s 3M -b 1024",
        "mkfs -o %s -s 20M -b 1024 -i 600",
        "mkfs -o %s -s 6M -b 2048",
        "mkfs -o %s -s 8M -b 4096 -i 300",
        "/sbin/mke2fs -q -F -t ext2 -b 1024 -g 1024 %s 4M",
        "/sbin/mke2fs -q -F -t ext2 -b 4096 %s 12M",
        "/sbin/mke2fs -q -F -r 0 -O none -b 1024 %s 4M",
    };
    unsigned steps = argc > 1 ? (unsigned)atoi(argv[1]) : 2500;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
    char dir[300], command[700];

    self = argv[0];
    snprintf(dir, sizeof(dir), "%s", self);
    char *slash = strrchr(dir, '/');
    ASSERT(slash);
    *slash = '\0';
    snprintf(image, sizeof(image), "/tmp/t_ext2.%d.img", (int)getpid());
    for (unsigned i = 0; i < ARRAY_SIZE(makers); i++) {
        bool ours = makers[i][0] == 'm';
        rnd_seed(seed + i);
        remove(image);
        snprintf(command, sizeof(command), "%s%s%s", ours ? dir : "", ours ? "/../" : "",
                 makers[i]);
        run(command, image);
        run_image(steps);
        run(command, image);
        check_debugfs();
    }
    remove(image);
    printf("t_ext2: ok, disk full %lu times\n", full);
    return 0;
}
