/*
 * t_syscall_errors.c - raw system calls of files, descriptors, pagers and the machine: each error.
 *
 * Raw stubs, so that what is compared is the kernel's own result. What the calls do when nothing is
 * wrong is tested in t_files.c, t_pager.c and their like.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <duality/sys.h>

#include "abi/fs.h"
#include "abi/info.h"
#include "abi/msg.h"
#include "abi/pager.h"
#include "check.h"

#define DIR   "/t_err.d"
#define FILE_ DIR "/file"

static char long_name[300], long_path[5000];
static struct abi_stat st;
static char buf[64];

static int fd_file, fd_wo, fd_dir, fd_pipe[2], fd_null, fd_console;

static int setup(void)
{
    memset(long_name, 'n', sizeof(long_name) - 1);
    long_name[0] = '/';
    for (size_t i = 0; i < sizeof(long_path) - 2; i += 2)
        memcpy(long_path + i, "/.", 2);
    sys_mkdir(DIR, 0755);
    fd_file = (int)sys_open(FILE_, O_RDONLY | O_CREAT, 0644);
    fd_wo = (int)sys_open(FILE_, O_WRONLY, 0);
    fd_dir = (int)sys_open(DIR, O_RDONLY, 0);
    fd_null = (int)sys_open("/dev/null", O_RDWR, 0);
    fd_console = (int)sys_open("/dev/console", O_RDWR, 0);
    return fd_file < 0 || fd_wo < 0 || fd_dir < 0 || fd_null < 0 || fd_console < 0 ||
           sys_pipe2(fd_pipe, 0);
}

static long raw(long number, long a0, long a1, long a2)
{
    register long r0 __asm__("a0") = a0;
    register long r1 __asm__("a1") = a1;
    register long r2 __asm__("a2") = a2;
    register long r7 __asm__("a7") = number;

    __asm__ volatile("ecall" : "+r"(r0) : "r"(r1), "r"(r2), "r"(r7) : "memory");
    return r0;
}

TEST(unknown_numbers)
{
    static const long number[] = {0, 27, 65, 79, 92, 109, 113, 127, 128, 129, 4096, -1, INT64_MIN};

    for (size_t i = 0; i < sizeof(number) / sizeof(number[0]); i++)
        CHECK_RAW(raw(number[i], 1, 2, 3), ENOSYS);
}

/* Every call, called with nonsense, comes back or ends the caller; the kernel stays. */
TEST(nonsense)
{
    static const uint64_t value[] = {
        0, 1, 2, 16, 4095, ~0ul, 1000, 1ul << 63, 0x4000000000, 0xffffffc080200000, ~0ul >> 1};
    static const int skip[] = {SYS_poweroff, SYS_alarm, SYS_nanosleep, SYS_sync,
                               SYS_kcheck,   SYS_fork,  SYS_sigsuspend};

    for (int number = 1; number < SYS_LIMIT; number++) {
        int skipped = 0;
        for (size_t k = 0; k < sizeof(skip) / sizeof(skip[0]); k++)
            skipped |= number == skip[k];
        for (size_t k = 0; k < 12 && !skipped; k++)
            IN_CHILD({
                setsid();
                sys_alarm(50000000);
                for (int i = 0; i < 3; i++)
                    sys_close(i);
                for (size_t i = 0; i < 11; i++)
                    if (number != SYS_kill)
                        raw(number, (long)value[(i + k) % 11], (long)value[(i * 3 + k) % 11],
                            (long)value[(i * 7 + k) % 11]);
            });
    }
}

TEST(bad_descriptors)
{
    static const int bad[] = {-1, 999, ABI_OPEN_MAX, INT32_MAX, INT32_MIN};
    struct abi_msg m;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        int fd = bad[i];
        CHECK_RAW(sys_close(fd), EBADF);
        CHECK_RAW(sys_read(fd, buf, 1), EBADF);
        CHECK_RAW(sys_write(fd, buf, 1), EBADF);
        CHECK_RAW(sys_pread(fd, buf, 1, 0), EBADF);
        CHECK_RAW(sys_pwrite(fd, buf, 1, 0), EBADF);
        CHECK_RAW(sys_lseek(fd, 0, 0), EBADF);
        CHECK_RAW(sys_fstat(fd, &st), EBADF);
        CHECK_RAW(sys_ftruncate(fd, 0), EBADF);
        CHECK_RAW(sys_dup(fd), EBADF);
        CHECK_RAW(sys_dup3(fd, 5, 0), EBADF);
        CHECK_RAW(sys_fcntl(fd, ABI_F_GETFD, 0), EBADF);
        CHECK_RAW(sys_ioctl(fd, ABI_TCGETMODE, 0), EBADF);
        CHECK_RAW(sys_getdents(fd, buf, 64), EBADF);
        CHECK_RAW(sys_fsync(fd), EBADF);
        CHECK_RAW(sys_fchdir(fd), EBADF);
        CHECK_RAW(sys_channel_call(fd, &m, 0, &m, 0, 0), EBADF);
        if (fd != 999)
            CHECK_RAW(sys_dup3(fd_null, fd, 0), EBADF);
    }
}

TEST(wrong_mode)
{
    CHECK_RAW(sys_write(fd_file, buf, 1), EBADF);
    CHECK_RAW(sys_pwrite(fd_file, buf, 1, 0), EBADF);
    CHECK_RAW(sys_read(fd_wo, buf, 1), EBADF);
    CHECK_RAW(sys_pread(fd_wo, buf, 1, 0), EBADF);
    CHECK_RAW(sys_write(fd_pipe[0], buf, 1), EBADF);
    CHECK_RAW(sys_read(fd_pipe[1], buf, 1), EBADF);
    CHECK_RAW(sys_ftruncate(fd_file, 0), EINVAL);
}

TEST(wrong_kind)
{
    CHECK_RAW(sys_read(fd_dir, buf, 64), EISDIR);
    CHECK_RAW(sys_getdents(fd_file, buf, 64), ENOTDIR);
    CHECK_RAW(sys_lseek(fd_pipe[0], 0, 0), ESPIPE);
    CHECK_RAW(sys_pread(fd_pipe[0], buf, 1, 0), ESPIPE);
    CHECK_RAW(sys_pwrite(fd_pipe[1], buf, 1, 0), ESPIPE);
    CHECK_RAW(sys_ioctl(fd_file, ABI_TCGETMODE, (uintptr_t)buf), ENOTTY);
    CHECK_RAW(sys_ioctl(fd_null, ABI_TCGETMODE, (uintptr_t)buf), ENOTTY);
    CHECK_RAW(sys_ftruncate(fd_pipe[1], 0), EINVAL);
    CHECK_RAW(sys_fchdir(fd_file), ENOTDIR);
    CHECK_RAW(sys_fsync(fd_pipe[1]), EINVAL);
}

TEST(bad_values)
{
    CHECK_RAW(sys_lseek(fd_file, 0, 3), EINVAL);
    CHECK_RAW(sys_lseek(fd_file, -1, SEEK_SET), EINVAL);
    CHECK_RAW(sys_pread(fd_file, buf, 1, -1), EINVAL);
    CHECK_RAW(sys_pwrite(fd_wo, buf, 1, -1), EINVAL);
    CHECK_RAW(sys_ftruncate(fd_wo, -1), EINVAL);
    CHECK_RAW(sys_read(fd_file, buf, ~0ul), EINVAL);
    CHECK_RAW(sys_write(fd_wo, buf, ~0ul), EINVAL);
    CHECK_RAW(sys_dup3(fd_null, fd_null, 0), EINVAL);
    CHECK_RAW(sys_dup3(fd_null, 5, 1), EINVAL);
    CHECK_RAW(sys_fcntl(fd_null, 77, 0), EINVAL);
    CHECK_RAW(sys_fcntl(fd_null, ABI_F_DUPFD, ABI_OPEN_MAX), EINVAL);
    CHECK_RAW(sys_fcntl(fd_null, ABI_F_DUPFD, ~0ul), EINVAL);
    CHECK_RAW(sys_pipe2(fd_pipe, 1), EINVAL);
    CHECK_RAW(sys_getdents(fd_dir, buf, 4), EINVAL);
    CHECK_RAW(sys_poll(NULL, ABI_OPEN_MAX + 1, 0), EINVAL);
    CHECK_RAW(sys_truncate(FILE_, -1), EINVAL);
}

TEST(bad_buffers)
{
    int at;
    uint64_t high = 0xffffffc080200000;

    CHECK_EQ(sys_pwrite(fd_wo, "0123456789", 10, 0), 10);
    CHECK_RAW(sys_read(fd_file, wild(16), 1), EFAULT);
    CHECK_RAW(sys_read(fd_file, wild(high), 1), EFAULT);
    CHECK_RAW(sys_pread(fd_file, wild(16), 1, 0), EFAULT);
    CHECK_RAW(sys_write(fd_wo, wild(16), 1), EFAULT);
    CHECK_RAW(sys_write(fd_wo, wild(high), 1), EFAULT);
    CHECK_RAW(sys_pwrite(fd_wo, wild(16), 1, 0), EFAULT);
    CHECK_RAW(sys_write(fd_console, wild(16), 1), EFAULT);
    CHECK_RAW(sys_fstat(fd_file, wild(16)), EFAULT);
    CHECK_RAW(sys_fstat(fd_file, wild(high)), EFAULT);
    CHECK_RAW(sys_stat(FILE_, wild(16), 0), EFAULT);
    CHECK_RAW(sys_getdents(fd_dir, wild(16), 64), EFAULT);
    at = (int)sys_dup(fd_null);
    CHECK_EQ(sys_close(at), 0);
    CHECK_RAW(sys_pipe2(wild(16), 0), EFAULT);
    CHECK_EQ(sys_dup(fd_null), at); /* the pipe's descriptors were given back */
    CHECK_EQ(sys_close(at), 0);
    CHECK_RAW(sys_poll(wild(16), 1, 0), EFAULT);
    CHECK_RAW(sys_statfs("/", wild(16)), EFAULT);
    CHECK_RAW(sys_getcwd(wild(16), 100), EFAULT);
    CHECK_RAW(sys_readlink("/t_err.d/link", wild(16), 10), ENOENT);
    CHECK_RAW(sys_ioctl(fd_console, ABI_TCGETMODE, 16), EFAULT);
    CHECK_RAW(sys_ioctl(fd_console, ABI_TCSETMODE, 16), EFAULT);
    CHECK_RAW(sys_ioctl(fd_console, 99, 16), ENOTTY);
}

/* Calls with one path: what a bad path gives in all of them. */
#define EACH_PATH(path, number)                                                                    \
    do {                                                                                           \
        CHECK_RAW(sys_open(path, O_RDONLY, 0), number);                                            \
        CHECK_RAW(sys_stat(path, &st, 0), number);                                                 \
        CHECK_RAW(sys_stat(path, &st, 1), number);                                                 \
        CHECK_RAW(sys_truncate(path, 0), number);                                                  \
        CHECK_RAW(sys_unlink(path), number);                                                       \
        CHECK_RAW(sys_rmdir(path), number);                                                        \
        CHECK_RAW(sys_readlink(path, buf, sizeof(buf)), number);                                   \
        CHECK_RAW(sys_chdir(path), number);                                                        \
        CHECK_RAW(sys_chmod(path, 0644), number);                                                  \
        CHECK_RAW(sys_utimens(path, NULL), number);                                                \
        CHECK_RAW(sys_statfs(path, (void *)&fs), number);                                          \
        CHECK_RAW(sys_link(path, DIR "/x"), number);                                               \
        CHECK_RAW(sys_rename(path, DIR "/x"), number);                                             \
    } while (0)

TEST(bad_paths)
{
    struct abi_statfs fs;

    EACH_PATH("/no/such/file", ENOENT);
    EACH_PATH(DIR "/none", ENOENT);
    EACH_PATH("", ENOENT);
    EACH_PATH(FILE_ "/x", ENOTDIR);
    EACH_PATH(long_name, ENAMETOOLONG);
    EACH_PATH(long_path, ENAMETOOLONG);
    EACH_PATH(wild(16), EFAULT);
    EACH_PATH(wild(0xffffffc080200000), EFAULT);
}

TEST(bad_paths_of_makers)
{
    static const struct {
        const char *path;
        int number;
    } row[] = {
        {"/no/such", ENOENT},      {FILE_ "/x", ENOTDIR},     {FILE_, EEXIST}, {"", ENOENT},
        {long_name, ENAMETOOLONG}, {long_path, ENAMETOOLONG}, {DIR, EEXIST},   {"/", EEXIST}};

    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        CHECK_RAW(sys_mkdir(row[i].path, 0755), row[i].number);
        CHECK_RAW(sys_symlink("t", row[i].path), row[i].number);
        CHECK_RAW(sys_link(FILE_, row[i].path), row[i].number);
        CHECK_RAW(sys_mknod(row[i].path, S_IFCHR | 0666, ABI_DEV_NULL), row[i].number);
        CHECK_RAW(sys_open(row[i].path, O_CREAT | O_EXCL | O_RDWR, 0644), row[i].number);
    }
    CHECK_RAW(sys_mkdir(wild(16), 0), EFAULT);
    CHECK_RAW(sys_symlink(wild(16), DIR "/x"), EFAULT);
    CHECK_RAW(sys_symlink("", DIR "/x"), ENOENT);
    CHECK_RAW(sys_link(FILE_, wild(16)), EFAULT);
    CHECK_RAW(sys_rename(FILE_, wild(16)), EFAULT);
}

TEST(directories_and_links)
{
    CHECK_RAW(sys_open(DIR, O_RDWR, 0), EISDIR);
    CHECK_RAW(sys_open(DIR, O_WRONLY | O_CREAT, 0644), EISDIR);
    CHECK_RAW(sys_open(FILE_, O_RDONLY | O_DIRECTORY, 0), ENOTDIR);
    CHECK_RAW(sys_open(FILE_, 3, 0), EINVAL);
    CHECK_RAW(sys_truncate(DIR, 0), EISDIR);
    CHECK_RAW(sys_unlink(DIR), EISDIR);
    CHECK_RAW(sys_rmdir(DIR), ENOTEMPTY);
    CHECK_RAW(sys_rmdir(FILE_), ENOTDIR);
    CHECK_RAW(sys_rmdir("/"), EBUSY);
    CHECK_RAW(sys_rmdir(DIR "/."), EINVAL);
    CHECK_RAW(sys_chdir(FILE_), ENOTDIR);
    CHECK_RAW(sys_link(DIR, DIR "/x"), EPERM);
    CHECK_RAW(sys_readlink(FILE_, buf, sizeof(buf)), EINVAL);
    CHECK_RAW(sys_rename(DIR, DIR "/sub"), EINVAL);
    CHECK_RAW(sys_rename(DIR, "/bin/echo"), ENOTDIR);
    CHECK_RAW(sys_rename(FILE_, "/bin"), EISDIR);
    CHECK_EQ(sys_symlink("loop", DIR "/loop"), 0);
    CHECK_RAW(sys_open(DIR "/loop", O_RDONLY, 0), ELOOP);
    CHECK_RAW(sys_open(DIR "/loop", O_RDONLY | O_NOFOLLOW, 0), ELOOP);
    CHECK_EQ(sys_unlink(DIR "/loop"), 0);
    CHECK_RAW(sys_getcwd(buf, 0), EINVAL);
    CHECK_RAW(sys_getcwd(buf, 1), ERANGE);
}

TEST(too_many_files)
{
    CHECK_EQ(IN_CHILD({
                 long fd = 0;
                 for (int i = 0; i < ABI_OPEN_MAX + 1 && fd >= 0; i++)
                     fd = sys_dup(fd_null);
                 _exit(fd == -EMFILE || fd == -ENOMEM ? 0 : 1);
             }),
             0);
}

/* --- pagers --- */

TEST(pager_errors)
{
    struct abi_msg m = {.op = PAGER_HELLO, .word = {PAGER_VERSION}};
    size_t window = 4ul * PAGER_RUN_MAX * 4096;
    int s = (int)sys_pager_open(PAGER_OPEN_FILE, 4);

    if (s == -EBUSY)
        return; /* pagerd runs: t_pager.c sees to this */
    CHECK(s >= 0);
    CHECK_RAW(sys_pager_open(PAGER_OPEN_FILE, 4), EBUSY);
    CHECK_RAW(sys_pager_open(~0u, 4), EINVAL);
    CHECK_RAW(sys_pager_open(0, PAGER_SLOTS_MAX + 1), EINVAL);
    CHECK_RAW(sys_channel_call(s, &m, 65, &m, 1, 0), EINVAL);
    CHECK_RAW(sys_channel_call(s, &m, 1, &m, 65, 0), EINVAL);
    CHECK_RAW(sys_channel_call(s, wild(16), 1, &m, 1, 0), EFAULT);
    CHECK_RAW(sys_channel_call(s, &m, 1, wild(16), 1, 0), EFAULT);
    CHECK_RAW(sys_channel_call(fd_null, &m, 1, &m, 1, 0), EINVAL);
    CHECK_RAW(sys_read(s, buf, 1), EINVAL);
    CHECK_RAW((long)sys_mmap(NULL, 4096, PROT_READ, MAP_SHARED, s, 0), EINVAL);
    CHECK_RAW((long)sys_mmap(NULL, window, PROT_READ, MAP_PRIVATE, s, 0), EINVAL);
    CHECK_EQ(IN_CHILD(_exit(sys_close(s) == -EBADF ? 0 : 1)), 0);
    CHECK_RAW(sys_channel_call(s, &m, 0, &m, 1, 0), EPROTO);
    CHECK((long)sys_mmap(NULL, window, PROT_READ | PROT_WRITE, MAP_SHARED, s, 0) > 0);
    CHECK_EQ(sys_channel_call(s, &m, 1, &m, 1, 0), 1);
    CHECK_EQ(m.op, PAGER_WELCOME);
    CHECK_EQ(m.status, 0);
    CHECK_RAW(sys_channel_call(s, &m, 0, &m, 1, 1000000), ETIMEDOUT);
    CHECK_EQ(sys_channel_call(s, &m, 0, &m, 0, 0), 0);
    CHECK_EQ(sys_close(s), 0);
    s = (int)sys_pager_open(PAGER_OPEN_FILE, 4);
    CHECK(s >= 0);
    CHECK_EQ(sys_close(s), 0);
}

/* --- information --- */

TEST(sysinfo_errors)
{
    static char big[65536];
    struct info_system sys;

    CHECK_RAW(sys_sysinfo(99, 0, big, sizeof(big)), EINVAL);
    CHECK_RAW(sys_sysinfo(0, 0, big, sizeof(big)), EINVAL);
    CHECK_RAW(sys_sysinfo(INFO_MEMORY, 0, wild(16), 96), EFAULT);
    CHECK_RAW(sys_sysinfo(INFO_MEMORY, 0, big, 10), EINVAL);
    CHECK_RAW(sys_sysinfo(INFO_REGIONS, 99998, big, sizeof(big)), ESRCH);
    CHECK_RAW(sys_sysinfo(INFO_REGIONS, getpid(), big, 96), E2BIG);
    CHECK(sys_sysinfo(INFO_REGIONS, getpid(), big, sizeof(big)) >= 96 * 4);
    CHECK_EQ(sys_sysinfo(INFO_PROCS, 0, big, 127), 0);
    CHECK_EQ(sys_sysinfo(INFO_PROCS, 0, big, 128), 128);
    CHECK_EQ(((struct info_proc *)big)->pid, 1);
    CHECK_EQ(sys_sysinfo(INFO_PROCS, 99999, big, sizeof(big)), 0);
    CHECK(sys_sysinfo(INFO_COUNTERS, 0, big, sizeof(big)) >= 32 * 10);
    CHECK(sys_sysinfo(INFO_PAGERS, 0, big, sizeof(big)) % 192 == 0);
    CHECK_EQ(sys_sysinfo(INFO_SYSTEM, 0, &sys, sizeof(sys)), (long)sizeof(sys));
    CHECK(sys.harts >= 1 && sys.harts <= 8 && sys.page_size == 4096);
    CHECK_EQ(sys_kcheck(), 0);
}

static void cleanup(void)
{
    sys_unlink(FILE_);
    sys_unlink(DIR "/x");
    sys_rmdir(DIR);
}

int main(void)
{
    if (setup()) {
        dprintf(1, "FAIL setup\n");
        return 1;
    }
    RUN(unknown_numbers);
    RUN(bad_descriptors);
    RUN(wrong_mode);
    RUN(wrong_kind);
    RUN(bad_values);
    RUN(bad_buffers);
    RUN(bad_paths);
    RUN(bad_paths_of_makers);
    RUN(directories_and_links);
    RUN(too_many_files);
    RUN(pager_errors);
    RUN(sysinfo_errors);
    RUN(nonsense);
    cleanup();
    return check_done("t_syscall_errors");
}
