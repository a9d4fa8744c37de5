/*
 * mkfs.h - what the files of mkfs share.
 *
 * tree.c turns the arguments into a tree of nodes; image.c lays out an empty file system in a
 * memory mapped image and gives out blocks and inodes; write.c puts the tree into it; main.c reads
 * options. Every failure ends the program by die(), which removes the unfinished image.
 */
#ifndef MKFS_H
#define MKFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/ext2.h"
#include "abi/fs.h"

void die(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));
void *xalloc(size_t len); /* zeroed */
char *xstrdup(const char *s);

/* --- tree.c --- */

enum node_kind { NODE_DIR, NODE_FILE, NODE_LINK, NODE_CHR };

struct node {
    char *name;
    enum node_kind kind;
    char *source;  /* NODE_FILE: path on the host; NODE_LINK: target */
    uint32_t rdev; /* NODE_CHR */
    uint32_t perm;
    uint64_t size;                   /* NODE_FILE */
    uint32_t ino;                    /* set by write.c */
    struct node *parent;             /* the root: itself */
    struct node *child, *last_child; /* NODE_DIR: in order of creation */
    struct node *next;               /* in the parent */
};

struct node *tree_root(void);
/* One argument "DEST=SOURCE", "DEST=@link:TARGET", "DEST=@dir" or "DEST=@chr:MAJOR:MINOR". */
void tree_add_argument(const char *arg);
/* What every image has, where the arguments did not say otherwise. */
void tree_add_defaults(void);
uint32_t tree_count(void);

/* --- image.c --- */

struct options {
    const char *path;
    uint64_t size_bytes;
    uint32_t block_size;
    uint32_t inodes; /* 0: as many as the size suggests */
    uint32_t time;
    uint8_t uuid[16];
    const char *label;
};

void image_create(const struct options *o);
void image_finish(void); /* counts, copies of the superblock; gives the image its name */
void image_remove(void); /* after a failure */
uint32_t image_block_size(void);
void *image_block(uint32_t block);
uint32_t image_alloc_block(void);
uint32_t image_alloc_inode(bool dir);
struct ext2_disk_inode *image_inode(uint32_t ino);
uint32_t image_time(void);

/* --- write.c --- */

void write_tree(void);

#endif
