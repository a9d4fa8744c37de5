/*
 * stubs.S - the raw system calls, one function sc_NAME per row of abi/syscall.def.
 *
 * Number in a7, arguments already in a0 to a5, result in a0: at least 0, or minus an error
 * number. The prefix leaves the names of calls free for programs. Each stub has its own section.
 */
    .macro stub name, number
    .section .text.sc_\name, "ax", @progbits
    .globl sc_\name
    .type sc_\name, @function
sc_\name:
    li a7, \number
    ecall
    ret
    .size sc_\name, . - sc_\name
    .endm

#define SYSCALL(number, name, nargs, type, params) stub name, number;
#include "abi/syscall.def"
#undef SYSCALL

    .section .note.GNU-stack, "", @progbits
