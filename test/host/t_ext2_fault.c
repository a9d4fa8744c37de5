/*
 * t_ext2_fault.c - ext2 when the disk fails, fills up, memory runs out or the power goes.
 * sources: test/host/shim/kernel.c test/host/shim/exercise.c
 * sources: kernel/lib/string.c kernel/lib/fmt.c
 * sources: kernel/fs/bcache.c $(wildcard kernel/fs/ext2_*.c) $(BUILD)/host/mkfs
 *
 * Failing reads, writes and allocations: no crash, no leak of memory or references, and once they
 * are over the file system can be unmounted. A full disk: after removing everything, as many blocks
 * and inodes are free as before. Power loss: any state between two writes must be one that e2fsck
 * repairs without losing what an ext2_sync() had committed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "abi/errno.h"
#include "lib/assert.h"
#include "shim/exercise.h"
#include "shim/kernel.h"

static struct host_disk disk;
static struct ext2_fs *fs;
static char image[100], maker[400];

static void make_image(const char *options)
{
    char command[700];
    snprintf(command, sizeof(command), "%s -o %s %s", maker, image, options);
    ASSERT(host_run(command) == 0);
}

static int fsck(const char *flags)
{
    char command[300];
    host_disk_save(&disk, image);
    snprintf(command, sizeof(command), "/sbin/e2fsck %s %s >%s.log 2>&1", flags, image, image);
    int status = host_run(command);
    if (status && flags[0] == '-' && flags[2] == 'n') {
        snprintf(command, sizeof(command), "cat %s.log", image);
        (void)host_run(command);
    }
    return status;
}

static struct inode *root_of(void)
{
    struct inode *root;
    ASSERT(inode_get(fs, EXT2_ROOT_INO, &root) == 0);
    return root;
}

/* --- a full disk --- */

static void fill_up(struct inode *dir)
{
    for (unsigned i = 0; i < 5000; i++) {
        struct inode *inode;
        char name[16];
        snprintf(name, sizeof(name), "f%u", i);
        int error = ext2_create(dir, name, strlen(name), 0644, &inode);
        if (error) {
            ASSERT(error == -ENOSPC);
            return;
        }
        uint64_t len = rnd() % 200000;
        mutex_lock(&inode->lock);
        ASSERT(ext2_set_size_locked(inode, len) == 0);
        error = ext2_reserve_locked(inode, 0, len, NULL);
        mutex_unlock(&inode->lock);
        ASSERT(error == 0 || error == -ENOSPC);
        inode_put(inode);
    }
}

static void remove_all(struct inode *dir)
{
    for (unsigned i = 0; i < 5000; i++) {
        char name[16];
        snprintf(name, sizeof(name), "f%u", i);
        int error = ext2_unlink(dir, name, strlen(name));
        ASSERT(error == 0 || error == -ENOENT);
    }
}

/* A block far out in a file needs maps too: when they are there but the block is not, all is
 * undone. */
static void test_full_map(void)
{
    struct abi_statfs before, after;
    struct inode *root, *filler, *victim;
    uint32_t block;
    make_image("-s 1M -b 1024");
    host_disk_load(&disk, image);
    ASSERT(ext2_mount(&disk.dev, 0, NULL, &fs) == 0);
    root = root_of();
    ASSERT(ext2_create(root, "filler", 6, 0644, &filler) == 0);
    ASSERT(ext2_create(root, "victim", 6, 0644, &victim) == 0);
    mutex_lock(&filler->lock);
    ASSERT(ext2_set_size_locked(filler, 2 << 20) == 0);
    ASSERT(ext2_reserve_locked(filler, 0, 2 << 20, NULL) == -ENOSPC);
    mutex_unlock(&filler->lock);
    for (uint64_t room = 1; room < 4; room++) { /* the block at 1 MB needs 3 */
        ASSERT(ext2_truncate(filler, 0) == 0);
        ext2_statfs(fs, &before);
        mutex_lock(&filler->lock);
        ASSERT(ext2_set_size_locked(filler, 2 << 20) == 0);
        uint64_t fb = 0;
        while (ext2_statfs(fs, &after), after.blocks_free > room)
            ASSERT(ext2_bmap_locked(filler, fb++, true, &block, NULL) == 0);
        mutex_unlock(&filler->lock);
        ext2_statfs(fs, &before);
        int error = ext2_bmap(victim, 1024, true, &block, NULL);
        ASSERT(error == (before.blocks_free < 3 ? -ENOSPC : 0));
        ext2_statfs(fs, &after);
        ASSERT(after.blocks_free == (error ? before.blocks_free : before.blocks_free - 3));
    }
    ASSERT(ext2_set_size(victim, 1025 << 10) == 0);
    inode_put(filler);
    inode_put(victim);
    inode_put(root);
    ASSERT(ext2_unmount(fs) == 0);
    ASSERT(fsck("-fn") == 0);
    host_disk_free(&disk);
}

static void test_full(const char *options)
{
    struct abi_statfs before, after;
    struct inode *dir, *root, *again;
    make_image(options);
    host_disk_load(&disk, image);
    ASSERT(ext2_mount(&disk.dev, 0, NULL, &fs) == 0);
    root = root_of();
    ext2_statfs(fs, &before);
    for (unsigned round = 0; round < 3; round++) {
        ASSERT(ext2_mkdir(root, "d", 1, 0755, &dir) == 0);
        fill_up(dir);
        ASSERT(ext2_mkdir(root, "second", 6, 0755, &again) != 0 || (inode_put(again), true));
        (void)ext2_rmdir(root, "second", 6);
        remove_all(dir);
        inode_put(dir);
        ASSERT(ext2_rmdir(root, "d", 1) == 0);
        ext2_statfs(fs, &after);
        ASSERT(after.blocks_free == before.blocks_free);
        ASSERT(after.inodes_free == before.inodes_free);
    }
    inode_put(root);
    ASSERT(ext2_unmount(fs) == 0);
    ASSERT(host_allocated() == 0);
    ASSERT(fsck("-fn") == 0);
    host_disk_free(&disk);
}

/* --- files unlinked while open, at power-off --- */

static void test_seal(void)
{
    struct inode *root, *open_file, *open_dir;
    make_image("-s 1M -b 1024");
    host_disk_load(&disk, image);
    ASSERT(ext2_mount(&disk.dev, 0, NULL, &fs) == 0);
    root = root_of();
    ASSERT(ext2_create(root, "x", 1, 0644, &open_file) == 0);
    mutex_lock(&open_file->lock);
    ASSERT(ext2_set_size_locked(open_file, 50000) == 0);
    ASSERT(ext2_reserve_locked(open_file, 0, 50000, NULL) == 0);
    mutex_unlock(&open_file->lock);
    ASSERT(ext2_mkdir(root, "y", 1, 0755, &open_dir) == 0);
    ASSERT(ext2_unlink(root, "x", 1) == 0);
    ASSERT(ext2_rmdir(root, "y", 1) == 0);
    ASSERT(ext2_create(open_dir, "z", 1, 0644, NULL) == -ENOENT);
    ASSERT(ext2_unmount(fs) == -EBUSY);
    ASSERT(ext2_seal(fs) == 0);
    ASSERT(ext2_create(root, "z", 1, 0644, NULL) == -EROFS);
    ASSERT(fsck("-fn") == 0);
    inode_put(open_file);
    inode_put(open_dir);
    inode_put(root);
    ASSERT(ext2_unmount(fs) == 0);
    ASSERT(host_allocated() == 0);
    host_disk_free(&disk);
}

/* --- errors of the disk, lack of memory --- */

static void test_errors(unsigned rounds)
{
    make_image("-s 2M -b 1024");
    struct host_disk base;
    host_disk_load(&base, image);
    for (unsigned i = 0; i < rounds; i++) {
        host_disk_init(&disk, base.size);
        memcpy(disk.data, base.data, base.size);
        host_pages = chance(1, 2) ? 64 : 4096; /* a small cache meets more errors */
        rnd_seed(i);
        disk.fail_mask = 1 + (uint32_t)(rnd() % 7);
        disk.fail_after = chance(2, 3) ? (int64_t)(rnd() % 200) : -1;
        if (ext2_mount(&disk.dev, 0, NULL, &fs) == 0) {
            if (chance(1, 2))
                host_alloc_budget = (int64_t)(rnd() % 300);
            exercise_change(fs, 150);
            exercise_walk(fs, 30);
            (void)ext2_sync(fs);
            host_check_locks();
            disk.fail_after = -1;
            host_alloc_budget = -1;
            exercise_change(fs, 50);
            int error = ext2_unmount(fs);
            ASSERT(error == 0);
        }
        host_check_locks();
        host_alloc_budget = -1;
        ASSERT(host_allocated() == 0);
        host_disk_free(&disk);
    }
    host_disk_free(&base);
    host_pages = 4096;
}

/* Failing allocations alone may lose nothing: the image stays clean. */
static void test_memory(unsigned rounds)
{
    make_image("-s 2M -b 1024");
    for (unsigned i = 0; i < rounds; i++) {
        if (i)
            make_image("-s 2M -b 1024");
        host_disk_load(&disk, image);
        rnd_seed(i + 1000);
        host_pages = 64;
        ASSERT(ext2_mount(&disk.dev, 0, NULL, &fs) == 0);
        for (unsigned n = 0; n < 20; n++) {
            host_alloc_budget = (int64_t)(rnd() % 40);
            exercise_change(fs, 20);
            host_alloc_budget = -1;
            exercise_change(fs, 5);
        }
        ASSERT(!ext2_read_only(fs));
        ASSERT(ext2_unmount(fs) == 0);
        ASSERT(host_allocated() == 0);
        ASSERT(fsck("-fn") == 0);
        host_disk_free(&disk);
    }
    host_pages = 4096;
}

/* --- power loss --- */

/* Files with known contents, committed; then a storm of changes that is cut off. */
enum { COMMITTED = 12 };

static void commit_files(struct inode *dir)
{
    for (unsigned i = 0; i < COMMITTED; i++) {
        char name[16];
        uint32_t disk_block, bs = ext2_block_size(fs);
        struct inode *inode;
        snprintf(name, sizeof(name), "keep%u", i);
        ASSERT(ext2_create(dir, name, strlen(name), 0644, &inode) == 0);
        mutex_lock(&inode->lock);
        ASSERT(ext2_set_size_locked(inode, 20 * bs) == 0);
        for (unsigned fb = 0; fb < 20; fb++) {
            ASSERT(ext2_bmap_locked(inode, fb, true, &disk_block, NULL) == 0);
            memset(disk.data + (uint64_t)disk_block * bs, (int)(i * 20 + fb), bs);
        }
        mutex_unlock(&inode->lock);
        inode_put(inode);
    }
    ASSERT(ext2_sync(fs) == 0);
}

static bool deleted[COMMITTED];

/* Finds file i under its name or the ones it may have been moved to. */
static struct inode *find_file(struct inode *root, unsigned i)
{
    char name[16];
    struct inode *sub, *inode = NULL;
    ASSERT(ext2_lookup(root, "etc", 3, &sub) == 0);
    snprintf(name, sizeof(name), "keep%u", i);
    if (ext2_lookup(root, name, strlen(name), &inode)) {
        snprintf(name, sizeof(name), "moved%u", i);
        if (ext2_lookup(root, name, strlen(name), &inode) &&
            ext2_lookup(sub, name, strlen(name), &inode))
            inode = NULL;
    }
    inode_put(sub);
    return inode;
}

/* After repair each committed file is there and whole, unless its removal had begun: then it may be
 * gone, but not changed. */
static void check_files(struct inode *root)
{
    for (unsigned i = 0; i < COMMITTED; i++) {
        uint32_t disk_block, bs = ext2_block_size(fs);
        struct inode *inode = find_file(root, i);
        ASSERT(inode || deleted[i]);
        if (!inode)
            continue;
        if (inode->size != 0 || !deleted[i]) {
            ASSERT(inode->size == 20 * bs);
            for (unsigned fb = 0; fb < 20; fb++) {
                ASSERT(ext2_bmap(inode, fb, false, &disk_block, NULL) == 0 && disk_block);
                const uint8_t *p = disk.data + (uint64_t)disk_block * bs;
                ASSERT(p[0] == (uint8_t)(i * 20 + fb) && p[bs - 1] == p[0]);
            }
        }
        inode_put(inode);
    }
}

/* New data over whatever blocks are free. */
static void write_junk(struct inode *inode)
{
    static uint8_t junk[32 * 4096];
    uint32_t block, count, bs = ext2_block_size(fs);
    memset(junk, 0xEE, sizeof(junk));
    mutex_lock(&inode->lock);
    (void)ext2_set_size_locked(inode, 30000);
    for (uint64_t fb = 0; fb * bs < 30000; fb += count) {
        if (ext2_bmap_run_locked(inode, fb, 30, true, &block, &count))
            break;
        (void)blk_rw_sync(&disk.dev, BLK_WRITE, block * (bs / BLK_SECTOR), junk, count * bs);
    }
    mutex_unlock(&inode->lock);
}

static void rename_or_remove(struct inode *root, struct inode *sub, unsigned i)
{
    char name[16], to[16];
    snprintf(name, sizeof(name), "keep%u", i);
    snprintf(to, sizeof(to), "moved%u", i);
    if (chance(1, 4)) {
        deleted[i] = true;
        (void)ext2_unlink(root, name, strlen(name));
    } else {
        (void)ext2_rename(root, name, strlen(name), chance(1, 2) ? root : sub, to, strlen(to));
    }
}

static void storm(struct inode *root)
{
    char name[16];
    struct inode *inode, *sub;
    ASSERT(ext2_lookup(root, "etc", 3, &sub) == 0);
    for (unsigned i = 0; i < 120; i++) {
        unsigned n = (unsigned)(rnd() % 20);
        snprintf(name, sizeof(name), "t%u", n);
        if (chance(1, 10)) {
            rename_or_remove(root, sub, n % COMMITTED);
        } else if (chance(1, 3)) {
            (void)ext2_unlink(root, name, strlen(name));
        } else if (ext2_create(root, name, strlen(name), 0644, &inode) == 0) {
            write_junk(inode);
            inode_put(inode);
        }
        if (chance(1, 25))
            (void)ext2_sync(fs);
    }
    inode_put(sub);
}

static bool keep_half(void)
{
    return chance(1, 2);
}

static bool keep_most(void)
{
    return chance(9, 10);
}

static void test_power_loss(unsigned rounds)
{
    for (unsigned i = 0; i < rounds; i++) {
        struct inode *root;
        rnd_seed(i + 5000);
        make_image(i % 2 ? "-s 1M -b 1024 -i 100" : "-s 2M -b 4096 -i 100");
        host_disk_load(&disk, image);
        ASSERT(ext2_mount(&disk.dev, 0, NULL, &fs) == 0);
        root = root_of();
        memset(deleted, 0, sizeof(deleted));
        commit_files(root);
        host_disk_cache(&disk);
        disk.fail_mask = 1u << BLK_WRITE | 1u << BLK_FLUSH; /* no write arrives any more */
        disk.fail_after = (int64_t)(rnd() % 120);
        storm(root);
        (void)ext2_sync(fs);
        inode_put(root);
        (void)ext2_unmount(fs);
        ASSERT(host_allocated() == 0);
        host_disk_power_loss(&disk, chance(1, 2) ? keep_half : keep_most);

        int status = fsck("-fy");
        ASSERT(status == 0 || status == 1);
        host_disk_free(&disk);
        host_disk_load(&disk, image);
        ASSERT(fsck("-fn") == 0);
        ASSERT(ext2_mount(&disk.dev, 0, NULL, &fs) == 0);
        root = root_of();
        check_files(root);
        inode_put(root);
        ASSERT(ext2_unmount(fs) == 0);
        host_disk_free(&disk);
    }
}

int main(int argc, char **argv)
{
    unsigned factor = argc > 1 ? (unsigned)atoi(argv[1]) : 1;
    char dir[300];
    snprintf(dir, sizeof(dir), "%s", argv[0]);
    char *slash = strrchr(dir, '/');
    ASSERT(slash);
    *slash = '\0';
    snprintf(maker, sizeof(maker), "%s/../mkfs", dir);
    snprintf(image, sizeof(image), "/tmp/t_ext2_fault.%d.img", (int)getpid());

    test_full("-s 3M -b 1024");
    test_full("-s 12M -b 1024 -i 200");
    test_full("-s 8M -b 4096");
    test_full_map();
    test_seal();
    test_errors(300 * factor);
    test_memory(12 * factor);
    test_power_loss(24 * factor);
    remove(image);
    snprintf(dir, sizeof(dir), "%s.log", image);
    remove(dir);
    printf("t_ext2_fault: ok\n");
    return 0;
}
