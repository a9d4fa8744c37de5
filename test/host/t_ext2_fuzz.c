/*
 * t_ext2_fuzz.c - damaged images: mounting, walking and changing them must never crash or hang.
 * sources: test/host/shim/kernel.c test/host/shim/exercise.c
 * sources: kernel/lib/string.c kernel/lib/fmt.c
 * sources: kernel/fs/bcache.c $(wildcard kernel/fs/ext2_*.c) $(BUILD)/host/mkfs
 *
 * A small image is filled, then copies of it are mutated: fields of the superblock, group
 * descriptors, bitmaps, inodes, directory blocks and block maps, or bytes anywhere, with values
 * that are likely to hurt. Runs for a few seconds; `t_ext2_fuzz SECONDS [SEED]` for longer.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "shim/exercise.h"
#include "shim/kernel.h"
#include "lib/assert.h"

static struct host_disk disk;
static uint8_t *pristine;
static uint64_t seed;

static void hang(int sig)
{
    static const char text[] = "t_ext2_fuzz: hangs\n";
    (void)sig;
    (void)!write(2, text, sizeof(text) - 1);
    fprintf(stderr, "seed %lu\n", (unsigned long)seed);
    abort();
}

/* Runs the mkfs built beside this test. */
static void make_image(const char *self, const char *path, const char *options)
{
    char command[600], dir[300];
    snprintf(dir, sizeof(dir), "%s", self);
    char *slash = strrchr(dir, '/');
    ASSERT(slash);
    *slash = '\0';
    snprintf(command, sizeof(command), "%s/../mkfs -o %s %s", dir, path, options);
    ASSERT(host_run(command) == 0);
}

/* Fills the image with all kinds of things. */
static void prepare(void)
{
    struct ext2_fs *fs;
    ASSERT(ext2_mount(&disk.dev, 0, NULL, &fs) == 0);
    exercise_change(fs, 400);
    struct inode *root, *big;
    ASSERT(inode_get(fs, EXT2_ROOT_INO, &root) == 0);
    if (ext2_create(root, "big", 3, 0644, &big) == 0) { /* with every level of maps */
        uint64_t bs = ext2_block_size(fs), ptrs = bs / 4;
        mutex_lock(&big->lock);
        ASSERT(ext2_set_size_locked(big, (ptrs * ptrs + 3 * ptrs) * bs) == 0);
        ASSERT(ext2_reserve_locked(big, 0, 40 * bs, NULL) == 0);
        ASSERT(ext2_reserve_locked(big, (ptrs + 20) * bs, (ptrs + 24) * bs, NULL) == 0);
        ASSERT(ext2_reserve_locked(big, (ptrs * ptrs + 2 * ptrs) * bs,
                                   (ptrs * ptrs + 2 * ptrs + 3) * bs, NULL) == 0);
        mutex_unlock(&big->lock);
        inode_put(big);
    }
    inode_put(root);
    ASSERT(ext2_unmount(fs) == 0);
}

static uint32_t nasty(uint32_t was)
{
    static const uint32_t values[] = {0,      1,          2,          3,          7,
                                      8,      11,         12,         0x7F,       0xFF,
                                      0x100,  0xFFF,      0x1000,     0x7FFF,     0x8000,
                                      0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFFFFFC};
    switch (rnd() % 5) {
    case 0:
        return was ^ 1u << rnd() % 32;
    case 1:
        return was + (uint32_t)(rnd() % 9) - 4;
    case 2:
        return (uint32_t)rnd();
    case 3:
        return (uint32_t)(rnd() % 2048); /* some block or inode number */
    default:
        return values[rnd() % ARRAY_SIZE(values)];
    }
}

static void poke(uint64_t at, unsigned width)
{
    uint32_t v = 0;
    if (at + width > disk.size)
        return;
    memcpy(&v, disk.data + at, width);
    v = nasty(v);
    memcpy(disk.data + at, &v, width);
}

/* One change somewhere that matters. */
static void mutate(void)
{
    const struct ext2_super_block *sb = (const void *)(pristine + 1024);
    uint64_t bs = 1024u << sb->s_log_block_size;
    uint64_t gd_at = (sb->s_first_data_block + 1) * bs;
    uint64_t groups = (sb->s_blocks_count - sb->s_first_data_block + sb->s_blocks_per_group - 1) /
                      sb->s_blocks_per_group;
    const struct ext2_group_desc *gd = (const void *)(pristine + gd_at);
    gd += rnd() % groups;
    unsigned width = 1u << rnd() % 3;
    uint64_t inodes = gd->bg_inode_table * bs;

    switch (rnd() % 8) {
    case 0:
        poke(1024 + rnd() % 25 * 4, width);
        break;
    case 1:
        poke(gd_at + rnd() % (groups * 32), width);
        break;
    case 2:
        poke(gd->bg_block_bitmap * bs + rnd() % 256, width);
        break;
    case 3:
        poke(gd->bg_inode_bitmap * bs + rnd() % 32, width);
        break;
    case 4:
    case 5:
        poke(inodes + rnd() % 150 * sb->s_inode_size + rnd() % 32 * 4, 4);
        break;
    case 6: /* directories and maps lie early in the data */
        poke(inodes + rnd() % (sb->s_inodes_per_group * 128) + rnd() % 200 * bs + rnd() % 64 * 4,
             width);
        break;
    default:
        poke(rnd() % disk.size, width);
    }
}

static void one_round(void)
{
    struct ext2_fs *fs;
    memcpy(disk.data, pristine, disk.size);
    for (unsigned n = 1 + (unsigned)(rnd() % 6); n; n--)
        mutate();
    int64_t before = host_allocated();
    if (ext2_mount(&disk.dev, chance(1, 8) ? EXT2_MOUNT_RDONLY : 0, NULL, &fs) == 0) {
        exercise_walk(fs, 60);
        exercise_change(fs, 40);
        exercise_walk(fs, 20);
        struct abi_statfs st;
        ext2_statfs(fs, &st);
        (void)ext2_sync(fs);
        host_check_locks();
        (void)ext2_unmount(fs);
    }
    host_check_locks();
    ASSERT(host_allocated() == before);
}

int main(int argc, char **argv)
{
    unsigned seconds = argc > 1 ? (unsigned)atoi(argv[1]) : 6;
    static const char *const options[] = {"-s 1M -b 1024 -i 256", "-s 4M -b 4096 -i 256",
                                          "-s 10M -b 1024 -i 512"};
    char path[100];
    unsigned long rounds = 0;

    seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
    snprintf(path, sizeof(path), "/tmp/t_ext2_fuzz.%d.img", (int)getpid());
    signal(SIGALRM, hang);
    for (unsigned i = 0; i < ARRAY_SIZE(options); i++) {
        make_image(argv[0], path, options[i]);
        host_disk_load(&disk, path);
        remove(path);
        rnd_seed(i + 1);
        prepare();
        pristine = malloc(disk.size);
        memcpy(pristine, disk.data, disk.size);
        time_t end = time(NULL) + (time_t)(seconds / ARRAY_SIZE(options));
        do {
            for (unsigned n = 0; n < 20; n++, rounds++) {
                rnd_seed(seed++);
                alarm(20);
                one_round();
            }
        } while (time(NULL) < end);
        free(pristine);
        host_disk_free(&disk);
    }
    printf("t_ext2_fuzz: ok, %lu images\n", rounds);
    return 0;
}
