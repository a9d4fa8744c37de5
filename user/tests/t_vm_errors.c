/*
 * t_vm_errors.c - memory calls: every error of each, and what anonymous mappings promise. No pager.
 *
 * Mappings of files, which need a pager, are mmaptest's.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <duality/sys.h>

#include "check.h"

#define PAGE     4096ul
#define RW       (PROT_READ | PROT_WRITE)
#define PRIV     (MAP_PRIVATE | MAP_ANON)
#define SHAR     (MAP_SHARED | MAP_ANON)
#define USER_END 0x4000000000ul

static long map_raw(uintptr_t addr, size_t len, int prot, int flags, int fd, int64_t offset)
{
    return sys_mmap((void *)addr, len, prot, flags, fd, offset);
}

static char *anon(size_t pages, int flags)
{
    void *p = mmap(NULL, pages * PAGE, RW, flags, -1, 0);

    return p == MAP_FAILED ? NULL : p;
}

static int dies_loading(volatile char *p)
{
    return IN_CHILD((void)*p) == KILLED_BY(SIGSEGV);
}

static int dies_storing(volatile char *p)
{
    return IN_CHILD(*p = 1) == KILLED_BY(SIGSEGV);
}

/* --- mmap --- */

TEST(mmap_arguments)
{
    CHECK_RAW(map_raw(0, 0, RW, PRIV, -1, 0), EINVAL);
    CHECK_RAW(map_raw(0, PAGE, RW, MAP_ANON, -1, 0), EINVAL);
    CHECK_RAW(map_raw(0, PAGE, RW, MAP_ANON | 3, -1, 0), EINVAL);
    CHECK_RAW(map_raw(0, PAGE, 8, PRIV, -1, 0), EINVAL);
    CHECK_RAW(map_raw(0, ~0ul, RW, PRIV, -1, 0), ENOMEM);
    CHECK_RAW(map_raw(0, USER_END + PAGE, RW, PRIV, -1, 0), ENOMEM);
    CHECK_RAW(map_raw(0, USER_END, PROT_READ, PRIV, -1, 0), ENOMEM);
    CHECK_RAW(map_raw(0, 1ul << 37, RW, PRIV, -1, 0), ENOMEM);
}

TEST(mmap_fixed_arguments)
{
    CHECK_RAW(map_raw(0x100001, PAGE, RW, PRIV | MAP_FIXED, -1, 0), EINVAL);
    CHECK_RAW(map_raw(0, PAGE, RW, PRIV | MAP_FIXED, -1, 0), EINVAL);
    CHECK_RAW(map_raw(USER_END, PAGE, RW, PRIV | MAP_FIXED, -1, 0), ENOMEM);
    CHECK_RAW(map_raw(USER_END - PAGE, 2 * PAGE, RW, PRIV | MAP_FIXED, -1, 0), ENOMEM);
    CHECK_RAW(map_raw(~0ul << 12, PAGE, RW, PRIV | MAP_FIXED, -1, 0), ENOMEM);
    char *p = anon(1, PRIV);
    CHECK(p);
    CHECK_RAW(map_raw((uintptr_t)p, PAGE, RW, PRIV | MAP_FIXED_NOREPLACE, -1, 0), EEXIST);
    CHECK_EQ(map_raw((uintptr_t)p, PAGE, RW, PRIV | MAP_FIXED, -1, 0), (long)p);
    munmap(p, PAGE);
}

TEST(mmap_file_arguments)
{
    int fds[2], fd = open("/bin/echo", O_RDONLY), null = open("/dev/null", O_RDWR);
    int dir = open("/", O_RDONLY), wo = open("/t_vm.tmp", O_CREAT | O_WRONLY, 0644);

    CHECK(fd >= 0 && null >= 0 && dir >= 0 && wo >= 0);
    CHECK_EQ(pipe(fds), 0);
    CHECK_RAW(map_raw(0, PAGE, PROT_READ, MAP_PRIVATE, -1, 0), EBADF);
    CHECK_RAW(map_raw(0, PAGE, PROT_READ, MAP_PRIVATE, 999, 0), EBADF);
    CHECK_RAW(map_raw(0, PAGE, PROT_READ, MAP_PRIVATE, fd, 100), EINVAL);
    CHECK_RAW(map_raw(0, PAGE, PROT_READ, MAP_PRIVATE, fd, -4096), EINVAL);
    CHECK_RAW(map_raw(0, 2 * PAGE, PROT_READ, MAP_PRIVATE, fd, INT64_MAX & ~4095l), EOVERFLOW);
    CHECK_RAW(map_raw(0, 0, PROT_READ, MAP_PRIVATE, fd, 0), EINVAL);
    CHECK_RAW(map_raw(0, PAGE, RW, MAP_SHARED, fd, 0), EACCES);
    CHECK_RAW(map_raw(0, PAGE, PROT_READ, MAP_PRIVATE, wo, 0), EACCES);
    CHECK_RAW(map_raw(0, PAGE, PROT_WRITE, MAP_SHARED, wo, 0), EACCES);
    CHECK_RAW(map_raw(0, PAGE, PROT_READ, MAP_PRIVATE, fds[0], 0), ENODEV);
    CHECK_RAW(map_raw(0, PAGE, PROT_READ, MAP_PRIVATE, null, 0), ENODEV);
    CHECK_RAW(map_raw(0, PAGE, PROT_READ, MAP_PRIVATE, dir, 0), ENODEV);
    int all[] = {fd, null, dir, wo, fds[0], fds[1]};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        close(all[i]);
    unlink("/t_vm.tmp");
}

TEST(anon_is_zero)
{
    char *p = anon(64, PRIV);

    CHECK(p);
    for (size_t i = 0; i < 64 * PAGE; i += 511)
        CHECK_EQ(p[i], 0);
    memset(p, 1, 64 * PAGE);
    CHECK_EQ(munmap(p, 64 * PAGE), 0);
    CHECK(dies_loading(p));
}

TEST(anon_length_rounds_up)
{
    char *p = mmap(NULL, 5, RW, PRIV, -1, 0);

    CHECK(p != MAP_FAILED);
    p[PAGE - 1] = 3;
    CHECK_EQ(munmap(p, 5), 0);
    CHECK(dies_loading(p));
}

TEST(shared_and_private_after_fork)
{
    volatile char *s = anon(2, SHAR), *p = anon(2, PRIV);

    CHECK(s && p);
    p[0] = s[0] = 1;
    CHECK_EQ(IN_CHILD(s[0] = 2; p[0] = 2; s[PAGE] = 7; p[PAGE] = 7; _exit(p[0])), EXITED(2));
    CHECK_EQ(s[0], 2);
    CHECK_EQ(s[PAGE], 7);
    CHECK_EQ(p[0], 1);
    CHECK_EQ(p[PAGE], 0);
    munmap((void *)s, 2 * PAGE);
    munmap((void *)p, 2 * PAGE);
}

TEST(private_through_generations)
{
    volatile char *p = anon(1, PRIV);

    CHECK(p);
    p[0] = 1;
    int status = IN_CHILD({
        p[0] = 2;
        int inner = IN_CHILD(p[0]++; _exit(p[0]));
        _exit(inner == EXITED(3) && p[0] == 2 ? 0 : 1);
    });
    CHECK_EQ(status, 0);
    CHECK_EQ(p[0], 1);
    munmap((void *)p, PAGE);
}

TEST(hint)
{
    char *p = anon(4, PRIV);

    CHECK(p);
    CHECK_EQ(munmap(p, 4 * PAGE), 0);
    CHECK_EQ(map_raw((uintptr_t)p, PAGE, RW, PRIV, -1, 0), (long)p);
    long other = map_raw((uintptr_t)p, PAGE, RW, PRIV, -1, 0);
    CHECK(other > 0 && other != (long)p);
    munmap(p, PAGE);
    munmap((void *)other, PAGE);
}

/* --- munmap --- */

TEST(munmap_errors)
{
    CHECK_RAW(sys_munmap(wild(0x100001), PAGE), EINVAL);
    CHECK_RAW(sys_munmap(wild(0x100000), 0), EINVAL);
    CHECK_RAW(sys_munmap(wild(USER_END), PAGE), EINVAL);
    CHECK_RAW(sys_munmap(wild(0x100000), ~0ul), EINVAL);
    CHECK_EQ(sys_munmap(wild(0x2000000000), 64 * PAGE), 0);
}

TEST(munmap_pieces)
{
    char *p = anon(9, PRIV);

    CHECK(p);
    for (int i = 0; i < 9; i++)
        p[i * PAGE] = (char)i;
    CHECK_EQ(munmap(p, PAGE), 0);
    CHECK_EQ(munmap(p + 8 * PAGE, PAGE), 0);
    CHECK_EQ(munmap(p + 4 * PAGE, PAGE), 0);
    CHECK_EQ(munmap(p + 4 * PAGE, PAGE), 0);
    for (int i = 0; i < 9; i++) {
        if (i == 0 || i == 4 || i == 8)
            CHECK(dies_loading(p + i * PAGE));
        else
            CHECK_EQ(p[i * PAGE], i);
    }
    CHECK_EQ(munmap(p, 9 * PAGE), 0);
}

/* --- mprotect --- */

TEST(mprotect_errors)
{
    char *p = anon(3, PRIV);

    CHECK(p);
    CHECK_ERR(mprotect(p + 1, PAGE, PROT_READ), EINVAL);
    CHECK_ERR(mprotect(p, PAGE, 8), EINVAL);
    CHECK_ERR(mprotect(wild(USER_END), PAGE, PROT_READ), ENOMEM);
    CHECK_ERR(mprotect(p, ~0ul, PROT_READ), ENOMEM);
    CHECK_EQ(mprotect(p, 0, PROT_READ), 0);
    CHECK_EQ(munmap(p + PAGE, PAGE), 0);
    CHECK_ERR(mprotect(p, 3 * PAGE, PROT_READ), ENOMEM);
    munmap(p, 3 * PAGE);
}

TEST(mprotect_works)
{
    volatile char *p = anon(3, PRIV);

    CHECK(p);
    p[0] = p[PAGE] = p[2 * PAGE] = 5;
    CHECK_EQ(mprotect((char *)p + PAGE, PAGE, PROT_READ), 0);
    CHECK_EQ(p[PAGE], 5);
    CHECK(dies_storing(p + PAGE));
    p[0] = p[2 * PAGE] = 6;
    CHECK_EQ(mprotect((char *)p + PAGE, PAGE, PROT_NONE), 0);
    CHECK(dies_loading(p + PAGE));
    CHECK_EQ(mprotect((char *)p + PAGE, PAGE, RW), 0);
    CHECK_EQ(p[PAGE], 5);
    p[PAGE] = 7;
    CHECK_EQ(p[PAGE], 7);
    munmap((void *)p, 3 * PAGE);
}

TEST(mprotect_exec)
{
    uint32_t *p = (uint32_t *)anon(1, PRIV);

    CHECK(p);
    p[0] = 0x02a00513; /* li a0, 42 */
    p[1] = 0x00008067; /* ret */
    CHECK_EQ(IN_CHILD(((int (*)(void))p)()), KILLED_BY(SIGSEGV));
    CHECK_EQ(mprotect(p, PAGE, PROT_READ | PROT_EXEC), 0);
    __asm__ volatile("fence.i" : : : "memory");
    CHECK_EQ(((int (*)(void))p)(), 42);
    CHECK(dies_storing((char *)p));
    munmap(p, PAGE);
}

/* --- brk, sbrk --- */

TEST(brk_and_sbrk)
{
    long start = sys_brk(NULL);

    CHECK(start > 0x10000);
    CHECK_EQ(sys_brk(wild((uintptr_t)start + 3 * PAGE)), start + (long)(3 * PAGE));
    volatile char *p = (char *)start;
    p[0] = p[3 * PAGE - 1] = 9;
    CHECK_EQ(sys_sbrk(0, 0), start + (long)(3 * PAGE));
    CHECK_EQ(sys_sbrk(-(long)PAGE, 0), start + (long)(3 * PAGE));
    CHECK_EQ(sys_sbrk(2 * PAGE, 1), start + (long)(2 * PAGE));
    CHECK_EQ(p[2 * PAGE], 0);
    CHECK_EQ(sys_brk(wild((uintptr_t)start)), start);
    CHECK_RAW(sys_brk(wild(USER_END)), ENOMEM);
    CHECK_RAW(sys_brk(wild(0x3ffffff000)), ENOMEM);
    CHECK_RAW(sys_brk(wild(0x1000)), EINVAL);
    CHECK_RAW(sys_sbrk(INT64_MAX, 0), ENOMEM);
    CHECK_RAW(sys_sbrk(INT64_MIN, 0), EINVAL);
    CHECK_EQ(sys_brk(NULL), start);
}

/* --- msync, madvise, mincore, mlockall --- */

TEST(msync_errors)
{
    char *p = anon(2, SHAR);

    CHECK(p);
    CHECK_EQ(msync(p, 2 * PAGE, MS_SYNC), 0);
    CHECK_EQ(msync(p, 2 * PAGE, MS_ASYNC), 0);
    CHECK_EQ(msync(p, 0, MS_SYNC), 0);
    CHECK_ERR(msync(p + 1, PAGE, MS_SYNC), EINVAL);
    CHECK_ERR(msync(p, PAGE, MS_SYNC | MS_ASYNC), EINVAL);
    CHECK_ERR(msync(p, PAGE, 64), EINVAL);
    CHECK_ERR(msync(wild(USER_END), PAGE, MS_SYNC), ENOMEM);
    CHECK_EQ(munmap(p + PAGE, PAGE), 0);
    CHECK_ERR(msync(p, 2 * PAGE, MS_SYNC), ENOMEM);
    munmap(p, PAGE);
}

TEST(madvise_works)
{
    char *p = anon(2, PRIV);

    CHECK(p);
    p[0] = 5;
    CHECK_EQ(madvise(p, 2 * PAGE, MADV_SEQUENTIAL), 0);
    CHECK_EQ(madvise(p, 2 * PAGE, MADV_RANDOM), 0);
    CHECK_EQ(madvise(p, 2 * PAGE, MADV_NORMAL), 0);
    CHECK_EQ(madvise(p, 2 * PAGE, MADV_WILLNEED), 0);
    CHECK_EQ(p[0], 5);
    CHECK_EQ(madvise(p, 2 * PAGE, MADV_DONTNEED), 0);
    CHECK_EQ(*(volatile char *)p, 0);
    CHECK_ERR(madvise(p + 1, PAGE, MADV_NORMAL), EINVAL);
    CHECK_ERR(madvise(p, PAGE, 99), EINVAL);
    CHECK_ERR(madvise(p, PAGE, -1), EINVAL);
    CHECK_EQ(munmap(p + PAGE, PAGE), 0);
    CHECK_ERR(madvise(p, 2 * PAGE, MADV_NORMAL), ENOMEM);
    munmap(p, PAGE);
}

TEST(mincore_works)
{
    unsigned char vec[600] = {0};
    char *p = anon(600, PRIV);

    CHECK(p);
    p[1 * PAGE] = p[300 * PAGE] = 1;
    CHECK_EQ(mincore(p, 600 * PAGE, vec), 0);
    CHECK_EQ(vec[0] & 1, 0);
    CHECK_EQ(vec[1] & 1, 1);
    CHECK_EQ(vec[300] & 1, 1);
    CHECK_EQ(vec[301] & 1, 0);
    CHECK_ERR(mincore(p + 1, PAGE, vec), EINVAL);
    CHECK_ERR(mincore(p, PAGE, wild(16)), EFAULT);
    CHECK_ERR(mincore(wild(USER_END), PAGE, vec), ENOMEM);
    munmap(p + PAGE, PAGE);
    CHECK_ERR(mincore(p, 2 * PAGE, vec), ENOMEM);
    munmap(p, 600 * PAGE);
}

TEST(mlockall_works)
{
    CHECK_RAW(sys_mlockall(64), EINVAL);
    CHECK_EQ(IN_CHILD({
                 unsigned char vec[4];
                 if (mlockall(MCL_CURRENT | MCL_FUTURE))
                     _exit(1);
                 char *p = anon(4, PRIV);
                 if (!p || mincore(p, 4 * PAGE, vec))
                     _exit(2);
                 _exit((vec[0] & vec[1] & vec[2] & vec[3] & 1) ? 0 : 3);
             }),
             0);
}

TEST(populate)
{
    unsigned char vec[4];
    char *p = anon(4, PRIV | MAP_POPULATE);

    CHECK(p);
    CHECK_EQ(mincore(p, 4 * PAGE, vec), 0);
    CHECK(vec[0] & vec[3] & 1);
    munmap(p, 4 * PAGE);
}

/* --- out of memory --- */

TEST(too_much_memory)
{
    struct info_memory m;

    CHECK_EQ(sysinfo(INFO_MEMORY, 0, &m, sizeof(m)), (long)sizeof(m));
    CHECK_RAW(map_raw(0, (m.total + 1000) * PAGE, RW, PRIV, -1, 0), ENOMEM);
    long p = map_raw(0, (m.total + 1000) * PAGE, RW, PRIV | MAP_NORESERVE, -1, 0);
    CHECK(p > 0);
    CHECK_EQ(munmap((void *)p, (m.total + 1000) * PAGE), 0);
}

/* Filling all memory ends the filler, nobody else, and everything comes back. */
TEST(out_of_memory_kills_the_eater)
{
    struct info_memory before, after;

    CHECK_EQ(sysinfo(INFO_MEMORY, 0, &before, sizeof(before)), (long)sizeof(before));
    int status = IN_CHILD({
        size_t len = (before.total + 1000) * PAGE;
        long p = map_raw(0, len, RW, PRIV | MAP_NORESERVE, -1, 0);
        for (size_t i = 0; p > 0 && i < len; i += PAGE)
            ((volatile char *)p)[i] = 1;
    });
    CHECK_EQ(status & 0x7f, SIGKILL);
    CHECK_EQ(WFAULTERR(status), ENOMEM);
    CHECK_EQ(sysinfo(INFO_MEMORY, 0, &after, sizeof(after)), (long)sizeof(after));
    long lost = (long)(before.free + before.cached) - (long)(after.free + after.cached);
    CHECK(lost < 64);
}

/* --- many regions --- */

TEST(many_regions)
{
    enum { N = 500 };
    static char *p[N];

    for (int i = 0; i < N; i++) {
        p[i] = mmap(NULL, PAGE, i & 1 ? RW : PROT_READ, i & 2 ? PRIV : SHAR, -1, 0);
        CHECK(p[i] != MAP_FAILED);
        if (i & 1)
            p[i][0] = (char)i;
    }
    CHECK_EQ(IN_CHILD(for (int i = 1; i < N; i += 2) if (p[i][0] != (char)i) _exit(1)), 0);
    for (int i = 0; i < N; i++) {
        CHECK_EQ(p[i][0], i & 1 ? (char)i : 0);
        CHECK_EQ(munmap(p[i], PAGE), 0);
    }
}

/* System calls whose buffer is not there. */
TEST(buffers_in_bad_memory)
{
    char *ro = mmap(NULL, PAGE, PROT_READ, PRIV, -1, 0);
    int fds[2];

    CHECK_EQ(pipe(fds), 0);
    CHECK_EQ(write(fds[1], "abc", 3), 3);
    CHECK_ERR(read(fds[0], ro, 3), EFAULT);
    CHECK_ERR(read(fds[0], wild(USER_END - 1), 3), EFAULT);
    CHECK_ERR(read(fds[0], wild(~0ul << 12), 3), EFAULT);
    CHECK_ERR(write(fds[1], wild(16), 3), EFAULT);
    close(fds[0]);
    close(fds[1]);
    munmap(ro, PAGE);
}

int main(void)
{
    RUN(mmap_arguments);
    RUN(mmap_fixed_arguments);
    RUN(mmap_file_arguments);
    RUN(anon_is_zero);
    RUN(anon_length_rounds_up);
    RUN(shared_and_private_after_fork);
    RUN(private_through_generations);
    RUN(hint);
    RUN(munmap_errors);
    RUN(munmap_pieces);
    RUN(mprotect_errors);
    RUN(mprotect_works);
    RUN(mprotect_exec);
    RUN(brk_and_sbrk);
    RUN(msync_errors);
    RUN(madvise_works);
    RUN(mincore_works);
    RUN(mlockall_works);
    RUN(populate);
    RUN(too_much_memory);
    RUN(out_of_memory_kills_the_eater);
    RUN(many_regions);
    RUN(buffers_in_bad_memory);
    return check_done("t_vm_errors");
}
