/*
 * start.S - the entry of a course program: sp is at argc, argv[], NULL.
 *
 * ra and the frame pointer are zero, so that a backtrace ends here.
 */
    .section .text.start, "ax", @progbits
    .globl _start
    .type _start, @function
_start:
    .option push
    .option norelax
    la gp, __global_pointer$
    .option pop
    li ra, 0
    li s0, 0
    mv a0, sp
    andi sp, sp, -16
    call xv6_start
    ebreak
    .size _start, . - _start

    .section .note.GNU-stack, "", @progbits
