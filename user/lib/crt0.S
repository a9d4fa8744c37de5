/*
 * crt0.S - where a program and where a thread begins.
 *
 * The kernel enters _start with sp at argc, followed by argv[], NULL, envp[], NULL. start_c()
 * does the rest in C. A new thread enters thread_entry with its descriptor in a0 and tp set.
 * ra and the frame pointer are zeroed, so that a backtrace ends here.
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
    call start_c
    ebreak
    .size _start, . - _start

    .section .text.thread_entry, "ax", @progbits
    .globl thread_entry
    .type thread_entry, @function
thread_entry:
    .option push
    .option norelax
    la gp, __global_pointer$
    .option pop
    li ra, 0
    li s0, 0
    call thread_run
    ebreak
    .size thread_entry, . - thread_entry

    .section .note.GNU-stack, "", @progbits
