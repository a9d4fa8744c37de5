/*
 * t_oom.c - more than there is: memory, processes, mappings, address space. Whoever asks too much
 * is refused or killed; everybody else goes on, and what he had comes back.
 *
 * Meant for a small machine (MEM=32M), but right on any. Each test ends with the machine able to
 * do its daily work: fork, exec, write a file.
 */
#include <duality/sys.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <time.h>

#include "check.h"

enum { PAGE = 4096, MANY = 2048 };

static uint64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* A program can be run and a file be written. */
static int machine_works(void)
{
    char byte = 'x';
    int fd = open("/tmp-oom", O_RDWR | O_CREAT | O_TRUNC, 0644);
    int fine = fd >= 0 && write(fd, &byte, 1) == 1 && fsync(fd) == 0;
    close(fd);
    unlink("/tmp-oom");
    return fine && IN_CHILD(execl("/bin/true", "true", NULL), _exit(9)) == 0;
}

static void touch_without_end(int flags)
{
    for (;;) {
        char *p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, flags | MAP_ANON, -1, 0);
        if (p == MAP_FAILED)
            _exit(1);
        for (unsigned i = 0; i < 1 << 20; i += PAGE)
            p[i] = 1;
    }
}

TEST(private_memory)
{
    CHECK_EQ(IN_CHILD(touch_without_end(MAP_PRIVATE)) & 0x7f, SIGKILL);
    CHECK(machine_works());
}

TEST(shared_memory)
{
    CHECK_EQ(IN_CHILD(touch_without_end(MAP_SHARED)) & 0x7f, SIGKILL);
    CHECK(machine_works());
}

TEST(several_at_once)
{
    pid_t pids[4];
    for (unsigned i = 0; i < 4; i++) {
        pids[i] = fork();
        if (pids[i] == 0)
            touch_without_end(MAP_PRIVATE);
    }
    for (unsigned i = 0; i < 4; i++)
        CHECK_EQ(check_wait(pids[i]) & 0x7f, SIGKILL);
    CHECK(machine_works());
}
/* Children until there is no room. All are gone when the pipe closes, be it by their parent's
 * death: it is one of those whom the lack of memory may hit. */
static void fork_without_end(void)
{
    static pid_t pids[MANY];
    int p[2], n = 0;
    char c;
    if (pipe(p))
        _exit(1);
    while (n < MANY && (pids[n] = fork()) >= 0) {
        if (pids[n] == 0) {
            close(p[1]);
            read(p[0], &c, 1);
            _exit(0);
        }
        n++;
    }
    int why = n < MANY ? errno : ENOMEM;
    close(p[1]);
    for (int i = 0; i < n; i++)
        if (check_wait(pids[i]) < 0)
            _exit(2);
    _exit(n > 4 && (why == ENOMEM || why == EAGAIN) ? 0 : 3);
}

TEST(processes)
{
    int status = IN_CHILD(fork_without_end());
    CHECK(status == 0 || (status & 0x7f) == SIGKILL);
    CHECK(machine_works());
}

/* Regions that can't be joined, until the kernel has no memory for more. */
static void map_without_end(void)
{
    unsigned n = 0;
    while (mmap(NULL, PAGE, n++ % 2 ? PROT_READ : PROT_NONE, MAP_PRIVATE | MAP_ANON, -1, 0) !=
           MAP_FAILED)
        ;
    _exit(errno == ENOMEM && n > 100 ? 0 : 1);
}

TEST(mappings)
{
    CHECK_EQ(IN_CHILD(map_without_end()), EXITED(0));
    CHECK(machine_works());
}

static void open_without_end(void)
{
    int p[2];
    while (pipe(p) == 0)
        write(p[1], "x", 1);
}

TEST(open_files)
{
    int status = IN_CHILD(open_without_end());
    CHECK(status == 0 || (status & 0x7f) == SIGKILL);
    CHECK(machine_works());
}

/* Long ranges take no time, whatever is (not) behind them. */
TEST(long_ranges)
{
    const size_t len = 200ul << 30;
    uint64_t start = now_ms();
    char *p = mmap(NULL, len, PROT_NONE, MAP_PRIVATE | MAP_ANON | MAP_POPULATE, -1, 0);
    CHECK(p != MAP_FAILED);
    CHECK_EQ(munmap(p, len), 0);
    p = mmap(NULL, len, PROT_NONE, MAP_PRIVATE | MAP_ANON, -1, 0);
    CHECK(p != MAP_FAILED);
    CHECK_EQ(IN_CHILD(mlockall(MCL_CURRENT)), EXITED(0));
    CHECK_EQ(mprotect(p, len, PROT_READ), 0);
    CHECK_EQ(msync(p, len, MS_SYNC), 0);
    CHECK_EQ(munmap(p, len), 0);
    CHECK(now_ms() - start < 3000);
}

/* mmap that can't get its pages at once maps nothing. */
TEST(populate_too_much)
{
    CHECK_EQ(IN_CHILD({
                 char *p =
                     mmap(NULL, 1ul << 36, PROT_READ, MAP_PRIVATE | MAP_ANON | MAP_POPULATE, -1, 0);
                 _exit(p == MAP_FAILED && errno == ENOMEM ? 7 : 0);
             }),
             EXITED(7));
    CHECK(machine_works());
}

/* The page cache is full of files: what is clean gives way to new processes and their memory. */
TEST(full_cache)
{
    static char buf[1 << 16];
    int fd = open("/tmp-big", O_RDWR | O_CREAT | O_TRUNC, 0644);
    CHECK(fd >= 0);
    for (unsigned i = 0; i < 320; i++) /* 20 MiB */
        if (write(fd, buf, sizeof(buf)) != sizeof(buf))
            break;
    CHECK_EQ(fsync(fd), 0);
    CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
    while (read(fd, buf, sizeof(buf)) > 0)
        ;
    for (unsigned i = 0; i < 20; i++)
        CHECK(machine_works());
    close(fd);
    CHECK_EQ(unlink("/tmp-big"), 0);
}

int main(void)
{
    RUN(private_memory);
    RUN(shared_memory);
    RUN(several_at_once);
    RUN(processes);
    RUN(mappings);
    RUN(open_files);
    RUN(full_cache);
    RUN(populate_too_much);
    RUN(long_ranges);
    return check_done("t_oom");
}
