/*
 * path.h - from a path to an inode, or to a directory and a last name: for fs/ only.
 */
#ifndef FS_PATH_H
#define FS_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "fs/vnode.h"

struct inode;

/*
 * A walk along a path. After path_to_parent(): `dir` is the directory that holds the last name,
 * which is name[0..len); len 0: the path names `dir` itself (the root). `slash`: the name was
 * followed by a slash, so it must be a directory.
 */
struct path_walk {
    struct inode *root; /* referenced by the fs_context */
    struct inode *dir;  /* referenced */
    char *buf;          /* what is left of the path, ABI_PATH_MAX bytes */
    char *rest;
    const char *name;
    size_t len;
    bool slash;
    unsigned links; /* symbolic links followed so far */
};

/* 0, or -ENOENT (also an empty path), -ENOTDIR, -ENAMETOOLONG, -ELOOP, -EIO, -ENOMEM. Only on 0 the
 * walk must be ended. */
int path_to_parent(struct fs_context *fc, const char *path, struct path_walk *w);
/* The last name was looked up and is the symbolic link `link`: goes on to what it names. 0, or as
 * above with the walk ended. */
int path_follow(struct path_walk *w, struct inode *link);
void path_end(struct path_walk *w);

/* The whole path; a symbolic link at the end is followed if `follow` or a slash is behind it. */
int path_lookup(struct fs_context *fc, const char *path, bool follow, struct inode **out);

#endif
