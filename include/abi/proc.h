/*
 * proc.h - processes, threads, signals and time at the system call border.
 *
 * Signal numbers are picolibc's <signal.h> (newlib's order). Wait status is the classic word:
 * exited: code << 8; killed: signal number in the low 7 bits.
 */
#ifndef ABI_PROC_H
#define ABI_PROC_H

#include <stdint.h>

enum {
    ABI_WNOHANG = 1,
    ABI_WUNTRACED = 2,

    ABI_CLOCK_REALTIME = 1,  /* since 1970, from the board's RTC */
    ABI_CLOCK_MONOTONIC = 4, /* since boot */
    ABI_CLOCK_PROCESS_CPUTIME = 2,

    ABI_FUTEX_WAIT = 0, /* sleep while *word == value; -EAGAIN at once if not, -ETIMEDOUT */
    ABI_FUTEX_WAKE = 1, /* wake up to `value` sleepers; returns how many */

    ABI_ARG_MAX = 131072, /* bytes of arguments and environment, strings and pointers */
};

enum {
    ABI_SIGHUP = 1,
    ABI_SIGINT = 2,
    ABI_SIGQUIT = 3,
    ABI_SIGILL = 4,
    ABI_SIGTRAP = 5,
    ABI_SIGABRT = 6,
    ABI_SIGEMT = 7,
    ABI_SIGFPE = 8,
    ABI_SIGKILL = 9,
    ABI_SIGBUS = 10,
    ABI_SIGSEGV = 11,
    ABI_SIGSYS = 12,
    ABI_SIGPIPE = 13,
    ABI_SIGALRM = 14,
    ABI_SIGTERM = 15,
    ABI_SIGURG = 16,
    ABI_SIGSTOP = 17,
    ABI_SIGTSTP = 18,
    ABI_SIGCONT = 19,
    ABI_SIGCHLD = 20,
    ABI_SIGTTIN = 21,
    ABI_SIGTTOU = 22,
    ABI_SIGIO = 23,
    ABI_SIGWINCH = 24,
    ABI_SIGUSR1 = 25,
    ABI_SIGUSR2 = 26,
    ABI_NSIG = 32, /* signals are 1 to 31; a set is a uint64_t with bit (1 << sig) */

    ABI_SIG_DFL = 0,
    ABI_SIG_IGN = 1,

    /* picolibc's order */
    ABI_SIG_SETMASK = 0,
    ABI_SIG_BLOCK = 1,
    ABI_SIG_UNBLOCK = 2,

    ABI_SA_NOCLDSTOP = 1,
    ABI_SA_SIGINFO = 2,
    ABI_SA_ONSTACK = 4,
    ABI_SA_RESTART = 8,
    ABI_SA_NODEFER = 16,
    ABI_SA_RESETHAND = 32,

    ABI_SS_ONSTACK = 1,
    ABI_SS_DISABLE = 2,
};

struct abi_sigaction {
    uint64_t handler; /* ABI_SIG_DFL, ABI_SIG_IGN or an address */
    uint64_t mask;    /* blocked while the handler runs */
    uint32_t flags;   /* ABI_SA_* */
    uint32_t reserved;
    uint64_t restorer; /* where the handler returns to; it calls sigreturn() */
};
_Static_assert(sizeof(struct abi_sigaction) == 32, "abi_sigaction");

struct abi_stack {
    uint64_t base;
    uint64_t size;
    uint32_t flags; /* ABI_SS_* */
    uint32_t reserved;
};
_Static_assert(sizeof(struct abi_stack) == 24, "abi_stack");

/* si_code of SIGSEGV and SIGBUS */
enum {
    ABI_SEGV_MAPERR = 1, /* nothing mapped there */
    ABI_SEGV_ACCERR = 2, /* mapped, access not allowed */
    ABI_BUS_ADRALN = 1,
    ABI_BUS_ADRERR = 2, /* beyond the end of the object */
    ABI_BUS_OBJERR = 3, /* the pager or the device failed: see the fault record */
};

enum { ABI_ACCESS_READ = 1, ABI_ACCESS_WRITE = 2, ABI_ACCESS_EXEC = 4 };

/*
 * The last fault of the calling thread that ended in a signal or an error (fault_record()), and
 * what a signal handler gets behind its siginfo. The same record serves every kind of handler.
 */
struct abi_fault_record {
    uint64_t addr; /* the address touched */
    uint64_t pc;
    uint64_t object;     /* object id (msg.h); 0: no object there */
    uint64_t offset;     /* in the object, bytes, of the page */
    uint64_t elapsed_ns; /* from the fault to the verdict */
    uint32_t session;    /* id of the pager's session; 0: none */
    int32_t code;        /* -errno: the verdict; 0: plain SIGSEGV */
    uint32_t access;     /* ABI_ACCESS_* */
    uint32_t signal;
    uint64_t reserved;
};
_Static_assert(sizeof(struct abi_fault_record) == 64, "abi_fault_record");

struct abi_siginfo {
    int32_t signo;
    int32_t code;
    int32_t error;
    int32_t pid;
    int32_t status;
    uint32_t reserved;
    uint64_t addr;
    struct abi_fault_record fault;
};
_Static_assert(sizeof(struct abi_siginfo) == 96, "abi_siginfo");

/*
 * What a handler finds above its frame (third argument of a SA_SIGINFO handler). sigreturn()
 * takes it from the stack pointer at its call, checks it, and goes on from there.
 */
struct abi_ucontext {
    uint64_t pc;
    uint64_t x[31]; /* x1 to x31 */
    uint64_t mask;  /* signal mask to restore */
    uint64_t fcsr;
    uint64_t f[32];
};
_Static_assert(sizeof(struct abi_ucontext) == 66 * 8, "abi_ucontext");

struct abi_sigframe { /* at the handler's stack pointer, 16-byte aligned */
    struct abi_siginfo info;
    struct abi_ucontext context;
};

struct abi_times {
    uint64_t user_ns, system_ns;
    uint64_t child_user_ns, child_system_ns;
    uint64_t stall_ns; /* waiting for pagers */
};
_Static_assert(sizeof(struct abi_times) == 40, "abi_times");

#endif
