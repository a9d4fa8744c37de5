/*
 * start.c - from the kernel's entry to main(): thread-local storage, constructors, exit.
 *
 * The main thread's TLS block lies in the image while it fits in MAIN_TLS_MAX bytes, else it is
 * mapped. RISC-V's layout: tp points at the first byte of the block, .tdata then .tbss.
 *
 * `pull` names the functions of this library that replace picolibc's and that only picolibc
 * itself may call: the linker must take ours before it meets its own. The table's section is
 * dropped again by --gc-sections.
 */
#include <duality/tool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/lock.h>
#include <sys/mman.h>
#include <unistd.h>

#include "internal.h"

enum { MAIN_TLS_MAX = 512 };

extern char **environ;
extern void (*__preinit_array_start[])(void), (*__preinit_array_end[])(void);
extern void (*__init_array_start[])(void), (*__init_array_end[])(void);

static char main_tls[MAIN_TLS_MAX] __attribute__((aligned(64)));

char *_user_strerror(int number, int internal, int *error);

static const void *const pull[] __attribute__((used, section(".rodata.duality_pull"))) = {
    memcpy,
    memmove,
    memset,
    memcmp,
    strlen,
    raise,
    sbrk,
    _exit,
    &environ,
    fflush,
    __retarget_lock_acquire,
    _user_strerror,
};

/* Copies the initial values into a block of tls_block_size() bytes. The block is zeroed already. */
void tls_block_init(void *block)
{
    memcpy(block, __tdata_source, (size_t)__tdata_size);
}

size_t tls_block_size(void)
{
    return ((size_t)__tls_size + 63) & ~(size_t)63;
}

static void main_tls_setup(void)
{
    void *block = main_tls;

    if ((size_t)__tls_size > MAIN_TLS_MAX) {
        block = (void *)sys_mmap(NULL, tls_block_size(), PROT_READ | PROT_WRITE,
                                 MAP_PRIVATE | MAP_ANON, -1, 0);
        if ((intptr_t)block < 0 && (intptr_t)block > -4096)
            sys_exit(127);
    }
    tls_block_init(block);
    __asm__ volatile("mv tp, %0" : : "r"(block) : "memory");
}

const char *program_name = "?"; /* for <duality/tool.h> */

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

int main(int argc, char **argv, char **envp);

_Noreturn void start_c(long *stack)
{
    int argc = (int)stack[0];
    char **argv = (char **)(stack + 1);
    void (**function)(void);

    environ = argv + argc + 1;
    if (argc > 0)
        program_name = last_part(argv[0]);
    main_tls_setup();
    for (function = __preinit_array_start; function < __preinit_array_end; function++)
        (*function)();
    for (function = __init_array_start; function < __init_array_end; function++)
        (*function)();
    exit(main(argc, argv, environ));
}

_Noreturn void _exit(int status)
{
    for (;;)
        sys_exit(status);
}
