/*
 * calls.c - the calls of course programs that are about files.
 *
 * Each is a system call of this kernel with its errors reduced to -1. Addresses go to the
 * kernel as they are, which judges them; the library looks at a path only when the kernel has found
 * it readable and not found the file (path.c says what is tried then).
 */
#include "kernel/fcntl.h"
#include "kernel/file.h"
#include "kernel/stat.h"
#include "kernel/syscall.h"
#include "user/user.h"
#include "raw.h"

#define SAME(ours, name) _Static_assert(SYS_##ours == sc_number_##name, #ours)
enum {
#define SYSCALL(number, name, nargs, type, params) sc_number_##name = number,
#include "abi/syscall.def"
#undef SYSCALL
};
SAME(exit, exit);
SAME(fork, fork);
SAME(exec, execve);
SAME(wait, waitpid);
SAME(kill, kill);
SAME(getpid, getpid);
SAME(sleep, nanosleep);
SAME(uptime, clock_gettime);
SAME(open, open);
SAME(close, close);
SAME(read, read);
SAME(write, write);
SAME(fstat, fstat);
SAME(dup, dup);
SAME(pipe, pipe2);
SAME(mkdir, mkdir);
SAME(unlink, unlink);
SAME(link, link);
SAME(chdir, chdir);
SAME(mknod, mknod);
SAME(mmap, mmap);
SAME(munmap, munmap);
SAME(sbrk, sbrk);
_Static_assert(O_CREATE == ABI_O_CREAT && O_TRUNC == ABI_O_TRUNC && O_APPEND == ABI_O_APPEND &&
                   O_NOFOLLOW == ABI_O_NOFOLLOW && O_RDWR == ABI_O_RDWR,
               "kernel/fcntl.h");
_Static_assert(MAP_SHARED == ABI_MAP_SHARED && MAP_PRIVATE == ABI_MAP_PRIVATE, "kernel/fcntl.h");

/* open() of a file that exists: as named, with short names, or as a program. */
static long open_present(const char *path, int flags)
{
    char other[ABI_PATH_MAX];
    long fd = sc_open(path, flags, 0);

    if (fd == -ENOENT && xv6_path_cut(path, other))
        fd = sc_open(other, flags, 0);
    if (fd == -ENOENT && flags == O_RDONLY && xv6_path_program(path, other))
        fd = sc_open(other, flags, 0);
    return fd;
}

int open(const char *path, int flags)
{
    char other[ABI_PATH_MAX];
    long fd;

    if (!(flags & O_CREATE))
        return xv6_result(open_present(path, flags));
    if (!xv6_readable(path))
        return -1;
    if (!xv6_path_cut_last(path, other))
        fd = sc_open(path, flags, 0666);
    else if ((fd = sc_open(path, flags & ~O_CREATE, 0)) == -ENOENT)
        fd = sc_open(other, flags, 0666);
    if (fd == -ENOENT && xv6_path_cut(path, other))
        fd = sc_open(other, flags, 0666);
    return xv6_result(fd);
}

int close(int fd)
{
    return xv6_result(sc_close(fd));
}

int read(int fd, void *buf, int n)
{
    long r = sc_read(fd, buf, (size_t)(long)n);

    if (r == -EISDIR)
        r = xv6_read_dir(fd, buf, n);
    return xv6_result(r);
}

int write(int fd, const void *buf, int n)
{
    return xv6_result(sc_write(fd, buf, (size_t)(long)n));
}

int dup(int fd)
{
    return xv6_result(sc_dup(fd));
}

int pipe(int *fds)
{
    return xv6_result(sc_pipe2(fds, 0));
}

static void make_stat(struct stat *to, const struct abi_stat *from)
{
    uint32_t kind = from->mode & ABI_S_IFMT;

    to->dev = (int)from->dev;
    to->ino = (unsigned)from->ino;
    to->type = kind == ABI_S_IFDIR   ? T_DIR
               : kind == ABI_S_IFREG ? T_FILE
               : kind == ABI_S_IFLNK ? T_SYMLINK
                                     : T_DEVICE;
    to->nlink = (short)from->nlink;
    to->size = (unsigned long)from->size;
}

int fstat(int fd, struct stat *st)
{
    struct abi_stat s;

    if (sc_fstat(fd, &s) < 0 || !xv6_writable(st))
        return -1;
    make_stat(st, &s);
    return 0;
}

int stat(const char *path, struct stat *st)
{
    char other[ABI_PATH_MAX];
    struct abi_stat s;
    long r = sc_stat(path, &s, 0);

    if (r == -ENOENT && xv6_path_cut(path, other))
        r = sc_stat(other, &s, 0);
    if (r == -ENOENT && xv6_path_program(path, other))
        r = sc_stat(other, &s, 0);
    if (r < 0 || !xv6_writable(st))
        return -1;
    make_stat(st, &s);
    return 0;
}

int mkdir(const char *path)
{
    char other[ABI_PATH_MAX];
    struct abi_stat s;
    long r;

    if (!xv6_readable(path))
        return -1;
    if (!xv6_path_cut_last(path, other))
        r = sc_mkdir(path, 0777);
    else if (sc_stat(path, &s, 0) == 0)
        r = -EEXIST;
    else
        r = sc_mkdir(other, 0777);
    if (r == -ENOENT && xv6_path_cut(path, other))
        r = sc_mkdir(other, 0777);
    return xv6_result(r);
}

int mknod(const char *path, short major, short minor)
{
    uint64_t dev = (uint64_t)(uint16_t)major << 8 | (uint8_t)minor;

    /* the console is (1, 0) in most courses; (1, 3) and (1, 5) are this kernel's null and zero */
    if (minor == 0 && (major == 1 || major == CONSOLE))
        dev = ABI_DEV_CONSOLE;
    return xv6_result(sc_mknod(path, ABI_S_IFCHR | 0666, dev));
}

/* Directories too, when they are empty. */
static long unlink_any(const char *path)
{
    long r = sc_unlink(path);

    return r == -EISDIR || r == -EPERM ? sc_rmdir(path) : r;
}

int unlink(const char *path)
{
    char other[ABI_PATH_MAX];
    long r = unlink_any(path);

    if (r == -ENOENT && xv6_path_cut(path, other))
        r = unlink_any(other);
    return xv6_result(r);
}

int link(const char *from, const char *to)
{
    char other[ABI_PATH_MAX];

    if (!xv6_readable(to))
        return -1;
    if (xv6_path_cut_last(to, other))
        to = other;
    return xv6_result(sc_link(from, to));
}

int symlink(const char *target, const char *path)
{
    return xv6_result(sc_symlink(target, path));
}

int chdir(const char *path)
{
    char other[ABI_PATH_MAX];
    long r = sc_chdir(path);

    if (r == -ENOENT && xv6_path_cut(path, other))
        r = sc_chdir(other);
    return xv6_result(r);
}
