/*
 * stubs.S - one function sys_NAME per row of abi/syscall.def, and the signal restorer.
 *
 * Number in a7, arguments already in a0 to a5, result in a0; the kernel preserves every other
 * register. Each stub has its own section, so that a program carries only the calls it makes.
 */
    .macro stub name, number
    .section .text.sys_\name, "ax", @progbits
    .globl sys_\name
    .type sys_\name, @function
sys_\name:
    li a7, \number
    ecall
    ret
    .size sys_\name, . - sys_\name
    .endm

#define SYSCALL(number, name, nargs, type, params) stub name, number;
#include "abi/syscall.def"
#undef SYSCALL

    /* Where a signal handler returns to, with sp at the struct abi_sigframe. */
    .section .text.sigrestore, "ax", @progbits
    .globl duality_sigrestore
    .type duality_sigrestore, @function
duality_sigrestore:
    li a7, 19
    ecall
    ebreak
    .size duality_sigrestore, . - duality_sigrestore

    .section .note.GNU-stack, "", @progbits
