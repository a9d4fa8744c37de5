/*
 * path.c - the differences between a course program's idea of a path and this kernel's.
 *
 * There a name has at most DIRSIZ (14) bytes and the rest is cut off, here it may have 255. And
 * there all programs lie in the root directory, which is also where they run; here they are in
 * /bin. A path is always tried as it is first; these functions make the second attempt. Nothing
 * here changes what a path that is found means.
 */
#include "kernel/fs.h"
#include "user/user.h"
#include "raw.h"

/* Length of the name that begins at p. */
static unsigned long name_length(const char *p)
{
    unsigned long n = 0;

    while (p[n] && p[n] != '/')
        n++;
    return n;
}

static int has_more_names(const char *p)
{
    while (*p == '/')
        p++;
    return *p != 0;
}

static int cut(const char *path, char *buf, int only_last)
{
    long left = xv6_string_length(path, ABI_PATH_MAX);
    int changed = 0;

    if (left < 0)
        return 0;
    while (*path) {
        unsigned long n = name_length(path), keep = n;

        if (n > DIRSIZ && (!only_last || !has_more_names(path + n))) {
            keep = DIRSIZ;
            changed = 1;
        }
        memmove(buf, path, keep);
        buf += keep;
        path += n;
        while (*path == '/')
            *buf++ = *path++;
    }
    *buf = 0;
    return changed;
}

int xv6_path_cut(const char *path, char *buf)
{
    return cut(path, buf, 0);
}

int xv6_path_cut_last(const char *path, char *buf)
{
    return cut(path, buf, 1);
}

static int is_root(const char *path)
{
    struct abi_stat st, root;

    return sc_stat(path, &st, 0) == 0 && sc_stat("/", &root, 0) == 0 && st.ino == root.ino &&
           st.dev == root.dev;
}

int xv6_path_program(const char *path, char *buf)
{
    static const char bin[] = "/bin/";
    long len = xv6_string_length(path, ABI_PATH_MAX - sizeof(bin));
    long slash = len;

    if (len <= 0)
        return 0;
    while (slash > 0 && path[slash - 1] != '/')
        slash--;
    if (slash == len)
        return 0;
    if (slash > 0) { /* a directory is named: it must be where programs would be */
        memmove(buf, path, (size_t)slash);
        buf[slash] = 0;
        if (!is_root(buf))
            return 0;
    }
    memmove(buf, bin, sizeof(bin) - 1);
    memmove(buf + sizeof(bin) - 1, path + slash, (size_t)(len - slash) + 1);
    return 1;
}
