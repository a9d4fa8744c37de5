/*
 * posix_file.c - files and descriptors: the kernel's calls with errno.
 *
 * Names that the kernel has under another shape are made here: stat and lstat from one call,
 * access from the mode bits (there is one user), creat, readv and writev from the plain ones.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>
#include <utime.h>

#include "internal.h"

int open(const char *path, int flags, ...)
{
    unsigned mode = 0;

    if (flags & O_CREAT) {
        va_list args;

        va_start(args, flags);
        mode = va_arg(args, unsigned);
        va_end(args);
    }
    return (int)check(sys_open(path, flags, mode));
}

int creat(const char *path, mode_t mode)
{
    return open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
}

int close(int fd)
{
    return (int)check(sys_close(fd));
}

ssize_t read(int fd, void *buf, size_t len)
{
    return check(sys_read(fd, buf, len));
}

ssize_t write(int fd, const void *buf, size_t len)
{
    return check(sys_write(fd, buf, len));
}

ssize_t pread(int fd, void *buf, size_t len, off_t offset)
{
    return check(sys_pread(fd, buf, len, offset));
}

ssize_t pwrite(int fd, const void *buf, size_t len, off_t offset)
{
    return check(sys_pwrite(fd, buf, len, offset));
}

ssize_t readv(int fd, const struct iovec *iov, int count)
{
    ssize_t total = 0;

    for (int i = 0; i < count; i++) {
        ssize_t n = read(fd, iov[i].iov_base, iov[i].iov_len);

        if (n < 0)
            return total ? total : -1;
        total += n;
        if ((size_t)n < iov[i].iov_len)
            break;
    }
    return total;
}

ssize_t writev(int fd, const struct iovec *iov, int count)
{
    ssize_t total = 0;

    for (int i = 0; i < count; i++) {
        ssize_t n = write(fd, iov[i].iov_base, iov[i].iov_len);

        if (n < 0)
            return total ? total : -1;
        total += n;
        if ((size_t)n < iov[i].iov_len)
            break;
    }
    return total;
}

off_t lseek(int fd, off_t offset, int whence)
{
    return check(sys_lseek(fd, offset, whence));
}

static struct timespec time_from(struct abi_timespec t)
{
    return (struct timespec){.tv_sec = t.sec, .tv_nsec = (long)t.nsec};
}

static int stat_from(long result, const struct abi_stat *a, struct stat *st)
{
    if (check(result) < 0)
        return -1;
    *st = (struct stat){
        .st_dev = a->dev,
        .st_ino = a->ino,
        .st_mode = a->mode,
        .st_nlink = a->nlink,
        .st_uid = a->uid,
        .st_gid = a->gid,
        .st_rdev = a->rdev,
        .st_size = a->size,
        .st_blksize = a->blksize,
        .st_blocks = (blkcnt_t)a->blocks,
        .st_atim = time_from(a->atime),
        .st_mtim = time_from(a->mtime),
        .st_ctim = time_from(a->ctime),
    };
    return 0;
}

int fstat(int fd, struct stat *st)
{
    struct abi_stat a;

    return stat_from(sys_fstat(fd, &a), &a, st);
}

int stat(const char *path, struct stat *st)
{
    struct abi_stat a;

    return stat_from(sys_stat(path, &a, 0), &a, st);
}

int lstat(const char *path, struct stat *st)
{
    struct abi_stat a;

    return stat_from(sys_stat(path, &a, 1), &a, st);
}

int access(const char *path, int how)
{
    struct stat st;
    mode_t need = (how & R_OK ? 0444 : 0) | (how & W_OK ? 0222 : 0);

    if (stat(path, &st))
        return -1;
    if ((how & R_OK && !(st.st_mode & 0444)) || (how & W_OK && !(st.st_mode & need & 0222)) ||
        (how & X_OK && !(st.st_mode & 0111)))
        return fail(EACCES);
    return 0;
}

int ftruncate(int fd, off_t len)
{
    return (int)check(sys_ftruncate(fd, len));
}

int truncate(const char *path, off_t len)
{
    return (int)check(sys_truncate(path, len));
}

int dup(int fd)
{
    return (int)check(sys_dup(fd));
}

/* dup2() of a descriptor to itself returns it; dup3() refuses that. */
int dup2(int from, int to)
{
    if (from == to)
        return check(sys_fcntl(from, F_GETFD, 0)) < 0 ? -1 : to;
    return (int)check(sys_dup3(from, to, 0));
}

int dup3(int from, int to, int flags)
{
    return (int)check(sys_dup3(from, to, flags));
}

int fcntl(int fd, int cmd, ...)
{
    va_list args;
    uint64_t arg;

    va_start(args, cmd);
    arg = va_arg(args, uint64_t);
    va_end(args);
    return (int)check(sys_fcntl(fd, cmd, arg));
}

int ioctl(int fd, unsigned long request, ...)
{
    va_list args;
    uint64_t arg;

    va_start(args, request);
    arg = va_arg(args, uint64_t);
    va_end(args);
    return (int)check(sys_ioctl(fd, request, arg));
}

int pipe(int fds[2])
{
    return (int)check(sys_pipe2(fds, 0));
}

int pipe2(int fds[2], int flags)
{
    return (int)check(sys_pipe2(fds, flags));
}

int poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
    int64_t ns = timeout_ms < 0 ? -1 : timeout_ms * 1000000ll;

    return (int)check(sys_poll((struct abi_pollfd *)fds, count, ns));
}

int link(const char *from, const char *to)
{
    return (int)check(sys_link(from, to));
}

int symlink(const char *target, const char *path)
{
    return (int)check(sys_symlink(target, path));
}

ssize_t readlink(const char *path, char *buf, size_t len)
{
    return check(sys_readlink(path, buf, len));
}

int unlink(const char *path)
{
    return (int)check(sys_unlink(path));
}

int remove(const char *path)
{
    if (unlink(path) == 0)
        return 0;
    return errno == EISDIR || errno == EPERM ? rmdir(path) : -1;
}

int rename(const char *from, const char *to)
{
    return (int)check(sys_rename(from, to));
}

int mkdir(const char *path, mode_t mode)
{
    return (int)check(sys_mkdir(path, mode));
}

int rmdir(const char *path)
{
    return (int)check(sys_rmdir(path));
}

int mknod(const char *path, mode_t mode, dev_t dev)
{
    return (int)check(sys_mknod(path, mode, dev));
}

int mkfifo(const char *path, mode_t mode)
{
    return mknod(path, S_IFIFO | mode, 0);
}

int chmod(const char *path, mode_t mode)
{
    return (int)check(sys_chmod(path, mode));
}

mode_t umask(mode_t mask)
{
    return (mode_t)sys_umask(mask);
}

void sync(void)
{
    sys_sync();
}

int fsync(int fd)
{
    return (int)check(sys_fsync(fd));
}

int fdatasync(int fd)
{
    return fsync(fd);
}

int utimens(const char *path, const struct timespec times[2])
{
    struct abi_timespec a[2];

    if (!times)
        return (int)check(sys_utimens(path, NULL));
    for (int i = 0; i < 2; i++)
        a[i] = (struct abi_timespec){times[i].tv_sec, times[i].tv_nsec};
    return (int)check(sys_utimens(path, a));
}

int utimes(const char *path, const struct timeval times[2])
{
    struct timespec t[2];

    if (!times)
        return utimens(path, NULL);
    for (int i = 0; i < 2; i++)
        t[i] = (struct timespec){times[i].tv_sec, times[i].tv_usec * 1000};
    return utimens(path, t);
}

int utime(const char *path, const struct utimbuf *times)
{
    struct timespec t[2];

    if (!times)
        return utimens(path, NULL);
    t[0] = (struct timespec){times->actime, 0};
    t[1] = (struct timespec){times->modtime, 0};
    return utimens(path, t);
}

int statfs(const char *path, struct abi_statfs *st)
{
    return (int)check(sys_statfs(path, st));
}

int statvfs(const char *path, struct statvfs *st)
{
    struct abi_statfs a;

    if (statfs(path, &a))
        return -1;
    *st = (struct statvfs){
        .f_bsize = a.block_size,
        .f_frsize = a.block_size,
        .f_blocks = a.blocks,
        .f_bfree = a.blocks_free,
        .f_bavail = a.blocks_free,
        .f_files = a.inodes,
        .f_ffree = a.inodes_free,
        .f_favail = a.inodes_free,
        .f_flag = a.read_only ? ST_RDONLY : 0,
        .f_namemax = a.name_max,
    };
    return 0;
}
