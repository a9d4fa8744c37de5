/*
 * t_files.c - files, directories, pipes and poll at the system call border, with their errors.
 *
 * Works in a directory of its own under /tmp, which it removes. Each test is a function; the first
 * wrong value prints its place and both values and ends the program with 1. Last line: "t_files:
 * ok".
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define DIR_NAME "/tmp/t_files"
#define BAD      bad_address

static void *volatile bad_address = (void *)0x10; /* never mapped */

static void check_equal(int line, const char *what, long got, long want)
{
    if (got == want)
        return;
    printf("t_files: line %d: %s: got %ld, want %ld (errno %d)\n", line, what, got, want, errno);
    exit(1);
}

#define EQ(got, want) check_equal(__LINE__, #got, (long)(got), (long)(want))
/* The call fails with this errno. */
#define FAILS(call, number)                                                                        \
    do {                                                                                           \
        errno = 0;                                                                                 \
        check_equal(__LINE__, #call, (long)(call), -1);                                            \
        check_equal(__LINE__, #call " errno", errno, number);                                      \
    } while (0)

static int make_file(const char *name, const char *text)
{
    int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0644);
    EQ(fd >= 0, 1);
    EQ(write(fd, text, strlen(text)), strlen(text));
    return fd;
}

static void pattern(char *buf, size_t len, unsigned seed)
{
    for (size_t i = 0; i < len; i++)
        buf[i] = (char)((i + seed) * 2654435761u >> 13);
}

static void test_open(void)
{
    char name[300];
    memset(name, 'n', sizeof(name));
    name[299] = 0;
    FAILS(open("none", O_RDONLY), ENOENT);
    FAILS(open("", O_RDONLY), ENOENT);
    FAILS(open(BAD, O_RDONLY), EFAULT);
    FAILS(open(name, O_RDWR | O_CREAT, 0644), ENAMETOOLONG);
    FAILS(open("/", O_RDWR), EISDIR);
    FAILS(open("x", O_RDONLY | O_DIRECTORY), ENOENT);
    int fd = make_file("a", "hello");
    FAILS(open("a", O_RDWR | O_CREAT | O_EXCL, 0644), EEXIST);
    FAILS(open("a/b", O_RDONLY), ENOTDIR);
    FAILS(open("a/", O_RDONLY), ENOTDIR);
    FAILS(open("a", O_RDONLY | O_DIRECTORY), ENOTDIR);
    EQ(close(fd), 0);
    FAILS(close(fd), EBADF);
    FAILS(close(-1), EBADF);
    EQ(open("a", O_RDONLY), fd);
    FAILS(write(fd, "x", 1), EBADF);
    FAILS(ftruncate(fd, 1), EINVAL);
    EQ(close(fd), 0);
    EQ(open("a", O_WRONLY), fd);
    char c;
    FAILS(read(fd, &c, 1), EBADF);
    EQ(close(fd), 0);
    EQ(unlink("a"), 0);
}

static void test_read_write(void)
{
    char buf[100];
    int fd = make_file("rw", "0123456789");
    EQ(lseek(fd, 0, SEEK_CUR), 10);
    EQ(read(fd, buf, 10), 0);
    EQ(lseek(fd, 2, SEEK_SET), 2);
    EQ(read(fd, buf, 100), 8);
    EQ(memcmp(buf, "23456789", 8), 0);
    EQ(lseek(fd, -3, SEEK_END), 7);
    EQ(write(fd, "abc", 3), 3);
    EQ(pread(fd, buf, 100, 0), 10);
    EQ(memcmp(buf, "0123456abc", 10), 0);
    EQ(pwrite(fd, "ZZ", 2, 12), 2);
    EQ(lseek(fd, 0, SEEK_END), 14);
    EQ(pread(fd, buf, 100, 8), 6);
    EQ(memcmp(buf, "bc\0\0ZZ", 6), 0);
    FAILS(lseek(fd, -1, SEEK_SET), EINVAL);
    FAILS(lseek(fd, 0, 7), EINVAL);
    FAILS(pread(fd, buf, 1, -1), EINVAL);
    FAILS(read(fd, buf, (size_t)-1), EINVAL);
    EQ(lseek(fd, 0, SEEK_SET), 0);
    FAILS(read(fd, BAD, 4), EFAULT);
    FAILS(write(fd, BAD, 4), EFAULT);
    EQ(lseek(fd, 0, SEEK_CUR), 0);
    FAILS(pwrite(fd, "x", 1, INT64_MAX - 1), EFBIG);
    EQ(close(fd), 0);
    EQ(unlink("rw"), 0);
}

enum { BIG = 300000 };

static void test_big(void)
{
    static char out[BIG], in[BIG];
    pattern(out, BIG, 1);
    int fd = open("big", O_RDWR | O_CREAT | O_TRUNC, 0600);
    EQ(write(fd, out, BIG), BIG);
    EQ(fsync(fd), 0);
    EQ(pread(fd, in, BIG, 0), BIG);
    EQ(memcmp(in, out, BIG), 0);
    for (int i = 0; i < 200; i++) { /* odd pieces over each other */
        size_t at = (size_t)i * 7919 % (BIG - 9000), len = (size_t)i * 331 % 9000;
        pattern(out + at, len, (unsigned)i);
        EQ(pwrite(fd, out + at, len, (off_t)at), len);
    }
    EQ(pread(fd, in, BIG, 0), BIG);
    EQ(memcmp(in, out, BIG), 0);
    EQ(ftruncate(fd, 5000), 0);
    EQ(ftruncate(fd, 20000), 0);
    EQ(pread(fd, in, BIG, 0), 20000);
    EQ(memcmp(in, out, 5000), 0);
    for (int i = 5000; i < 20000; i++)
        EQ(in[i], 0);
    EQ(close(fd), 0);
    EQ(unlink("big"), 0);
}

static void test_sparse(void)
{
    struct stat st;
    char buf[16];
    int fd = open("sparse", O_RDWR | O_CREAT, 0600);
    EQ(pwrite(fd, "end", 3, 3000000), 3);
    EQ(fsync(fd), 0);
    EQ(fstat(fd, &st), 0);
    EQ(st.st_size, 3000003);
    EQ(st.st_blocks < 100, 1);
    EQ(pread(fd, buf, 16, 1500000), 16);
    EQ(memcmp(buf, "\0\0\0\0\0\0\0\0", 8), 0);
    EQ(pwrite(fd, "mid", 3, 1500001), 3);
    EQ(pread(fd, buf, 5, 1500000), 5);
    EQ(memcmp(buf, "\0mid\0", 5), 0);
    FAILS(ftruncate(fd, -1), EINVAL);
    FAILS(ftruncate(fd, INT64_MAX), EFBIG);
    EQ(close(fd), 0);
    EQ(truncate("sparse", 10), 0);
    EQ(stat("sparse", &st), 0);
    EQ(st.st_size, 10);
    EQ(unlink("sparse"), 0);
}

enum { WRITERS = 4, RECORDS = 25, RECORD = 6000 };

static void append_child(int who)
{
    static char buf[RECORD];
    memset(buf, 'A' + who, RECORD);
    int fd = open("log", O_WRONLY | O_APPEND);
    for (int i = 0; i < RECORDS; i++)
        EQ(write(fd, buf, RECORD), RECORD);
    _exit(0);
}

/* Records of several processes stay whole. */
static void test_append(void)
{
    static char buf[RECORD];
    int status, count[WRITERS] = {0};
    int fd = make_file("log", "");
    for (int i = 0; i < WRITERS; i++) {
        if (fork() == 0)
            append_child(i);
    }
    for (int i = 0; i < WRITERS; i++) {
        EQ(wait(&status) > 0, 1);
        EQ(status, 0);
    }
    for (int i = 0; i < WRITERS * RECORDS; i++) {
        EQ(pread(fd, buf, RECORD, (off_t)i * RECORD), RECORD);
        for (int k = 1; k < RECORD; k++)
            EQ(buf[k], buf[0]);
        count[buf[0] - 'A']++;
    }
    for (int i = 0; i < WRITERS; i++)
        EQ(count[i], RECORDS);
    EQ(lseek(fd, 0, SEEK_END), (long)WRITERS * RECORDS * RECORD);
    EQ(close(fd), 0);
    EQ(unlink("log"), 0);
}

static void test_descriptors(void)
{
    int fd = make_file("d", "abc"), two, three;
    char c;
    EQ((two = dup(fd)) > fd, 1);
    EQ(lseek(fd, 1, SEEK_SET), 1);
    EQ(read(two, &c, 1), 1);
    EQ(c, 'b');
    EQ(lseek(fd, 0, SEEK_CUR), 2);
    EQ(dup2(fd, 100), 100);
    EQ(fcntl(100, F_GETFD), 0);
    EQ(fcntl(100, F_SETFD, FD_CLOEXEC), 0);
    EQ(fcntl(100, F_GETFD), FD_CLOEXEC);
    EQ((three = fcntl(fd, F_DUPFD, 200)), 200);
    FAILS(fcntl(fd, F_DUPFD, -1), EINVAL);
    FAILS(fcntl(fd, 77, 0), EINVAL);
    FAILS(dup(55), EBADF);
    FAILS(dup2(55, 3), EBADF);
    FAILS(dup2(fd, -1), EBADF);
    FAILS(dup2(fd, 1 << 20), EBADF);
    EQ(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDWR);
    EQ(fcntl(fd, F_SETFL, O_APPEND), 0);
    EQ(fcntl(two, F_GETFL) & O_APPEND, O_APPEND);
    EQ(lseek(fd, 0, SEEK_SET), 0);
    EQ(write(fd, "d", 1), 1);
    EQ(lseek(fd, 0, SEEK_CUR), 4);
    EQ(close(fd) | close(two) | close(100) | close(three), 0);
    EQ(unlink("d"), 0);
}

static void test_names(void)
{
    struct stat st, st2;
    char buf[300];
    EQ(mkdir("sub", 0755), 0);
    FAILS(mkdir("sub", 0755), EEXIST);
    FAILS(mkdir("no/sub", 0755), ENOENT);
    EQ(close(make_file("sub/f", "text")), 0);
    FAILS(rmdir("sub"), ENOTEMPTY);
    FAILS(rmdir("sub/f"), ENOTDIR);
    FAILS(unlink("sub/f/"), ENOTDIR);
    EQ(unlink("sub") == -1 && (errno == EISDIR || errno == EPERM), 1);
    EQ(link("sub/f", "g"), 0);
    EQ(stat("g", &st), 0);
    EQ(stat("sub/f", &st2), 0);
    EQ(st.st_ino, st2.st_ino);
    EQ(st.st_nlink, 2);
    FAILS(link("sub/f", "g"), EEXIST);
    FAILS(link("none", "h"), ENOENT);
    FAILS(link("sub", "h"), EPERM);
    EQ(symlink("sub/f", "s"), 0);
    EQ(readlink("s", buf, sizeof(buf)), 5);
    EQ(memcmp(buf, "sub/f", 5), 0);
    FAILS(readlink("g", buf, sizeof(buf)), EINVAL);
    EQ(lstat("s", &st), 0);
    EQ(S_ISLNK(st.st_mode), 1);
    EQ(stat("s", &st), 0);
    EQ(st.st_ino, st2.st_ino);
    FAILS(open("s", O_RDONLY | O_NOFOLLOW), ELOOP);
    EQ(symlink("loop", "loop"), 0);
    FAILS(stat("loop", &st), ELOOP);
    EQ(symlink("made", "dangling"), 0);
    FAILS(open("dangling", O_RDONLY), ENOENT);
    FAILS(open("dangling", O_RDWR | O_CREAT | O_EXCL, 0600), EEXIST);
    EQ(close(open("dangling", O_RDWR | O_CREAT, 0600)), 0);
    EQ(unlink("made"), 0);
    EQ(rename("g", "h"), 0);
    FAILS(stat("g", &st), ENOENT);
    EQ(rename("h", "sub/f"), 0); /* the same file: both names stay */
    EQ(rename("sub", "sub2"), 0);
    FAILS(rename("sub2", "sub2/x"), EINVAL);
    EQ(stat("sub2/f", &st), 0);
    EQ(chmod("sub2/f", 0400), 0);
    EQ(stat("sub2/f", &st), 0);
    EQ(st.st_mode & 07777, 0400);
    FAILS(stat(BAD, &st), EFAULT);
    EQ(unlink("h") | unlink("s") | unlink("loop") | unlink("dangling") | unlink("sub2/f"), 0);
    EQ(rmdir("sub2"), 0);
}

static void test_directories(void)
{
    char name[32], cwd[300];
    int seen = 0;
    EQ(mkdir("many", 0755), 0);
    EQ(chdir("many"), 0);
    EQ(strcmp(getcwd(cwd, sizeof(cwd)), DIR_NAME "/many"), 0);
    EQ(getcwd(cwd, 5) == NULL, 1);
    EQ(errno, ERANGE);
    for (int i = 0; i < 300; i++) {
        sprintf(name, "file-number-%d", i);
        EQ(close(make_file(name, "")), 0);
    }
    DIR *d = opendir(".");
    EQ(d != NULL, 1);
    for (struct dirent *e; (e = readdir(d));)
        seen++;
    EQ(seen, 302);
    EQ(closedir(d), 0);
    int fd = open(".", O_RDONLY);
    FAILS(read(fd, cwd, 10), EISDIR);
    EQ(close(fd), 0);
    for (int i = 0; i < 300; i++) {
        sprintf(name, "file-number-%d", i);
        EQ(unlink(name), 0);
    }
    EQ(chdir(".."), 0);
    EQ(rmdir("many"), 0);
    FAILS(chdir("many"), ENOENT);
    EQ(chdir("/"), 0);
    EQ(strcmp(getcwd(cwd, sizeof(cwd)), "/"), 0);
    EQ(chdir(DIR_NAME), 0);
}

/* The name goes, the file stays as long as it is open. */
static void test_unlinked(void)
{
    char buf[8];
    struct stat st;
    int fd = make_file("gone", "still");
    EQ(unlink("gone"), 0);
    FAILS(stat("gone", &st), ENOENT);
    EQ(pread(fd, buf, 8, 0), 5);
    EQ(pwrite(fd, "more", 4, 5), 4);
    EQ(fstat(fd, &st), 0);
    EQ(st.st_size, 9);
    EQ(st.st_nlink, 0);
    EQ(close(fd), 0);
}

enum { STREAM = 500000 };

static void test_pipe(void)
{
    static char out[STREAM], in[STREAM];
    int p[2], status;
    FAILS(pipe((int *)BAD), EFAULT);
    EQ(pipe(p), 0);
    FAILS(lseek(p[0], 0, SEEK_SET), ESPIPE);
    FAILS(pread(p[0], in, 1, 0), ESPIPE);
    FAILS(write(p[0], "x", 1), EBADF);
    FAILS(read(p[1], in, 1), EBADF);
    pattern(out, STREAM, 5);
    if (fork() == 0) {
        close(p[0]);
        for (size_t at = 0, len = 1; at < STREAM; at += len, len = len * 3 % 70001 + 1) {
            len = len > STREAM - at ? STREAM - at : len;
            EQ(write(p[1], out + at, len), len);
        }
        _exit(0);
    }
    EQ(close(p[1]), 0);
    size_t got = 0;
    for (long n; (n = read(p[0], in + got, 9001)) > 0;)
        got += (size_t)n;
    EQ(got, STREAM);
    EQ(memcmp(in, out, STREAM), 0);
    EQ(close(p[0]), 0);
    EQ(wait(&status) > 0 && status == 0, 1);
}

static void test_broken_pipe(void)
{
    int p[2], status;
    EQ(pipe(p), 0);
    EQ(close(p[0]), 0);
    if (fork() == 0) {
        (void)!write(p[1], "x", 1);
        _exit(0);
    }
    EQ(wait(&status) > 0, 1);
    EQ(WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE, 1);
    signal(SIGPIPE, SIG_IGN);
    FAILS(write(p[1], "x", 1), EPIPE);
    signal(SIGPIPE, SIG_DFL);
    EQ(close(p[1]), 0);
}

static void test_nonblock_poll(void)
{
    static char buf[65536];
    int p[2], n;
    EQ(pipe2(p, O_NONBLOCK), 0);
    struct pollfd set[3] = {{.fd = p[0], .events = POLLIN},
                            {.fd = p[1], .events = POLLOUT},
                            {.fd = 99, .events = POLLIN}};
    FAILS(read(p[0], buf, 1), EAGAIN);
    EQ(poll(set, 2, 0), 1);
    EQ(set[0].revents, 0);
    EQ(set[1].revents, POLLOUT);
    EQ(write(p[1], buf, 65536), 65536);
    FAILS(write(p[1], buf, 1), EAGAIN);
    EQ(poll(set, 3, 0), 2);
    EQ(set[0].revents, POLLIN);
    EQ(set[1].revents, 0);
    EQ(set[2].revents, POLLNVAL);
    EQ(ioctl(p[0], FIONREAD, &n), 0);
    EQ(n, 65536);
    EQ(read(p[0], buf, 65536), 65536);
    EQ(poll(set, 1, 20), 0);
    if (fork() == 0) {
        usleep(30000);
        (void)!write(p[1], "x", 1);
        _exit(0);
    }
    EQ(poll(set, 1, 5000), 1);
    EQ(wait(NULL) > 0, 1);
    EQ(close(p[1]), 0);
    EQ(read(p[0], buf, 10), 1);
    EQ(poll(set, 1, 5000), 1);
    EQ(set[0].revents, POLLHUP);
    EQ(read(p[0], buf, 10), 0);
    EQ(close(p[0]), 0);
}

static void test_devices(void)
{
    char buf[5000];
    struct stat st;
    int fd = open("/dev/zero", O_RDWR);
    memset(buf, 1, sizeof(buf));
    EQ(read(fd, buf, sizeof(buf)), sizeof(buf));
    EQ(buf[0] | buf[4999], 0);
    EQ(write(fd, buf, 7), 7);
    FAILS(read(fd, BAD, 1), EFAULT);
    EQ(fstat(fd, &st), 0);
    EQ(S_ISCHR(st.st_mode), 1);
    EQ(close(fd), 0);
    fd = open("/dev/null", O_RDWR);
    EQ(read(fd, buf, 10), 0);
    EQ(write(fd, buf, 10), 10);
    EQ(close(fd), 0);
    EQ(mknod("dev", S_IFCHR | 0600, 99 << 8), 0);
    FAILS(open("dev", O_RDONLY), ENXIO);
    EQ(unlink("dev"), 0);
}

int main(void)
{
    static void (*const tests[])(void) = {
        test_open,        test_read_write,    test_big,         test_sparse,   test_append,
        test_descriptors, test_names,         test_directories, test_unlinked, test_pipe,
        test_broken_pipe, test_nonblock_poll, test_devices,
    };
    (void)rmdir(DIR_NAME);
    EQ(mkdir(DIR_NAME, 0755), 0);
    EQ(chdir(DIR_NAME), 0);
    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
        tests[i]();
    EQ(chdir("/"), 0);
    EQ(rmdir(DIR_NAME), 0);
    printf("t_files: ok\n");
    return 0;
}
