/*
 * space.c - traps to a user handler, protection, mapping.
 *
 * There is no handler faster than a signal's yet: the trap rows are SIGSEGV caught with
 * sigaction().
 */
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#include <duality/syscall.h>

#include "bench.h"

enum { BATCH = 100, MAPPED_PAGES = 16 };

static char *area;
static bool unprotect;

static void on_fault(int sig, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;

    (void)sig;
    if (unprotect)
        sys_mprotect((void *)((uintptr_t)info->si_addr & ~(uintptr_t)(PAGE - 1)), PAGE,
                     PROT_READ | PROT_WRITE);
    else
        uc->pc += 4;
}

/* A store of four bytes' length, so that the handler can step over it. */
static inline void store(char *p)
{
    __asm__ volatile(".option push\n.option norvc\nsd zero, 0(%0)\n.option pop"
                     :
                     : "r"(p)
                     : "memory");
}

static int catch (bool unprotects, unsigned pages)
{
    struct sigaction act = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};

    unprotect = unprotects;
    area = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
    if (area == MAP_FAILED)
        return -1;
    memset(area, 1, pages * PAGE);
    return sigaction(SIGSEGV, &act, NULL);
}

static int uncatch(unsigned pages)
{
    signal(SIGSEGV, SIG_DFL);
    return munmap(area, pages * PAGE);
}

static int trap(void)
{
    int i;

    if (catch (false, 1) < 0)
        return -1;
    sys_mprotect(area, PAGE, PROT_READ);
    for (i = 0; i < ROUNDS; i++) {
        sample_begin();
        store(area);
        sample_end(1);
    }
    return uncatch(1);
}

static int trap_unprot(void)
{
    int i;

    if (catch (true, 1) < 0)
        return -1;
    for (i = 0; i < ROUNDS; i++) {
        sys_mprotect(area, PAGE, PROT_READ);
        sample_begin();
        store(area);
        sample_end(1);
    }
    return uncatch(1);
}

static int prot_trap_unprot(void)
{
    int i;

    if (catch (true, 1) < 0)
        return -1;
    for (i = 0; i < ROUNDS; i++) {
        sample_begin();
        sys_mprotect(area, PAGE, PROT_READ);
        store(area);
        sample_end(1);
    }
    return uncatch(1);
}

static int protn_trap_unprot(void)
{
    int i, k;

    if (catch (true, BATCH) < 0)
        return -1;
    for (i = 0; i < ROUNDS / 10; i++) {
        sample_begin();
        sys_mprotect(area, BATCH * PAGE, PROT_READ);
        for (k = 0; k < BATCH; k++)
            store(area + k * PAGE);
        sample_end(BATCH);
    }
    return uncatch(BATCH);
}

static int mmap_munmap(void)
{
    void *p;
    int i;

    for (i = 0; i < ROUNDS; i++) {
        sample_begin();
        p = (void *)sys_mmap(NULL, MAPPED_PAGES * PAGE, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANON, -1, 0);
        sys_munmap(p, MAPPED_PAGES * PAGE);
        sample_end(1);
    }
    return 0;
}

const struct row space_rows[] = {
    {"trap", trap, "store to a read-only page, SIGSEGV handler that steps over it, sigreturn()"},
    {"trap_unprot", trap_unprot, "the same, the handler calls mprotect(), the store is done again"},
    {"prot_trap_unprot", prot_trap_unprot, "mprotect() of one page before that"},
    {"protn_trap_unprot", protn_trap_unprot, "mprotect() of 100 pages, then each as above; a page"},
    {"mmap_munmap", mmap_munmap, "mmap() and munmap() of 16 anonymous pages, not touched"},
    {0},
};
