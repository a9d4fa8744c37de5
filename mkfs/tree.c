/*
 * tree.c - the tree of files that the image is to have, built from the arguments.
 *
 * Sources are looked at here (they exist, are regular files, how large they are), so that mistakes
 * show before an image is begun. Order of children is order of arguments.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "mkfs.h"

static struct node root = {.name = "", .kind = NODE_DIR, .perm = 0755, .parent = &root};
static uint32_t count = 1;

struct node *tree_root(void)
{
    return &root;
}

uint32_t tree_count(void)
{
    return count;
}

static struct node *find_child(struct node *dir, const char *name, size_t len)
{
    for (struct node *n = dir->child; n; n = n->next)
        if (strlen(n->name) == len && memcmp(n->name, name, len) == 0)
            return n;
    return NULL;
}

static struct node *add_child(struct node *dir, const char *name, size_t len)
{
    struct node *n = xalloc(sizeof(*n));
    n->name = xalloc(len + 1);
    memcpy(n->name, name, len);
    n->kind = NODE_DIR;
    n->perm = 0755;
    n->parent = dir;
    if (dir->last_child)
        dir->last_child->next = n;
    else
        dir->child = n;
    dir->last_child = n;
    count++;
    return n;
}

static void check_name(const char *dest, const char *name, size_t len)
{
    if (len > ABI_NAME_MAX)
        die("%s: a name is longer than %d bytes", dest, ABI_NAME_MAX);
    if ((len == 1 && name[0] == '.') || (len == 2 && name[0] == '.' && name[1] == '.'))
        die("%s: \".\" and \"..\" cannot be made", dest);
}

/* The node of a path, made with its directories where missing; *is_new: the last one was. */
static struct node *make_path(const char *dest, bool *is_new)
{
    struct node *at = &root;
    *is_new = false;
    if (dest[0] != '/')
        die("%s: a destination begins with \"/\"", dest);
    for (const char *p = dest; *p;) {
        while (*p == '/')
            p++;
        size_t len = strcspn(p, "/");
        if (len == 0)
            break;
        check_name(dest, p, len);
        if (at->kind != NODE_DIR)
            die("%s: %s is not a directory", dest, at->name);
        struct node *next = find_child(at, p, len);
        *is_new = !next;
        at = next ? next : add_child(at, p, len);
        p += len;
    }
    return at;
}

static void set_file(struct node *n, const char *dest, const char *source)
{
    struct stat st;
    if (stat(source, &st) < 0)
        die("%s: cannot read %s: %s", dest, source, strerror(errno));
    if (!S_ISREG(st.st_mode))
        die("%s: %s is not a regular file", dest, source);
    n->kind = NODE_FILE;
    n->source = xstrdup(source);
    n->size = (uint64_t)st.st_size;
    n->perm = st.st_mode & 0111 ? 0755 : 0644;
}

static void set_link(struct node *n, const char *dest, const char *target)
{
    if (!*target || strlen(target) >= 1024)
        die("%s: the target of a link has 1 to 1023 bytes", dest);
    n->kind = NODE_LINK;
    n->source = xstrdup(target);
    n->perm = 0777;
}

static void set_device(struct node *n, const char *dest, const char *numbers)
{
    unsigned major, minor;
    char rest;
    if (sscanf(numbers, "%u:%u%c", &major, &minor, &rest) != 2 || major > 255 || minor > 255)
        die("%s: \"%s\" is not MAJOR:MINOR (0 to 255 each)", dest, numbers);
    n->kind = NODE_CHR;
    n->rdev = major << 8 | minor;
    n->perm = 0666;
}

static bool is_prefix(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

void tree_add_argument(const char *arg)
{
    const char *eq = strchr(arg, '=');
    if (!eq || eq == arg || !eq[1])
        die("\"%s\" is not DEST=SOURCE", arg);
    char *dest = xstrdup(arg);
    dest[eq - arg] = '\0';
    const char *what = eq + 1;
    bool is_new;
    struct node *n = make_path(dest, &is_new);

    if (strcmp(what, "@dir") == 0) {
        if (n->kind != NODE_DIR)
            die("%s: is already something else", dest);
        free(dest);
        return;
    }
    if (!is_new)
        die("%s: is given twice", dest);
    if (is_prefix(what, "@link:"))
        set_link(n, dest, what + 6);
    else if (is_prefix(what, "@chr:"))
        set_device(n, dest, what + 5);
    else if (what[0] == '@')
        die("%s: \"%s\" is not @dir, @link:TARGET or @chr:MAJOR:MINOR", dest, what);
    else
        set_file(n, dest, what);
    free(dest);
}

static void add_default_dir(const char *dest, uint32_t perm)
{
    bool is_new;
    struct node *n = make_path(dest, &is_new);
    if (n->kind != NODE_DIR)
        die("%s: must be a directory", dest);
    n->perm = perm;
}

static void add_default_device(const char *dest, uint32_t rdev)
{
    bool is_new;
    struct node *n = make_path(dest, &is_new);
    if (!is_new)
        return;
    n->kind = NODE_CHR;
    n->rdev = rdev;
    n->perm = 0666;
}

void tree_add_defaults(void)
{
    add_default_dir("/bin", 0755);
    add_default_dir("/dev", 0755);
    add_default_dir("/etc", 0755);
    add_default_dir("/tmp", 01777);
    add_default_device("/dev/console", ABI_DEV_CONSOLE);
    add_default_device("/dev/null", ABI_DEV_NULL);
    add_default_device("/dev/zero", ABI_DEV_ZERO);
}
