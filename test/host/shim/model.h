/*
 * model.h - a file system in plain memory that says what ext2 ought to answer (model.c).
 *
 * Names, links, types, sizes and the contents of each block of a file (one stamp for a block; 0 is
 * a hole). The test does the same to both and compares errors, listings and contents.
 */
#ifndef SHIM_MODEL_H
#define SHIM_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MODEL_BLOCKS = 96, MODEL_TARGET = 900 };

struct mnode;

struct mentry {
    char name[256];
    struct mnode *node;
};

struct mnode {
    uint32_t type; /* ABI_S_IF* */
    uint32_t perm;
    uint32_t ino; /* as the file system chose it */
    uint32_t nlink;
    uint64_t size;
    uint32_t rdev;
    struct mnode *parent; /* of a directory */
    struct mentry *entry; /* of a directory */
    unsigned n_entries, cap;
    struct {
        uint64_t fb;
        uint32_t stamp;
    } block[MODEL_BLOCKS]; /* of a file, those that are not holes */
    unsigned n_blocks;
    char target[MODEL_TARGET + 1];
    struct mnode *all; /* list of everything */
};

struct model {
    struct mnode *root;
    struct mnode *all;
};

void model_init(struct model *m, uint32_t root_ino, uint32_t nlink);
void model_free(struct model *m);
struct mnode *model_find(const struct mnode *dir, const char *name);

/* Each returns what ext2 must: 0 or -errno; they change the model only through the _do functions.
 */
int model_check_create(const struct mnode *dir, const char *name);
struct mnode *model_do_create(struct model *m, struct mnode *dir, const char *name, uint32_t mode,
                              uint32_t ino);
int model_check_unlink(const struct mnode *dir, const char *name);
void model_do_unlink(struct mnode *dir, const char *name);
int model_check_rmdir(const struct mnode *dir, const char *name);
void model_do_rmdir(struct mnode *dir, const char *name);
int model_check_link(const struct mnode *dir, const char *name, const struct mnode *target);
void model_do_link(struct mnode *dir, const char *name, struct mnode *target);
int model_check_rename(const struct mnode *from_dir, const char *from, const struct mnode *to_dir,
                       const char *to);
void model_do_rename(struct mnode *from_dir, const char *from, struct mnode *to_dir,
                     const char *to);
uint32_t model_stamp(const struct mnode *file, uint64_t fb);
void model_set_stamp(struct mnode *file, uint64_t fb, uint32_t stamp);
void model_cut(struct mnode *file, uint64_t blocks);

#endif
