/*
 * model.c - a file system in plain memory; model.h has the contract.
 */
#include "shim/model.h"
#include <stdlib.h>
#include <string.h>
#include "abi/errno.h"
#include "abi/ext2.h"
#include "abi/fs.h"
#include "lib/assert.h"

static struct mnode *node_new(struct model *m, uint32_t mode, uint32_t ino)
{
    struct mnode *n = calloc(1, sizeof(*n));
    n->type = mode & ABI_S_IFMT;
    n->perm = mode & 07777;
    n->ino = ino;
    n->all = m->all;
    m->all = n;
    return n;
}

void model_init(struct model *m, uint32_t root_ino, uint32_t nlink)
{
    *m = (struct model){0};
    m->root = node_new(m, ABI_S_IFDIR, root_ino);
    m->root->nlink = nlink;
    m->root->parent = m->root;
}

void model_free(struct model *m)
{
    while (m->all) {
        struct mnode *n = m->all;
        m->all = n->all;
        free(n->entry);
        free(n);
    }
}

static struct mentry *entry_of(const struct mnode *dir, const char *name)
{
    for (unsigned i = 0; i < dir->n_entries; i++)
        if (!strcmp(dir->entry[i].name, name))
            return &dir->entry[i];
    return NULL;
}

struct mnode *model_find(const struct mnode *dir, const char *name)
{
    struct mentry *e = entry_of(dir, name);
    return e ? e->node : NULL;
}

static void entry_add(struct mnode *dir, const char *name, struct mnode *node)
{
    if (dir->n_entries == dir->cap) {
        dir->cap = dir->cap ? dir->cap * 2 : 8;
        dir->entry = realloc(dir->entry, dir->cap * sizeof(*dir->entry));
    }
    struct mentry *e = &dir->entry[dir->n_entries++];
    strcpy(e->name, name);
    e->node = node;
}

static void entry_remove(struct mnode *dir, const char *name)
{
    struct mentry *e = entry_of(dir, name);
    ASSERT(e);
    *e = dir->entry[--dir->n_entries];
}

static bool is_dir(const struct mnode *n)
{
    return n->type == ABI_S_IFDIR;
}

int model_check_create(const struct mnode *dir, const char *name)
{
    if (!is_dir(dir))
        return -ENOTDIR;
    return model_find(dir, name) ? -EEXIST : 0;
}

struct mnode *model_do_create(struct model *m, struct mnode *dir, const char *name, uint32_t mode,
                              uint32_t ino)
{
    struct mnode *n = node_new(m, mode, ino);
    n->nlink = 1;
    if (is_dir(n)) {
        n->nlink = 2;
        n->parent = dir;
        dir->nlink++;
    }
    entry_add(dir, name, n);
    return n;
}

int model_check_unlink(const struct mnode *dir, const char *name)
{
    if (!is_dir(dir))
        return -ENOTDIR;
    struct mnode *n = model_find(dir, name);
    return !n ? -ENOENT : is_dir(n) ? -EISDIR : 0;
}

void model_do_unlink(struct mnode *dir, const char *name)
{
    model_find(dir, name)->nlink--;
    entry_remove(dir, name);
}

int model_check_rmdir(const struct mnode *dir, const char *name)
{
    if (!is_dir(dir))
        return -ENOTDIR;
    struct mnode *n = model_find(dir, name);
    if (!n)
        return -ENOENT;
    if (!is_dir(n))
        return -ENOTDIR;
    return n->n_entries ? -ENOTEMPTY : 0;
}

void model_do_rmdir(struct mnode *dir, const char *name)
{
    model_find(dir, name)->nlink = 0;
    dir->nlink--;
    entry_remove(dir, name);
}

int model_check_link(const struct mnode *dir, const char *name, const struct mnode *target)
{
    if (!is_dir(dir))
        return -ENOTDIR;
    if (is_dir(target))
        return -EPERM;
    if (model_find(dir, name))
        return -EEXIST;
    return target->nlink == 0 ? -ENOENT : 0;
}

void model_do_link(struct mnode *dir, const char *name, struct mnode *target)
{
    target->nlink++;
    entry_add(dir, name, target);
}

static bool below(const struct mnode *n, const struct mnode *top)
{
    for (; n != top; n = n->parent)
        if (n->parent == n)
            return false;
    return true;
}

int model_check_rename(const struct mnode *from_dir, const char *from, const struct mnode *to_dir,
                       const char *to)
{
    if (!is_dir(from_dir) || !is_dir(to_dir))
        return -ENOTDIR;
    struct mnode *n = model_find(from_dir, from), *old = model_find(to_dir, to);
    if (!n)
        return -ENOENT;
    if (n == old)
        return 0;
    if (is_dir(n) && below(to_dir, n))
        return -EINVAL;
    if (!old)
        return 0;
    if (is_dir(old) && below(from_dir, old))
        return -ENOTEMPTY;
    if (is_dir(n) && !is_dir(old))
        return -ENOTDIR;
    if (!is_dir(n) && is_dir(old))
        return -EISDIR;
    return is_dir(old) && old->n_entries ? -ENOTEMPTY : 0;
}

void model_do_rename(struct mnode *from_dir, const char *from, struct mnode *to_dir, const char *to)
{
    struct mnode *n = model_find(from_dir, from), *old = model_find(to_dir, to);
    if (n == old)
        return;
    if (old && is_dir(old))
        model_do_rmdir(to_dir, to);
    else if (old)
        model_do_unlink(to_dir, to);
    entry_remove(from_dir, from);
    entry_add(to_dir, to, n);
    if (is_dir(n)) {
        from_dir->nlink--;
        to_dir->nlink++;
        n->parent = to_dir;
    }
}

uint32_t model_stamp(const struct mnode *file, uint64_t fb)
{
    for (unsigned i = 0; i < file->n_blocks; i++)
        if (file->block[i].fb == fb)
            return file->block[i].stamp;
    return 0;
}

void model_set_stamp(struct mnode *file, uint64_t fb, uint32_t stamp)
{
    for (unsigned i = 0; i < file->n_blocks; i++) {
        if (file->block[i].fb == fb) {
            file->block[i].stamp = stamp;
            return;
        }
    }
    ASSERT(file->n_blocks < MODEL_BLOCKS);
    file->block[file->n_blocks].fb = fb;
    file->block[file->n_blocks++].stamp = stamp;
}

void model_cut(struct mnode *file, uint64_t blocks)
{
    for (unsigned i = 0; i < file->n_blocks;) {
        if (file->block[i].fb >= blocks)
            file->block[i] = file->block[--file->n_blocks];
        else
            i++;
    }
}
