/*
 * sys_fs.c - system calls on descriptors; those that take paths are in sys_path.c.
 *
 * Decode, find the file, one call down, encode. Errors in this order: the descriptor (-EBADF), the
 * other arguments (-EINVAL), then what the file says. A write that nobody will read also sends
 * SIGPIPE: the file floor knows no signals.
 */
#include "abi/errno.h"
#include "abi/fs.h"
#include "abi/proc.h"
#include "arch/riscv/time.h"
#include "fs/fdtable.h"
#include "fs/pipe.h"
#include "fs/vnode.h"
#include "lib/types.h"
#include "mem/kalloc.h"
#include "proc/process.h"
#include "proc/signal.h"
#include "syscall/syscall.h"
#include "vm/uaccess.h"

static struct fdtable *fds(void)
{
    return &current_process()->fds;
}

/* The file of a register that holds an int descriptor, referenced; NULL: -EBADF. */
static struct file *get_file(uint64_t fd)
{
    return fdtable_get(fds(), (int)fd);
}

/* Installs a file or gives it back. */
static int64_t install(struct file *f, int min, bool cloexec)
{
    int fd = fdtable_install(fds(), f, min, cloexec);
    if (fd < 0)
        file_put(f);
    return fd;
}

int64_t sys_close(const struct sysargs *a)
{
    return fdtable_close(fds(), (int)a->v[0]);
}

/* --- bytes --- */

static int64_t transfer(const struct sysargs *a, long (*fn)(struct file *, uint64_t, size_t))
{
    struct file *f = get_file(a->v[0]);
    if (!f)
        return -EBADF;
    int64_t n = a->v[2] > INT64_MAX ? -EINVAL : fn(f, a->v[1], a->v[2]);
    file_put(f);
    if (n == -EPIPE)
        (void)signal_send(current_process(), ABI_SIGPIPE, current_process()->pid);
    return n;
}

static int64_t transfer_at(const struct sysargs *a,
                           long (*fn)(struct file *, uint64_t, size_t, int64_t))
{
    struct file *f = get_file(a->v[0]);
    if (!f)
        return -EBADF;
    int64_t n = a->v[2] > INT64_MAX ? -EINVAL : fn(f, a->v[1], a->v[2], (int64_t)a->v[3]);
    file_put(f);
    return n;
}

int64_t sys_read(const struct sysargs *a)
{
    return transfer(a, file_read);
}

int64_t sys_write(const struct sysargs *a)
{
    return transfer(a, file_write);
}

int64_t sys_pread(const struct sysargs *a)
{
    return transfer_at(a, file_pread);
}

int64_t sys_pwrite(const struct sysargs *a)
{
    return transfer_at(a, file_pwrite);
}

int64_t sys_lseek(const struct sysargs *a)
{
    struct file *f = get_file(a->v[0]);
    if (!f)
        return -EBADF;
    int64_t at = file_seek(f, (int64_t)a->v[1], (int)a->v[2]);
    file_put(f);
    return at;
}

int64_t sys_getdents(const struct sysargs *a)
{
    struct file *f = get_file(a->v[0]);
    if (!f)
        return -EBADF;
    int64_t n = a->v[2] > INT64_MAX ? -EINVAL : file_getdents(f, a->v[1], a->v[2]);
    file_put(f);
    return n;
}

/* --- the file itself --- */

int64_t sys_fstat(const struct sysargs *a)
{
    struct abi_stat st = {0};
    struct file *f = get_file(a->v[0]);
    if (!f)
        return -EBADF;
    int err = file_stat(f, &st);
    file_put(f);
    return err ? err : copy_to_user(a->v[1], &st, sizeof(st));
}

int64_t sys_ftruncate(const struct sysargs *a)
{
    struct file *f = get_file(a->v[0]);
    if (!f)
        return -EBADF;
    int64_t len = (int64_t)a->v[1];
    int err = -EINVAL;
    if (len >= 0 && file_writable(f) && f->ops->truncate)
        err = f->ops->truncate(f, len);
    file_put(f);
    return err;
}

int64_t sys_fsync(const struct sysargs *a)
{
    struct file *f = get_file(a->v[0]);
    if (!f)
        return -EBADF;
    int err = f->ops->sync ? f->ops->sync(f) : -EINVAL;
    file_put(f);
    return err;
}

int64_t sys_ioctl(const struct sysargs *a)
{
    struct file *f = get_file(a->v[0]);
    if (!f)
        return -EBADF;
    int64_t result = f->ops->ioctl ? f->ops->ioctl(f, a->v[1], a->v[2]) : -ENOTTY;
    file_put(f);
    return result;
}

int64_t sys_fchdir(const struct sysargs *a)
{
    struct file *f = get_file(a->v[0]);
    if (!f)
        return -EBADF;
    int err = fs_fchdir(&current_process()->fs, f);
    file_put(f);
    return err;
}

int64_t sys_sync(const struct sysargs *a)
{
    (void)a;
    return fs_sync();
}

/* --- descriptors --- */

int64_t sys_dup(const struct sysargs *a)
{
    struct file *f = get_file(a->v[0]);
    return f ? install(f, 0, false) : -EBADF;
}

int64_t sys_dup3(const struct sysargs *a)
{
    int flags = (int)a->v[2], to = (int)a->v[1];
    if (flags & ~ABI_O_CLOEXEC)
        return -EINVAL;
    struct file *f = get_file(a->v[0]);
    if (!f)
        return -EBADF;
    int fd = -EINVAL;
    if (to != (int)a->v[0])
        fd = fdtable_install_at(fds(), f, to, (flags & ABI_O_CLOEXEC) != 0);
    if (fd < 0)
        file_put(f);
    return fd;
}

/* F_DUPFD and its kin: takes over the reference. */
static int64_t dup_above(struct file *f, uint64_t min, bool cloexec)
{
    if ((int)min < 0 || (int)min >= ABI_OPEN_MAX) {
        file_put(f);
        return -EINVAL;
    }
    return install(f, (int)min, cloexec);
}

int64_t sys_fcntl(const struct sysargs *a)
{
    int fd = (int)a->v[0], cmd = (int)a->v[1];
    int64_t result = 0;
    struct file *f = get_file(a->v[0]);
    if (!f)
        return -EBADF;
    switch (cmd) {
    case ABI_F_DUPFD:
    case ABI_F_DUPFD_CLOEXEC:
        return dup_above(f, a->v[2], cmd == ABI_F_DUPFD_CLOEXEC);
    case ABI_F_GETFD:
        result = fdtable_get_cloexec(fds(), fd); /* 1 is ABI_FD_CLOEXEC */
        break;
    case ABI_F_SETFD:
        result = fdtable_set_cloexec(fds(), fd, (a->v[2] & ABI_FD_CLOEXEC) != 0);
        break;
    case ABI_F_GETFL:
        result = file_flags(f);
        break;
    case ABI_F_SETFL:
        file_set_flags(f, (uint32_t)a->v[2]);
        break;
    default:
        result = -EINVAL;
    }
    file_put(f);
    return result;
}

int64_t sys_pipe2(const struct sysargs *a)
{
    struct file *r, *w;
    int flags = (int)a->v[1];
    bool cloexec = (flags & ABI_O_CLOEXEC) != 0;
    int32_t pair[2];
    if (flags & ~(ABI_O_CLOEXEC | ABI_O_NONBLOCK))
        return -EINVAL;
    int err = pipe_create(flags, &r, &w);
    if (err)
        return err;
    pair[0] = install(r, 0, cloexec);
    pair[1] = pair[0] < 0 ? pair[0] : install(w, 0, cloexec);
    if (pair[0] < 0)
        file_put(w);
    err = pair[1] < 0 ? pair[1] : copy_to_user(a->v[0], pair, sizeof(pair));
    if (!err)
        return 0;
    if (pair[0] >= 0)
        (void)fdtable_close(fds(), pair[0]);
    if (pair[1] >= 0)
        (void)fdtable_close(fds(), pair[1]);
    return err;
}

/* --- poll --- */

/* Looks the descriptors up; one that is not open has its answer already. */
static void find_polled(struct abi_pollfd *set, struct file **files, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        files[i] = set[i].fd < 0 ? NULL : fdtable_get(fds(), set[i].fd);
        set[i].revents = set[i].fd >= 0 && !files[i] ? ABI_POLLNVAL : 0;
    }
}

static int64_t poll_set(struct abi_pollfd *set, struct file **files, unsigned n, int64_t timeout_ns)
{
    uint64_t deadline = timeout_ns < 0 ? TIME_NEVER : time_after_ns(timeout_ns);
    find_polled(set, files, n);
    int64_t ready = poll_files(files, set, n, timeout_ns == 0 ? 0 : deadline);
    for (unsigned i = 0; i < n; i++) {
        if (files[i])
            file_put(files[i]);
    }
    return ready;
}

int64_t sys_poll(const struct sysargs *a)
{
    uint64_t n = a->v[1];
    if (n > ABI_OPEN_MAX)
        return -EINVAL;
    struct abi_pollfd *set = kalloc((n + 1) * sizeof(*set));
    struct file **files = kalloc((n + 1) * sizeof(struct file *));
    int64_t result = set && files ? 0 : -ENOMEM;
    if (!result)
        result = copy_from_user(set, a->v[0], n * sizeof(*set));
    if (!result)
        result = poll_set(set, files, n, (int64_t)a->v[2]);
    if (result >= 0) {
        int err = copy_to_user(a->v[0], set, n * sizeof(*set));
        result = err ? err : result;
    }
    kfree(set);
    kfree(files);
    return result;
}
