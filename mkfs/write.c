/*
 * write.c - puts the tree of files into the image: inodes, directories, contents.
 *
 * Depth first in the order of the arguments: a directory's inode, then those of its children, then
 * its entries. lost+found is made here, as e2fsck wants it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "mkfs.h"

static struct ext2_disk_inode *init_inode(uint32_t ino, uint32_t mode, uint32_t links)
{
    struct ext2_disk_inode *di = image_inode(ino);
    di->i_mode = (uint16_t)mode;
    di->i_links_count = (uint16_t)links;
    di->i_atime = di->i_ctime = di->i_mtime = image_time();
    return di;
}

static uint32_t new_block(struct ext2_disk_inode *di)
{
    di->i_blocks += image_block_size() / 512;
    return image_alloc_block();
}

/* The block of file block fb, made with the maps on the way; blocks come in rising order. */
static void *make_block(struct ext2_disk_inode *di, uint64_t fb)
{
    uint32_t ptrs = image_block_size() / 4;
    uint32_t *slot;
    uint64_t reach = 1;
    int depth = 0;

    if (fb < EXT2_NDIR_BLOCKS) {
        slot = &di->i_block[fb];
    } else {
        fb -= EXT2_NDIR_BLOCKS;
        for (depth = 1, reach = ptrs; fb >= reach; depth++) {
            fb -= reach;
            reach *= ptrs;
            if (depth == 3)
                die("a file is too large for blocks of %u bytes", image_block_size());
        }
        slot = &di->i_block[EXT2_IND_BLOCK + depth - 1];
    }
    for (; depth > 0; depth--) {
        if (*slot == 0)
            *slot = new_block(di);
        reach /= ptrs;
        slot = (uint32_t *)image_block(*slot) + fb / reach;
        fb %= reach;
    }
    if (*slot == 0)
        *slot = new_block(di);
    return image_block(*slot);
}

static void write_file(const struct node *n)
{
    struct ext2_disk_inode *di = init_inode(n->ino, ABI_S_IFREG | n->perm, 1);
    uint32_t bs = image_block_size();
    int fd = open(n->source, O_RDONLY);
    if (fd < 0)
        die("cannot read %s: %s", n->source, strerror(errno));
    for (uint64_t at = 0; at < n->size;) {
        uint64_t want = n->size - at < bs ? n->size - at : bs;
        ssize_t got = pread(fd, make_block(di, at / bs), want, (off_t)at);
        if (got != (ssize_t)want)
            die("cannot read %s: %s", n->source, got < 0 ? strerror(errno) : "it got shorter");
        at += want;
    }
    close(fd);
    di->i_size = (uint32_t)n->size;
    di->i_size_high = (uint32_t)(n->size >> 32);
}

static void write_link(const struct node *n)
{
    struct ext2_disk_inode *di = init_inode(n->ino, ABI_S_IFLNK | n->perm, 1);
    size_t len = strlen(n->source);
    if (len >= image_block_size())
        die("%s: the target of the link is too long", n->name);
    memcpy(len <= EXT2_FAST_SYMLINK_MAX ? (void *)di->i_block : make_block(di, 0), n->source, len);
    di->i_size = (uint32_t)len;
}

static void write_device(const struct node *n)
{
    init_inode(n->ino, ABI_S_IFCHR | n->perm, 1)->i_block[0] = n->rdev;
}

/* A directory being filled: `room` bytes are left behind the last entry of its last block. */
struct dir_writer {
    struct ext2_disk_inode *di;
    struct ext2_dir_entry *last;
    uint32_t room;
};

static void put_entry(struct dir_writer *w, const char *name, uint32_t ino, uint8_t type)
{
    uint32_t len = (uint32_t)strlen(name);
    uint32_t need = EXT2_DIR_REC_LEN(len), bs = image_block_size();
    struct ext2_dir_entry *e;

    if (w->room < need) {
        e = make_block(w->di, w->di->i_size / bs);
        w->di->i_size += bs;
        w->room = bs;
    } else {
        w->last->rec_len = (uint16_t)EXT2_DIR_REC_LEN(w->last->name_len);
        e = (struct ext2_dir_entry *)((char *)w->last + w->last->rec_len);
    }
    e->inode = ino;
    e->rec_len = (uint16_t)w->room;
    e->name_len = (uint8_t)len;
    e->file_type = type;
    memcpy(e->name, name, len);
    w->last = e;
    w->room -= need;
}

static struct dir_writer begin_dir(uint32_t ino, uint32_t parent_ino, uint32_t perm, uint32_t links)
{
    struct dir_writer w = {.di = init_inode(ino, ABI_S_IFDIR | perm, links)};
    put_entry(&w, ".", ino, EXT2_FT_DIR);
    put_entry(&w, "..", parent_ino, EXT2_FT_DIR);
    return w;
}

static const uint8_t entry_types[] = {
    [NODE_DIR] = EXT2_FT_DIR,
    [NODE_FILE] = EXT2_FT_REG_FILE,
    [NODE_LINK] = EXT2_FT_SYMLINK,
    [NODE_CHR] = EXT2_FT_CHRDEV,
};

static void write_dir(struct node *dir);

static void write_node(struct node *n)
{
    switch (n->kind) {
    case NODE_DIR:
        write_dir(n);
        break;
    case NODE_FILE:
        write_file(n);
        break;
    case NODE_LINK:
        write_link(n);
        break;
    case NODE_CHR:
        write_device(n);
        break;
    }
}

static void write_dir(struct node *dir)
{
    bool is_root = dir == tree_root();
    uint32_t links = 2 + is_root; /* lost+found */
    for (struct node *n = dir->child; n; n = n->next)
        links += n->kind == NODE_DIR;
    struct dir_writer w = begin_dir(dir->ino, dir->parent->ino, dir->perm, links);
    if (is_root)
        put_entry(&w, "lost+found", EXT2_OLD_FIRST_INO, EXT2_FT_DIR);
    for (struct node *n = dir->child; n; n = n->next) {
        n->ino = image_alloc_inode(n->kind == NODE_DIR);
        put_entry(&w, n->name, n->ino, entry_types[n->kind]);
    }
    for (struct node *n = dir->child; n; n = n->next)
        write_node(n);
}

/* lost+found has room in advance: e2fsck may have to use it on a full disk. */
static void write_lost_found(void)
{
    uint32_t ino = image_alloc_inode(true);
    struct dir_writer w = begin_dir(ino, EXT2_ROOT_INO, 0700, 2);
    uint32_t bs = image_block_size();
    while (w.di->i_size < 12u * 1024 || w.di->i_size < 2 * bs) {
        struct ext2_dir_entry *e = make_block(w.di, w.di->i_size / bs);
        e->rec_len = (uint16_t)bs;
        w.di->i_size += bs;
    }
}

void write_tree(void)
{
    tree_root()->ino = EXT2_ROOT_INO;
    write_lost_found();
    write_dir(tree_root());
}
