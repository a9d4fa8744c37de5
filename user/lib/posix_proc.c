/*
 * posix_proc.c - processes: fork, wait, ids, times, terminal groups, what the system has.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/times.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"

pid_t fork(void)
{
    return (pid_t)check(sys_fork());
}

pid_t vfork(void)
{
    return fork();
}

pid_t waitpid(pid_t pid, int *status, int options)
{
    return (pid_t)check(sys_waitpid(pid, status, options));
}

pid_t wait(int *status)
{
    return waitpid(-1, status, 0);
}

pid_t getpid(void)
{
    return (pid_t)sys_getpid();
}

pid_t getppid(void)
{
    return (pid_t)sys_getppid();
}

int setpgid(pid_t pid, pid_t group)
{
    return (int)check(sys_setpgid(pid, group));
}

pid_t getpgid(pid_t pid)
{
    return (pid_t)check(sys_getpgid(pid));
}

pid_t getpgrp(void)
{
    return getpgid(0);
}

pid_t setsid(void)
{
    return (pid_t)check(sys_setsid());
}

uid_t getuid(void)
{
    return 0;
}

uid_t geteuid(void)
{
    return 0;
}

gid_t getgid(void)
{
    return 0;
}

gid_t getegid(void)
{
    return 0;
}

clock_t times(struct tms *t)
{
    struct abi_times a;
    struct timespec now;

    if (check(sys_times(&a)) < 0)
        return (clock_t)-1;
    if (t)
        *t = (struct tms){a.user_ns / 1000, a.system_ns / 1000, a.child_user_ns / 1000,
                          a.child_system_ns / 1000};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (clock_t)now.tv_sec * 1000000 + (clock_t)now.tv_nsec / 1000;
}

static struct timeval timeval_from(uint64_t ns)
{
    return (struct timeval){.tv_sec = (time_t)(ns / 1000000000),
                            .tv_usec = (suseconds_t)(ns / 1000 % 1000000)};
}

int getrusage(int who, struct rusage *usage)
{
    struct abi_times a;

    if (check(sys_times(&a)) < 0)
        return -1;
    memset(usage, 0, sizeof(*usage));
    usage->ru_utime = timeval_from(who == RUSAGE_SELF ? a.user_ns : a.child_user_ns);
    usage->ru_stime = timeval_from(who == RUSAGE_SELF ? a.system_ns : a.child_system_ns);
    usage->ru_stall = timeval_from(who == RUSAGE_SELF ? a.stall_ns : 0);
    return 0;
}

int getrlimit(int what, struct rlimit *limit)
{
    limit->rlim_cur = limit->rlim_max = what == RLIMIT_NOFILE ? OPEN_MAX : RLIM_INFINITY;
    return 0;
}

int isatty(int fd)
{
    uint32_t mode;

    return check(sys_ioctl(fd, ABI_TCGETMODE, (uintptr_t)&mode)) >= 0;
}

pid_t tcgetpgrp(int fd)
{
    int64_t group;

    if (check(sys_ioctl(fd, ABI_TCGETPGRP, (uintptr_t)&group)) < 0)
        return -1;
    return (pid_t)group;
}

int tcsetpgrp(int fd, pid_t group)
{
    int64_t value = group;

    return (int)check(sys_ioctl(fd, ABI_TCSETPGRP, (uintptr_t)&value));
}

int tcgetattr(int fd, struct termios *t)
{
    uint32_t mode;

    if (check(sys_ioctl(fd, ABI_TCGETMODE, (uintptr_t)&mode)) < 0)
        return -1;
    memset(t, 0, sizeof(*t));
    t->c_lflag = mode;
    t->c_cc[VMIN] = 1;
    return 0;
}

int tcsetattr(int fd, int when, const struct termios *t)
{
    uint32_t mode = t->c_lflag & (ABI_TTY_CANON | ABI_TTY_ECHO | ABI_TTY_ISIG);

    (void)when;
    return (int)check(sys_ioctl(fd, ABI_TCSETMODE, (uintptr_t)&mode));
}

int getpagesize(void)
{
    return ABI_PAGE_SIZE;
}

long sysconf(int name)
{
    struct info_system system;
    struct info_memory memory;

    switch (name) {
    case _SC_PAGESIZE:
        return ABI_PAGE_SIZE;
    case _SC_ARG_MAX:
        return ARG_MAX;
    case _SC_OPEN_MAX:
        return OPEN_MAX;
    case _SC_CLK_TCK:
        return CLOCKS_PER_SEC;
    case _SC_IOV_MAX:
        return IOV_MAX;
    case _SC_NPROCESSORS_CONF:
    case _SC_NPROCESSORS_ONLN:
        if (sys_sysinfo(INFO_SYSTEM, 0, &system, sizeof(system)) < 0)
            return 1;
        return system.harts;
    case _SC_PHYS_PAGES:
    case _SC_AVPHYS_PAGES:
        if (check(sys_sysinfo(INFO_MEMORY, 0, &memory, sizeof(memory))) < 0)
            return -1;
        return (long)(name == _SC_PHYS_PAGES ? memory.total : memory.free);
    default:
        return fail(EINVAL);
    }
}

int uname(struct utsname *name)
{
    struct info_system system;
    const char *release;

    if (check(sys_sysinfo(INFO_SYSTEM, 0, &system, sizeof(system))) < 0)
        return -1;
    memset(name, 0, sizeof(*name));
    strcpy(name->sysname, "Duality");
    strcpy(name->nodename, "duality");
    strcpy(name->machine, "riscv64");
    release = strchr(system.version, ' '); /* "Duality 0.1" */
    strlcpy(name->release, release ? release + 1 : system.version, sizeof(name->release));
    strlcpy(name->version, system.sanitizer ? "sanitized" : "plain", sizeof(name->version));
    return 0;
}

int gethostname(char *name, size_t len)
{
    strlcpy(name, "duality", len);
    return 0;
}
