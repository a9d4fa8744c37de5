/*
 * path.c - path lookup: names, slashes, symbolic links.
 *
 * A walk stands at a directory with the rest of the path in a buffer of its own; a symbolic link
 * puts its target in front of the rest. Only one inode is held at a time and no lock between steps,
 * so a path is right for every moment it was looked at, not for one moment as a whole.
 * Limits: names ABI_NAME_MAX, paths ABI_PATH_MAX, links ABI_SYMLOOP_MAX.
 */
#include "fs/path.h"

#include "abi/errno.h"
#include "fs/ext2.h"
#include "lib/string.h"
#include "mem/kalloc.h"

static void set_dir(struct path_walk *w, struct inode *dir)
{
    inode_put(w->dir);
    w->dir = dir;
}

/* Cuts the next name off the rest. False: there is none. */
static bool next_name(struct path_walk *w)
{
    while (*w->rest == '/')
        w->rest++;
    w->name = w->rest;
    while (*w->rest && *w->rest != '/')
        w->rest++;
    w->len = w->rest - w->name;
    w->slash = *w->rest == '/';
    while (*w->rest == '/')
        w->rest++;
    return w->len > 0;
}

/* Puts the link's target in front of the rest and goes back to where it begins. */
static int expand(struct path_walk *w, struct inode *link)
{
    if (++w->links > ABI_SYMLOOP_MAX)
        return -ELOOP;
    char *buf = kalloc(ABI_PATH_MAX);
    if (!buf)
        return -ENOMEM;
    long len = ext2_readlink(link, buf, ABI_PATH_MAX - 1);
    size_t rest_len = strlen(w->rest);
    int err = len < 0 ? (int)len : len == 0 ? -ENOENT : 0;
    if (!err && len + 1 + rest_len + 1 > ABI_PATH_MAX)
        err = -ENAMETOOLONG;
    if (err) {
        kfree(buf);
        return err;
    }
    /* A slash behind the link's name stays behind its target. */
    if (w->slash)
        buf[len++] = '/';
    memcpy(buf + len, w->rest, rest_len + 1);
    kfree(w->buf);
    w->buf = w->rest = buf;
    if (*buf == '/') {
        inode_hold(w->root);
        set_dir(w, w->root);
    }
    return 0;
}

/* Goes from w->dir to its entry w->name, which is not the last one. */
static int step(struct path_walk *w)
{
    struct inode *next;
    int err = ext2_lookup(w->dir, w->name, w->len, &next);
    if (err)
        return err;
    if (inode_is_symlink(next)) {
        err = expand(w, next);
        inode_put(next);
        return err;
    }
    if (!inode_is_dir(next)) {
        inode_put(next);
        return -ENOTDIR;
    }
    set_dir(w, next);
    return 0;
}

/* Walks until the last name is cut off. On an error the walk is ended. */
static int walk(struct path_walk *w)
{
    int err = 0;
    while (!err && next_name(w) && *w->rest)
        err = w->len > ABI_NAME_MAX ? -ENAMETOOLONG : step(w);
    if (!err && w->len > ABI_NAME_MAX)
        err = -ENAMETOOLONG;
    if (err)
        path_end(w);
    return err;
}

int path_to_parent(struct fs_context *fc, const char *path, struct path_walk *w)
{
    if (!*path)
        return -ENOENT;
    memset(w, 0, sizeof(*w));
    w->buf = w->rest = kalloc(ABI_PATH_MAX);
    if (!w->buf)
        return -ENOMEM;
    if (strlcpy(w->buf, path, ABI_PATH_MAX) >= ABI_PATH_MAX) {
        kfree(w->buf);
        return -ENAMETOOLONG;
    }
    w->root = fc->root;
    if (*path == '/') {
        w->dir = fc->root;
        inode_hold(w->dir);
    } else {
        w->dir = fs_context_cwd(fc);
    }
    return walk(w);
}

int path_follow(struct path_walk *w, struct inode *link)
{
    int err = expand(w, link);
    if (err) {
        path_end(w);
        return err;
    }
    return walk(w);
}

void path_end(struct path_walk *w)
{
    inode_put(w->dir);
    kfree(w->buf);
    w->dir = NULL;
    w->buf = NULL;
}

int path_lookup(struct fs_context *fc, const char *path, bool follow, struct inode **out)
{
    struct path_walk w;
    int err = path_to_parent(fc, path, &w);
    while (!err) {
        struct inode *found;
        if (w.len == 0) { /* the root, or a link to it */
            *out = w.dir;
            kfree(w.buf);
            return 0;
        }
        err = ext2_lookup(w.dir, w.name, w.len, &found);
        if (err) {
            path_end(&w);
            return err;
        }
        if (inode_is_symlink(found) && (follow || w.slash)) {
            err = path_follow(&w, found); /* ends the walk if it fails */
            inode_put(found);
            continue;
        }
        if (w.slash && !inode_is_dir(found)) {
            inode_put(found);
            err = -ENOTDIR;
        } else {
            *out = found;
        }
        path_end(&w);
        return err;
    }
    return err;
}
