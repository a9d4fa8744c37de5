/*
 * fs.h - what files look like at the system call border: flags, stat, directory entries.
 *
 * Numbers are picolibc's (<fcntl.h>, <sys/stat.h>) where it has the name, so that the user
 * library passes them through.
 */
#ifndef ABI_FS_H
#define ABI_FS_H

#include <stdint.h>

enum {
    ABI_O_RDONLY = 0,
    ABI_O_WRONLY = 1,
    ABI_O_RDWR = 2,
    ABI_O_ACCMODE = 3,
    ABI_O_CREAT = 0x40,
    ABI_O_TRUNC = 0x200,
    ABI_O_APPEND = 0x400,
    ABI_O_EXCL = 0x800,
    ABI_O_SYNC = 0x2000,
    ABI_O_NONBLOCK = 0x4000,
    ABI_O_NOCTTY = 0x8000,
    ABI_O_CLOEXEC = 0x40000,
    ABI_O_DIRECT = 0x80000, /* past the page cache; only a pager's file handle has it */
    ABI_O_NOFOLLOW = 0x100000,
    ABI_O_DIRECTORY = 0x200000,

    ABI_FD_CLOEXEC = 1,
    ABI_F_DUPFD = 0,
    ABI_F_GETFD = 1,
    ABI_F_SETFD = 2,
    ABI_F_GETFL = 3,
    ABI_F_SETFL = 4,
    ABI_F_DUPFD_CLOEXEC = 14,

    ABI_SEEK_SET = 0,
    ABI_SEEK_CUR = 1,
    ABI_SEEK_END = 2,

    ABI_S_IFMT = 0170000,
    ABI_S_IFIFO = 0010000,
    ABI_S_IFCHR = 0020000,
    ABI_S_IFDIR = 0040000,
    ABI_S_IFBLK = 0060000,
    ABI_S_IFREG = 0100000,
    ABI_S_IFLNK = 0120000,

    ABI_NAME_MAX = 255,   /* bytes in one name, without the NUL */
    ABI_PATH_MAX = 4096,  /* bytes in a path, with the NUL */
    ABI_SYMLOOP_MAX = 8,  /* symbolic links followed in one lookup */
    ABI_PIPE_BUF = 4096,  /* a write of up to this many bytes to a pipe is atomic */
    ABI_OPEN_MAX = 65536, /* descriptors in one process */
    ABI_IOV_MAX = 1024,
};

/* Device numbers of character devices: major << 8 | minor, as mknod takes them. */
enum {
    ABI_DEV_NULL = 1 << 8 | 3,
    ABI_DEV_ZERO = 1 << 8 | 5,
    ABI_DEV_CONSOLE = 5 << 8 | 1,
};

struct abi_timespec {
    int64_t sec;
    int64_t nsec; /* 0 to 999,999,999 */
};

struct abi_stat {
    uint64_t dev;
    uint64_t ino;
    uint32_t mode; /* ABI_S_IF* and permission bits */
    uint32_t nlink;
    uint32_t uid;
    uint32_t gid;
    uint64_t rdev; /* of a device: ABI_DEV_* */
    int64_t size;
    uint32_t blksize;
    uint32_t reserved;
    uint64_t blocks; /* of 512 bytes */
    struct abi_timespec atime;
    struct abi_timespec mtime;
    struct abi_timespec ctime;
};
_Static_assert(sizeof(struct abi_stat) == 112, "abi_stat");

/*
 * getdents() fills a buffer with these, each padded to 8 bytes. `next` is the cookie with which
 * lseek(fd, next, SEEK_SET) makes the following getdents() begin after this entry.
 */
struct abi_dirent {
    uint64_t ino;
    int64_t next;
    uint16_t reclen; /* of this record, padding included */
    uint8_t type;    /* ABI_S_IF* >> 12 (Linux's DT_*); 0: unknown */
    uint8_t namelen;
    char name[]; /* NUL-terminated */
};

struct abi_statfs {
    uint64_t block_size;
    uint64_t blocks, blocks_free;
    uint64_t inodes, inodes_free;
    uint32_t name_max;
    uint32_t read_only; /* 1: writes are refused, EROFS */
    char device[16];
    char type[16];
};
_Static_assert(sizeof(struct abi_statfs) == 80, "abi_statfs");

enum {
    ABI_POLLIN = 1,
    ABI_POLLPRI = 2,
    ABI_POLLOUT = 4,
    ABI_POLLERR = 8,
    ABI_POLLHUP = 16,
    ABI_POLLNVAL = 32
};

struct abi_pollfd {
    int32_t fd; /* negative: ignored */
    int16_t events;
    int16_t revents;
};
_Static_assert(sizeof(struct abi_pollfd) == 8, "abi_pollfd");

/* ioctl requests of the console. */
enum {
    ABI_TCGETPGRP = 0x5401, /* arg: address of an int64_t */
    ABI_TCSETPGRP = 0x5402, /* arg: address of an int64_t */
    ABI_TCGETMODE = 0x5403, /* arg: address of a uint32_t of ABI_TTY_* */
    ABI_TCSETMODE = 0x5404, /* arg: address of a uint32_t of ABI_TTY_* */
    ABI_FIONREAD = 0x541b,  /* arg: address of an int32_t */
    ABI_TTY_CANON = 1,      /* line editing */
    ABI_TTY_ECHO = 2,
    ABI_TTY_ISIG = 4, /* ^C sends SIGINT to the foreground group */
};

#endif
