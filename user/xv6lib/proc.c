/*
 * proc.c - the calls of course programs that are about processes, time and memory.
 *
 * A child's status is the plain number given to exit(), -1 if the child was killed. The kernel
 * keeps the number in the bits above 8 of its status word. A process may have NPROC - 1 children
 * that it has not waited for: programs test what happens when fork() fails, and only memory would
 * end it here.
 */
#include "kernel/memlayout.h"
#include "kernel/param.h"
#include "kernel/vm.h"
#include "user/user.h"
#include "raw.h"

enum { TICK_NS = 100000000 };

static int children; /* not waited for */

void xv6_ignore_sigpipe(int ignore)
{
    struct abi_sigaction act = {.handler = ignore ? ABI_SIG_IGN : ABI_SIG_DFL};

    sc_sigaction(ABI_SIGPIPE, &act, NULL);
}

int main(int argc, char **argv);

_Noreturn void xv6_start(long *stack)
{
    xv6_ignore_sigpipe(1);
    exit(main((int)stack[0], (char **)(stack + 1)));
}

int exit(int status)
{
    for (;;)
        sc_exit(status);
}

int fork(void)
{
    long pid;

    if (children >= NPROC - 1)
        return -1;
    pid = sc_fork();
    if (pid == 0)
        children = 0;
    else if (pid > 0)
        children++;
    return xv6_result(pid);
}

/* The status word as a plain number; exit(-1) is 255 where the kernel keeps eight bits. */
static int plain_status(int word)
{
    int code = word >> 8;

    if (word & 0x7f)
        return -1;
    return code == 255 ? -1 : code;
}

int wait(int *status)
{
    long pid = sc_waitpid(-1, status, 0);

    if (pid < 0)
        return -1;
    children--;
    if (status)
        *status = plain_status(*status);
    return (int)pid;
}

int kill(int pid)
{
    return pid > 0 ? xv6_result(sc_kill(pid, ABI_SIGKILL)) : -1;
}

int getpid(void)
{
    return xv6_result(sc_getpid());
}

/* Arguments are readable strings of less than a page, fewer than MAXARG of them. */
static int arguments_ok(char **argv)
{
    int i;

    for (i = 0; i < MAXARG; i++) {
        if (!xv6_readable(&argv[i]))
            return 0;
        if (!argv[i])
            return 1;
        if (xv6_string_length(argv[i], ABI_PAGE_SIZE) < 0)
            return 0;
    }
    return 0;
}

int exec(const char *path, char **argv)
{
    static char *const no_environment[] = {NULL};
    char other[ABI_PATH_MAX];
    long r;

    if (!arguments_ok(argv))
        return -1;
    xv6_ignore_sigpipe(0);
    r = sc_execve(path, argv, no_environment);
    if (r == -ENOENT && xv6_path_program(path, other))
        sc_execve(other, argv, no_environment);
    xv6_ignore_sigpipe(1);
    return -1;
}

int pause(int ticks)
{
    return ticks <= 0 ? 0 : xv6_result(sc_nanosleep((uint64_t)ticks * TICK_NS, NULL));
}

int sleep(int ticks)
{
    return pause(ticks);
}

int uptime(void)
{
    struct abi_timespec now;

    if (sc_clock_gettime(ABI_CLOCK_MONOTONIC, &now) < 0)
        return -1;
    return (int)(now.sec * 10 + now.nsec / TICK_NS);
}

static char *address_result(long r)
{
    return r < 0 ? (char *)-1 : (char *)r;
}

/* The kernel refuses to grow the heap by more than all of memory at once, which a lazy program may
 * want: so a lazy step is at most this long. */
enum { LAZY_STEP = 16 << 20 };

static char *grow_lazily(long n)
{
    long start = sc_sbrk(0, 0), done = 0, r = start;

    while (r >= 0 && done < n) {
        long step = n - done < LAZY_STEP ? n - done : LAZY_STEP;

        r = sc_sbrk(step, 0);
        if (r >= 0)
            done += step;
    }
    if (r < 0 && done)
        sc_sbrk(-done, 0);
    return address_result(r < 0 ? r : start);
}

/* Taking away more than everything below the break takes nothing. */
char *sys_sbrk(int n, int type)
{
    if (n < 0) {
        long now = sc_sbrk(0, 0);

        if (-(long)n > now)
            return address_result(now);
    }
    if (n > LAZY_STEP && type != SBRK_EAGER)
        return grow_lazily(n);
    return address_result(sc_sbrk(n, type == SBRK_EAGER));
}

char *sbrk(int n)
{
    return sys_sbrk(n, SBRK_EAGER);
}

char *sbrklazy(int n)
{
    return sys_sbrk(n, SBRK_LAZY);
}

void *mmap(void *addr, size_t len, int prot, int flags, int fd, off_t offset)
{
    return address_result(sc_mmap(addr, len, prot, flags, fd, offset));
}

int munmap(void *addr, size_t len)
{
    return xv6_result(sc_munmap(addr, len));
}

unsigned long xv6_memory_bytes(void)
{
    struct info_memory memory;

    if (sc_sysinfo(INFO_MEMORY, 0, &memory, sizeof(memory)) < (long)sizeof(memory))
        return 0;
    return memory.total * ABI_PAGE_SIZE;
}
