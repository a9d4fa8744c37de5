/*
 * dir.c - read() of a directory: the kernel's records (getdents) as 16-byte entries.
 *
 * Nothing is kept between two reads: the cookie of the entry given out becomes the offset of the
 * descriptor, so dup() and fork() share the position as with any file. `inum` is the low 16 bits
 * of the inode number; where these are 0, 0xffff, since 0 would say that the entry is free.
 */
#include "kernel/fs.h"
#include "user/user.h"
#include "raw.h"

enum { RECORD_MAX = sizeof(struct abi_dirent) + ABI_NAME_MAX + 1 + 7 };

static void make_entry(struct dirent *to, const struct abi_dirent *from)
{
    size_t n = from->namelen < DIRSIZ ? from->namelen : DIRSIZ;

    memset(to, 0, sizeof(*to));
    to->inum = (ushort)from->ino ? (ushort)from->ino : 0xffff;
    memmove(to->name, from->name, n);
}

/* 1: an entry; 0: the end; -1. */
static int read_entry(int fd, struct dirent *out)
{
    char batch[RECORD_MAX] __attribute__((aligned(8)));
    const struct abi_dirent *first = (const void *)batch;
    long have = sc_getdents(fd, batch, sizeof(batch));

    if (have <= 0)
        return have < 0 ? -1 : 0;
    if (!xv6_writable(out))
        return -1;
    make_entry(out, first);
    if (have > first->reclen && sc_lseek(fd, first->next, ABI_SEEK_SET) < 0)
        return -1;
    return 1;
}

long xv6_read_dir(int fd, void *buf, int n)
{
    struct dirent *out = buf;
    int want = n / (int)sizeof(*out), got = 0, r = 1;

    if (n < 0 || (n > 0 && want == 0))
        return -1;
    while (got < want && r == 1) {
        r = read_entry(fd, &out[got]);
        if (r < 0)
            return -1;
        got += r;
    }
    return got * (long)sizeof(*out);
}
