/*
 * devfile.c - character devices as open files: console, null, zero.
 *
 * Joins dev/console.h, which knows kernel buffers only, with user memory: bytes pass through a
 * small buffer on the stack. The file keeps the inode that it was opened by, for fstat(). No lock
 * of its own; console_source is notified by the console's input hook.
 */
#include "fs/devfile.h"

#include "abi/errno.h"
#include "dev/console.h"
#include "fs/ext2.h"
#include "lib/types.h"
#include "sched/sched.h"
#include "vm/uaccess.h"

enum { BOUNCE = 512 };

static struct poll_source console_source = POLL_SOURCE_INIT(console_source);

void devfile_console_ready(void)
{
    poll_notify(&console_source);
}

static long console_file_read(struct file *f, uint64_t uaddr, size_t len, int64_t *offset)
{
    char buf[BOUNCE];
    (void)offset;
    if (len == 0)
        return 0;
    /* Touched first, so that a bad address does not swallow a line. */
    int err = user_prefault(uaddr, MIN(len, sizeof(buf)), true);
    if (err)
        return err;
    long n = console_read(buf, MIN(len, sizeof(buf)), (file_flags(f) & ABI_O_NONBLOCK) != 0);
    if (n > 0) {
        err = copy_to_user(uaddr, buf, n);
        if (err)
            return err;
    }
    return n;
}

static long console_file_write(struct file *f, uint64_t uaddr, size_t len, int64_t *offset)
{
    char buf[BOUNCE];
    size_t done = 0;
    (void)f;
    (void)offset;
    while (done < len) {
        size_t n = MIN(len - done, sizeof(buf));
        long result = copy_from_user(buf, uaddr + done, n);
        if (!result)
            result = console_write(buf, n);
        if (result < 0)
            return done ? (long)done : result;
        done += result;
        if ((size_t)result < n)
            break;
        preempt_point();
    }
    return done;
}

static int console_file_poll(struct file *f, struct poll_table *pt)
{
    (void)f;
    poll_register(pt, &console_source);
    return console_poll();
}

static long console_file_ioctl(struct file *f, uint64_t request, uint64_t arg)
{
    uint64_t word;
    uint32_t mode;
    int err;
    (void)f;
    switch (request) {
    case ABI_TCGETPGRP:
        return put_user_u64(arg, console_get_pgrp());
    case ABI_TCSETPGRP:
        err = get_user_u64(arg, &word);
        if (err)
            return err;
        if ((int64_t)word <= 0 || word > INT32_MAX)
            return -EINVAL;
        console_set_pgrp(word);
        return 0;
    case ABI_TCGETMODE:
        return put_user_u32(arg, console_get_mode());
    case ABI_TCSETMODE:
        err = get_user_u32(arg, &mode);
        if (err)
            return err;
        if (mode & ~(uint32_t)(ABI_TTY_CANON | ABI_TTY_ECHO | ABI_TTY_ISIG))
            return -EINVAL;
        console_set_mode(mode);
        return 0;
    case ABI_FIONREAD:
        return put_user_u32(arg, console_input_pending());
    default:
        return -ENOTTY;
    }
}

static long null_read(struct file *f, uint64_t uaddr, size_t len, int64_t *offset)
{
    (void)f;
    (void)uaddr;
    (void)len;
    (void)offset;
    return 0;
}

static long null_write(struct file *f, uint64_t uaddr, size_t len, int64_t *offset)
{
    (void)f;
    (void)uaddr;
    (void)offset;
    return len;
}

/* null and zero can be sought to anywhere; it means nothing. */
static int64_t null_seek(struct file *f, int64_t from, int64_t offset, int whence)
{
    (void)f;
    (void)from;
    (void)offset;
    return whence >= ABI_SEEK_SET && whence <= ABI_SEEK_END ? 0 : -EINVAL;
}

static long zero_read(struct file *f, uint64_t uaddr, size_t len, int64_t *offset)
{
    size_t done = 0;
    (void)f;
    (void)offset;
    while (done < len) {
        size_t n = MIN(len - done, (size_t)65536);
        int err = clear_user(uaddr + done, n);
        if (err)
            return done ? (long)done : err;
        done += n;
        preempt_point();
    }
    return done;
}

static int dev_stat(struct file *f, struct abi_stat *st)
{
    ext2_getattr(f->data, st);
    return 0;
}

static void dev_close(struct file *f)
{
    inode_put(f->data);
}

static const struct file_ops console_ops = {
    .read = console_file_read,
    .write = console_file_write,
    .stat = dev_stat,
    .ioctl = console_file_ioctl,
    .poll = console_file_poll,
    .close = dev_close,
};

static const struct file_ops null_ops = {
    .read = null_read,
    .write = null_write,
    .seek = null_seek,
    .stat = dev_stat,
    .close = dev_close,
};

static const struct file_ops zero_ops = {
    .read = zero_read,
    .write = null_write,
    .seek = null_seek,
    .stat = dev_stat,
    .close = dev_close,
};

static const struct {
    uint64_t rdev;
    const struct file_ops *ops;
} devices[] = {
    {ABI_DEV_CONSOLE, &console_ops},
    {ABI_DEV_NULL, &null_ops},
    {ABI_DEV_ZERO, &zero_ops},
};

int devfile_open(uint64_t rdev, struct inode *inode, uint32_t flags, struct file **out)
{
    for (unsigned i = 0; i < ARRAY_SIZE(devices); i++) {
        if (devices[i].rdev != rdev)
            continue;
        struct file *f = file_create(devices[i].ops, inode, flags);
        if (!f)
            return -ENOMEM;
        *out = f;
        return 0;
    }
    return -ENXIO;
}
