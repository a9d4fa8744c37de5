/*
 * switch.S - changing threads, and moving the floating-point registers. switch.h has the contracts.
 */
#define CTX 320

    .text
    .balign 4
    .globl context_switch
context_switch:
    sd      ra, CTX+0(a0)
    sd      sp, CTX+8(a0)
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
    sd      s\n, CTX+16+8*\n(a0)
    .endr
    /* a store-conditional of the next thread must not succeed on this one's reservation */
    addi    t0, sp, -8
    sc.d    zero, zero, (t0)
    mv      tp, a1
    ld      ra, CTX+0(a1)
    ld      sp, CTX+8(a1)
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
    ld      s\n, CTX+16+8*\n(a1)
    .endr
    ret

#define FS_INITIAL (1 << 13)
.macro each_fp op
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    \op f\n, 8*\n(a0)
    .endr
    .irp n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    \op f\n, 8*\n(a0)
    .endr
.endm

    .globl fp_save
fp_save:
    li      t0, FS_INITIAL
    csrs    sstatus, t0
    each_fp fsd
    frcsr   t0
    sd      t0, 256(a0)
    ret

    .globl fp_load
fp_load:
    li      t0, FS_INITIAL
    csrs    sstatus, t0
    each_fp fld
    ld      t0, 256(a0)
    fscsr   t0
    ret
