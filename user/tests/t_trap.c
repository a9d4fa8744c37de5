/*
 * t_trap.c - the border between user mode and the kernel: registers, bad instructions, bad
 * addresses, the floating-point unit, and translations that must be gone on every hart.
 *
 * Prints the length of a null system call in instructions (of this thread and the kernel together).
 */
#include "check.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>

#define KERNEL_ADDRESS 0xffffffc080200000ul

/* Every register but a0 comes back from a system call as it was. */
TEST(registers)
{
    long bad;

    __asm__ volatile(
        ".irp r, t0,t1,t2,t3,t4,t5,t6,s1,s2,s3,s4,s5,s6,s7,s8,s9,s10,s11,a1,a2,a3,a4,a5,a6\n"
        "li \\r, 0x5a5a\n"
        ".endr\n"
        "li a7, 6\n"
        "ecall\n"
        "addi a7, a7, -6\n"
        "li a0, 0x5a5a\n"
        ".irp r, t0,t1,t2,t3,t4,t5,t6,s1,s2,s3,s4,s5,s6,s7,s8,s9,s10,s11,a1,a2,a3,a4,a5,a6\n"
        "sub \\r, \\r, a0\n"
        "or a7, a7, \\r\n"
        ".endr\n"
        "mv %0, a7\n"
        : "=r"(bad)
        :
        : "t0", "t1", "t2", "t3", "t4", "t5", "t6", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8",
          "s9", "s10", "s11", "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "memory");
    CHECK_EQ(bad, 0);
}

/* The kernel trusts neither sp, gp nor tp of the user. */
TEST(wild_pointers)
{
    long pid;

    __asm__ volatile("mv s2, sp\n mv s3, tp\n mv s4, gp\n"
                     "li sp, -8\n li tp, 0\n li gp, 1\n"
                     "li a7, 6\n ecall\n"
                     "addi a1, sp, 8\n or a1, a1, tp\n addi gp, gp, -1\n or a1, a1, gp\n"
                     "beqz a1, 1f\n li a0, -1\n"
                     "1: mv sp, s2\n mv tp, s3\n mv gp, s4\n mv %0, a0\n"
                     : "=r"(pid)
                     :
                     : "a0", "a1", "a7", "s2", "s3", "s4", "memory");
    CHECK_EQ(pid, getpid());
}

TEST(bad_instructions)
{
    CHECK_EQ(IN_CHILD(__asm__ volatile(".word 0")), KILLED_BY(SIGILL));
    CHECK_EQ(IN_CHILD(__asm__ volatile("csrr a0, sstatus" ::: "a0")), KILLED_BY(SIGILL));
    CHECK_EQ(IN_CHILD(__asm__ volatile("csrw satp, zero")), KILLED_BY(SIGILL));
    CHECK_EQ(IN_CHILD(__asm__ volatile("sret")), KILLED_BY(SIGILL));
    CHECK_EQ(IN_CHILD(__asm__ volatile("sfence.vma")), KILLED_BY(SIGILL));
    CHECK_EQ(IN_CHILD(__asm__ volatile("ebreak")), KILLED_BY(SIGTRAP));
}

TEST(bad_addresses)
{
    volatile long *kernel = (long *)KERNEL_ADDRESS;
    volatile long *hole = (long *)0x5555555555555550ul;

    CHECK_EQ(IN_CHILD(*kernel), KILLED_BY(SIGSEGV));
    CHECK_EQ(IN_CHILD(*kernel = 1), KILLED_BY(SIGSEGV));
    CHECK_EQ(IN_CHILD(((void (*)(void))KERNEL_ADDRESS)()), KILLED_BY(SIGSEGV));
    CHECK_EQ(IN_CHILD(*hole = 1), KILLED_BY(SIGSEGV));
    CHECK_EQ(IN_CHILD(((void (*)(void))16)()), KILLED_BY(SIGSEGV));
    CHECK_EQ(IN_CHILD(__asm__ volatile("amoadd.w zero, zero, (%0)" ::"r"(KERNEL_ADDRESS))),
             KILLED_BY(SIGSEGV));
    /* the kernel reads and writes where the user says only in the user's half */
    CHECK_RAW(sys_write(1, (void *)KERNEL_ADDRESS, 8), EFAULT);
    CHECK_RAW(sys_clock_gettime(4, (void *)KERNEL_ADDRESS), EFAULT);
    CHECK_RAW(sys_clock_gettime(4, (void *)0x3ffffffffcul), EFAULT);
    CHECK_RAW(sys_open((void *)-1ul, 0, 0), EFAULT);
}

static double fp_work(int seed)
{
    double x = seed, sum = 0;
    for (int i = 0; i < 2000; i++) {
        x = x * 1.000001 + seed;
        sum += x / (i + 1);
        if (i % 100 == 0)
            sched_yield();
    }
    return sum;
}

/* Several processes use the unit at once; each must see its own registers. */
TEST(fp_private)
{
    double want[4];
    pid_t child[4];
    int status;

    for (int i = 0; i < 4; i++)
        want[i] = fp_work(i + 3);
    for (int i = 0; i < 4; i++) {
        child[i] = fork();
        if (child[i] == 0) {
            for (int n = 0; n < 10; n++)
                if (fp_work(i + 3) != want[i])
                    _exit(1);
            _exit(0);
        }
    }
    for (int i = 0; i < 4; i++) {
        CHECK_EQ(waitpid(child[i], &status, 0), child[i]);
        CHECK_EQ(status, 0);
    }
}

/* fork() copies registers and rounding mode; a new program starts with zeros. */
TEST(fp_fork)
{
    long mode, status;
    register double kept __asm__("fs3") = 4.25;

    __asm__ volatile("fsrmi 1" : "+f"(kept));
    status = IN_CHILD({
        __asm__ volatile("frrm %0" : "=r"(mode), "+f"(kept));
        _exit(mode == 1 && kept == 4.25 ? 0 : 1);
    });
    __asm__ volatile("frrm %0\n fsrmi 0" : "=r"(mode), "+f"(kept));
    CHECK_EQ(status, 0);
    CHECK_EQ(mode, 1);
    CHECK(kept == 4.25);
}

/*
 * Shootdown: a victim stores to a page in a loop and makes no system call; once mprotect() or
 * munmap() has returned, no store of it may arrive. Its handler waits until the page is writable
 * again.
 */
static volatile long *volatile target;
static volatile int stop, caught;

static void on_fault(int sig)
{
    (void)sig;
    caught++;
    while (caught && !stop)
        ;
}

static void *victim(void *arg)
{
    (void)arg;
    while (!stop)
        ++*target;
    return NULL;
}

static int wait_caught(void)
{
    for (int i = 0; i < 1000 && !caught; i++)
        usleep(1000);
    return caught;
}

TEST(shootdown)
{
    pthread_t thread;
    struct sigaction act = {.sa_handler = on_fault}, old;

    target = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
    CHECK(target != MAP_FAILED);
    CHECK_EQ(sigaction(SIGSEGV, &act, &old), 0);
    stop = caught = 0;
    CHECK_EQ(pthread_create(&thread, NULL, victim, NULL), 0);
    for (int round = 0; round < 50; round++) {
        for (long seen = *target; *target == seen;)
            sched_yield();
        CHECK_EQ(mprotect((void *)target, 4096, PROT_READ), 0);
        long before = *target;
        for (volatile int i = 0; i < 20000; i++)
            ;
        CHECK_EQ(*target, before);
        CHECK(wait_caught());
        CHECK_EQ(*target, before);
        CHECK_EQ(mprotect((void *)target, 4096, PROT_READ | PROT_WRITE), 0);
        caught = 0;
    }
    stop = 1;
    CHECK_EQ(pthread_join(thread, NULL), 0);
    sigaction(SIGSEGV, &old, NULL);
    munmap((void *)target, 4096);
}

static uint64_t instret(void)
{
    uint64_t n;
    __asm__ volatile("rdinstret %0" : "=r"(n));
    return n;
}

static void print_call_length(void)
{
    uint64_t least = ~0ul;

    for (int i = 0; i < 200; i++) {
        uint64_t start = instret();
        sys_getpid();
        uint64_t n = instret() - start;
        least = n < least ? n : least;
    }
    dprintf(1, "t_trap: getpid() takes %lu instructions\n", (unsigned long)least);
}

int main(void)
{
    RUN(registers);
    RUN(wild_pointers);
    RUN(bad_instructions);
    RUN(bad_addresses);
    RUN(fp_private);
    RUN(fp_fork);
    RUN(shootdown);
    print_call_length();
    return check_done("t_trap");
}
