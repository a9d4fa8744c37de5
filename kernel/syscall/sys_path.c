/*
 * sys_path.c - system calls that take paths: the path is copied in, the work is in fs/.
 *
 * Paths are at most ABI_PATH_MAX bytes with their NUL, in a buffer from kalloc. Errors of copying
 * (-EFAULT, -ENAMETOOLONG, a pager's verdict) come before those of the other arguments.
 */
#include "abi/errno.h"
#include "abi/fs.h"
#include "fs/fdtable.h"
#include "fs/vnode.h"
#include "lib/types.h"
#include "mem/kalloc.h"
#include "proc/process.h"
#include "syscall/syscall.h"
#include "vm/uaccess.h"

static struct fs_context *context(void)
{
    return &current_process()->fs;
}

/* A kernel copy of a user's path; kfree() it. */
static int get_path(uint64_t uaddr, char **out)
{
    *out = NULL;
    char *path = kalloc(ABI_PATH_MAX);
    if (!path)
        return -ENOMEM;
    long len = copy_string_from_user(path, uaddr, ABI_PATH_MAX);
    if (len < 0) {
        kfree(path);
        return (int)len;
    }
    *out = path;
    return 0;
}

/* Calls fn with the path at a->v[0]. */
static int64_t one_path(const struct sysargs *a,
                        int (*fn)(struct fs_context *fc, const char *path, const struct sysargs *a))
{
    char *path;
    int err = get_path(a->v[0], &path);
    if (err)
        return err;
    err = fn(context(), path, a);
    kfree(path);
    return err;
}

/* Calls fn with the paths at a->v[0] and a->v[1]. */
static int64_t two_paths(const struct sysargs *a,
                         int (*fn)(struct fs_context *fc, const char *first, const char *second))
{
    char *first, *second;
    int err = get_path(a->v[0], &first);
    if (err)
        return err;
    err = get_path(a->v[1], &second);
    if (!err) {
        err = fn(context(), first, second);
        kfree(second);
    }
    kfree(first);
    return err;
}

static int open_path(struct fs_context *fc, const char *path, const struct sysargs *a)
{
    struct file *f = NULL;
    int flags = (int)a->v[1];
    int fd = fs_open(fc, path, flags, (uint32_t)a->v[2], &f);
    if (fd < 0)
        return fd;
    fd = fdtable_install(&current_process()->fds, f, 0, (flags & ABI_O_CLOEXEC) != 0);
    if (fd < 0)
        file_put(f);
    return fd;
}

int64_t sys_open(const struct sysargs *a)
{
    return one_path(a, open_path);
}

static int stat_path(struct fs_context *fc, const char *path, const struct sysargs *a)
{
    struct abi_stat st = {0};
    int err = fs_stat(fc, path, (int)a->v[2] == 0, &st);
    return err ? err : copy_to_user(a->v[1], &st, sizeof(st));
}

int64_t sys_stat(const struct sysargs *a)
{
    return one_path(a, stat_path);
}

static int truncate_path(struct fs_context *fc, const char *path, const struct sysargs *a)
{
    return fs_truncate(fc, path, (int64_t)a->v[1]);
}

int64_t sys_truncate(const struct sysargs *a)
{
    return one_path(a, truncate_path);
}

static int mkdir_path(struct fs_context *fc, const char *path, const struct sysargs *a)
{
    return fs_mkdir(fc, path, (uint32_t)a->v[1]);
}

int64_t sys_mkdir(const struct sysargs *a)
{
    return one_path(a, mkdir_path);
}

static int rmdir_path(struct fs_context *fc, const char *path, const struct sysargs *a)
{
    (void)a;
    return fs_rmdir(fc, path);
}

int64_t sys_rmdir(const struct sysargs *a)
{
    return one_path(a, rmdir_path);
}

static int unlink_path(struct fs_context *fc, const char *path, const struct sysargs *a)
{
    (void)a;
    return fs_unlink(fc, path);
}

int64_t sys_unlink(const struct sysargs *a)
{
    return one_path(a, unlink_path);
}

int64_t sys_link(const struct sysargs *a)
{
    return two_paths(a, fs_link);
}

int64_t sys_symlink(const struct sysargs *a)
{
    return two_paths(a, fs_symlink);
}

int64_t sys_rename(const struct sysargs *a)
{
    return two_paths(a, fs_rename);
}

static int readlink_path(struct fs_context *fc, const char *path, const struct sysargs *a)
{
    size_t len = MIN(a->v[2], (uint64_t)ABI_PATH_MAX);
    char *buf;
    if (a->v[2] == 0 || a->v[2] > INT64_MAX)
        return -EINVAL;
    buf = kalloc(len);
    if (!buf)
        return -ENOMEM;
    long n = fs_readlink(fc, path, buf, len);
    if (n > 0) {
        int err = copy_to_user(a->v[1], buf, n);
        n = err ? err : n;
    }
    kfree(buf);
    return n;
}

int64_t sys_readlink(const struct sysargs *a)
{
    return one_path(a, readlink_path);
}

static int chdir_path(struct fs_context *fc, const char *path, const struct sysargs *a)
{
    (void)a;
    return fs_chdir(fc, path);
}

int64_t sys_chdir(const struct sysargs *a)
{
    return one_path(a, chdir_path);
}

int64_t sys_getcwd(const struct sysargs *a)
{
    size_t len = MIN(a->v[1], (uint64_t)ABI_PATH_MAX);
    if (len == 0)
        return -EINVAL;
    char *buf = kalloc(ABI_PATH_MAX);
    if (!buf)
        return -ENOMEM;
    int64_t n = fs_getcwd(context(), buf, len);
    if (n > 0) {
        int err = copy_to_user(a->v[0], buf, n);
        n = err ? err : n;
    }
    kfree(buf);
    return n;
}

static int mknod_path(struct fs_context *fc, const char *path, const struct sysargs *a)
{
    return fs_mknod(fc, path, (uint32_t)a->v[1], a->v[2]);
}

int64_t sys_mknod(const struct sysargs *a)
{
    return one_path(a, mknod_path);
}

static int chmod_path(struct fs_context *fc, const char *path, const struct sysargs *a)
{
    return fs_chmod(fc, path, (uint32_t)a->v[1]);
}

int64_t sys_chmod(const struct sysargs *a)
{
    return one_path(a, chmod_path);
}

static int statfs_path(struct fs_context *fc, const char *path, const struct sysargs *a)
{
    struct abi_statfs st = {0};
    int err = fs_statfs(fc, path, &st);
    return err ? err : copy_to_user(a->v[1], &st, sizeof(st));
}

int64_t sys_statfs(const struct sysargs *a)
{
    return one_path(a, statfs_path);
}

/* Two special values of nsec, picolibc's UTIME_NOW and UTIME_OMIT. */
enum { TIME_IS_NOW = -2, TIME_IS_KEPT = -1 };

/* Checks a time; *use becomes what fs_utimens() wants: NULL for now, INT64_MIN seconds to keep it.
 */
static int decode_time(struct abi_timespec *ts, const struct abi_timespec **use)
{
    *use = ts;
    if (ts->nsec == TIME_IS_NOW)
        *use = NULL;
    else if (ts->nsec == TIME_IS_KEPT)
        ts->sec = INT64_MIN;
    else if (ts->nsec < 0 || ts->nsec >= 1000000000)
        return -EINVAL;
    return 0;
}

static int utimens_path(struct fs_context *fc, const char *path, const struct sysargs *a)
{
    struct abi_timespec times[2];
    const struct abi_timespec *atime = NULL, *mtime = NULL;
    if (a->v[1]) {
        int err = copy_from_user(times, a->v[1], sizeof(times));
        if (!err)
            err = decode_time(&times[0], &atime);
        if (!err)
            err = decode_time(&times[1], &mtime);
        if (err)
            return err;
    }
    return fs_utimens(fc, path, atime, mtime);
}

int64_t sys_utimens(const struct sysargs *a)
{
    return one_path(a, utimens_path);
}

int64_t sys_umask(const struct sysargs *a)
{
    return __atomic_exchange_n(&context()->umask, (uint32_t)a->v[0] & 0777, __ATOMIC_RELAXED);
}
