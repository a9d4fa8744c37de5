/*
 * t_fault.c - signals for faults: what kills, what a handler learns and may change, and that
 * sigreturn() gives nothing that a user may not have.
 */
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <ucontext.h>

#include <duality/sys.h>

#include "check.h"

static volatile sig_atomic_t hits;
static siginfo_t seen_info;
static char alt[16384] __attribute__((aligned(16)));

static void count(int sig)
{
    hits++;
    (void)sig;
}

static void handle(int sig, void (*fn)(int), int flags)
{
    struct sigaction sa = {.sa_handler = fn, .sa_flags = flags};

    sigaction(sig, &sa, NULL);
}

static sigset_t set_of(int sig)
{
    sigset_t s = 0;

    sigaddset(&s, sig);
    return s;
}

static __attribute__((noipa)) int touch(volatile char *p)
{
    __asm__("" : "+r"(p)); /* hides from the compiler what it points at */
    return *p;
}

TEST(fault_kills)
{
    CHECK_EQ(IN_CHILD(touch((char *)16)), KILLED_BY(SIGSEGV));
    CHECK_EQ(IN_CHILD(*(volatile char *)(uintptr_t)&touch = 1), KILLED_BY(SIGSEGV));
    CHECK_EQ(IN_CHILD(touch((char *)-16)), KILLED_BY(SIGSEGV));
    CHECK_EQ(IN_CHILD(__asm__ volatile(".word 0")), KILLED_BY(SIGILL));
    CHECK_EQ(IN_CHILD(__asm__ volatile("csrr a0, sstatus" : : : "a0")), KILLED_BY(SIGILL));
    CHECK_EQ(IN_CHILD(__asm__ volatile("ebreak")), KILLED_BY(SIGTRAP));
    CHECK_EQ(IN_CHILD(((void (*)(void))0x3000000000)()), KILLED_BY(SIGSEGV));
}

TEST(fault_blocked_kills)
{
    CHECK_EQ(IN_CHILD({
                 sigset_t s = set_of(SIGSEGV);
                 sigprocmask(SIG_BLOCK, &s, NULL);
                 handle(SIGSEGV, count, 0);
                 touch((char *)16);
             }),
             KILLED_BY(SIGSEGV));
    CHECK_EQ(IN_CHILD(signal(SIGSEGV, SIG_IGN); touch((char *)16)), KILLED_BY(SIGSEGV));
}

static char *fix_page;

static void fix(int sig, siginfo_t *info, void *context)
{
    seen_info = *info;
    mprotect(fix_page, 4096, PROT_READ | PROT_WRITE);
    (void)sig;
    (void)context;
}

TEST(fault_mended_by_handler)
{
    struct sigaction sa = {.sa_sigaction = fix, .sa_flags = SA_SIGINFO};
    struct abi_fault_record rec;

    fix_page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANON, -1, 0);
    CHECK(fix_page != MAP_FAILED);
    sigaction(SIGSEGV, &sa, NULL);
    *(volatile char *)&fix_page[100] = 5;
    __asm__ volatile("" : : : "memory"); /* the handler ran */
    CHECK_EQ(fix_page[100], 5);
    CHECK_EQ(seen_info.si_signo, SIGSEGV);
    CHECK_EQ(seen_info.si_code, SEGV_ACCERR);
    CHECK(seen_info.si_addr == fix_page + 100);
    CHECK_EQ(seen_info.si_fault.access, ABI_ACCESS_WRITE);
    CHECK_EQ(fault_record(&rec), 0);
    CHECK_EQ(rec.addr, (uintptr_t)fix_page + 100);
    CHECK_EQ(rec.signal, SIGSEGV);
    CHECK_RAW(sys_fault_record((void *)8), EFAULT);
    signal(SIGSEGV, SIG_DFL);
    munmap(fix_page, 4096);
}

/* A handler goes on elsewhere by changing the context: past the load, with 99 as what was loaded.
 */
static void skip(int sig, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;

    uc->pc += 4;
    uc->x[10 - 1] = 99; /* a0 */
    (void)sig;
    (void)info;
}

static long load_from(uintptr_t address)
{
    register uintptr_t a0 __asm__("a0") = address;

    __asm__ volatile(".option push\n.option norvc\nld a0, 0(a0)\n.option pop" : "+r"(a0));
    return (long)a0;
}

TEST(handler_changes_context)
{
    struct sigaction sa = {.sa_sigaction = skip, .sa_flags = SA_SIGINFO};

    sigaction(SIGSEGV, &sa, NULL);
    CHECK_EQ(load_from(24), 99);
    signal(SIGSEGV, SIG_DFL);
}

/* --- sigreturn gets nothing that a user may not have --- */

static int raw_sigreturn(uintptr_t sp)
{
    __asm__ volatile("mv sp, %0\n li a7, 19\n ecall\n ebreak" : : "r"(sp) : "memory");
    return 0;
}

static struct abi_sigframe forged __attribute__((aligned(16)));

TEST(sigreturn_forged)
{
    memset(&forged, 0xff, sizeof(forged));
    CHECK_EQ(IN_CHILD(raw_sigreturn((uintptr_t)&forged)), KILLED_BY(SIGSEGV));
    forged.context.pc = 0xffffffc080200000ul;
    CHECK_EQ(IN_CHILD(raw_sigreturn((uintptr_t)&forged)), KILLED_BY(SIGSEGV));
    CHECK_EQ(IN_CHILD(raw_sigreturn((uintptr_t)&forged + 8)), KILLED_BY(SIGSEGV));
    CHECK_EQ(IN_CHILD(raw_sigreturn(16)), KILLED_BY(SIGSEGV));
    CHECK_EQ(IN_CHILD(raw_sigreturn((uintptr_t)-4096)), KILLED_BY(SIGSEGV));
}

static void tamper(int sig, siginfo_t *info, void *context)
{
    ((ucontext_t *)context)->mask = ~0ul;
    ((ucontext_t *)context)->fcsr = ~0ul;
    (void)sig;
    (void)info;
}

TEST(sigreturn_cleans_mask)
{
    struct sigaction sa = {.sa_sigaction = tamper, .sa_flags = SA_SIGINFO};
    sigset_t old, now;

    sigprocmask(SIG_SETMASK, NULL, &old);
    sigaction(SIGUSR1, &sa, NULL);
    kill(getpid(), SIGUSR1);
    sigprocmask(SIG_SETMASK, &old, &now);
    CHECK(!sigismember(&now, SIGKILL) && !sigismember(&now, SIGSTOP) && sigismember(&now, SIGINT));
    signal(SIGUSR1, SIG_DFL);
}

/* A frame that does not fit on the stack ends the process. */
TEST(frame_without_stack)
{
    CHECK_EQ(IN_CHILD({
                 handle(SIGUSR1, count, 0);
                 __asm__ volatile("li sp, 4096\n mv a0, %0\n li a1, 25\n li a7, 5\n ecall\n ebreak"
                                  :
                                  : "r"((long)getpid())
                                  : "a0", "a1", "a7", "memory");
             }),
             KILLED_BY(SIGSEGV));
}

/* --- the alternate stack --- */

static volatile uintptr_t handler_sp;

static void note_sp(int sig)
{
    char here;

    handler_sp = (uintptr_t)&here;
    (void)sig;
}

TEST(alternate_stack)
{
    stack_t ss = {.ss_sp = alt, .ss_size = sizeof(alt)}, old;

    CHECK_EQ(sigaltstack(&ss, NULL), 0);
    CHECK_EQ(sigaltstack(NULL, &old), 0);
    CHECK(old.ss_sp == alt && old.ss_size == sizeof(alt) && old.ss_flags == 0);
    handle(SIGUSR1, note_sp, SA_ONSTACK);
    kill(getpid(), SIGUSR1);
    CHECK(handler_sp > (uintptr_t)alt && handler_sp <= (uintptr_t)alt + sizeof(alt));
    handle(SIGUSR1, note_sp, 0);
    kill(getpid(), SIGUSR1);
    CHECK(handler_sp < (uintptr_t)alt || handler_sp > (uintptr_t)alt + sizeof(alt));
    ss.ss_size = 100;
    CHECK_ERR(sigaltstack(&ss, NULL), ENOMEM);
    ss.ss_flags = 64;
    CHECK_ERR(sigaltstack(&ss, NULL), EINVAL);
    ss.ss_flags = SS_DISABLE;
    CHECK_EQ(sigaltstack(&ss, NULL), 0);
    CHECK_EQ(sigaltstack(NULL, &old), 0);
    CHECK_EQ(old.ss_flags, SS_DISABLE);
    CHECK_RAW(sys_sigaltstack((void *)8, NULL), EFAULT);
    signal(SIGUSR1, SIG_DFL);
}

/* A stack overflow is caught on the alternate stack. */
static void leave_ok(int sig)
{
    (void)sig;
    _exit(55);
}

static int overflow(int n)
{
    volatile char pad[512];

    pad[0] = (char)n;
    return n == 0 ? 0 : overflow(n + 1) + pad[0];
}

TEST(stack_overflow)
{
    CHECK_EQ(IN_CHILD({
                 stack_t ss = {.ss_sp = alt, .ss_size = sizeof(alt)};
                 sigaltstack(&ss, NULL);
                 handle(SIGSEGV, leave_ok, SA_ONSTACK);
                 overflow(1);
             }),
             EXITED(55));
    CHECK_EQ(IN_CHILD(handle(SIGSEGV, leave_ok, 0); overflow(1)), KILLED_BY(SIGSEGV));
}

int main(void)
{
    RUN(fault_kills);
    RUN(fault_blocked_kills);
    RUN(fault_mended_by_handler);
    RUN(handler_changes_context);
    RUN(sigreturn_forged);
    RUN(sigreturn_cleans_mask);
    RUN(frame_without_stack);
    RUN(alternate_stack);
    RUN(stack_overflow);
    return check_done("t_fault");
}
