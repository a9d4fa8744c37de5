/*
 * uaccess.S - the instructions that touch user memory. uaccess.h has the contracts.
 *
 * sstatus.SUM, which allows it, is set only inside these routines. Each row of __ex_table covers
 * the accesses of one routine: { first pc, pc behind the last, where to go on after a fault }.
 */
#define SUM (1 << 18)

.macro user_begin
    li      t6, SUM
    csrs    sstatus, t6
.endm
.macro user_end
    li      t6, SUM
    csrc    sstatus, t6
.endm
.macro covers from, to, fixup
    .pushsection __ex_table, "a"
    .balign 8
    .quad   \from, \to, \fixup
    .popsection
.endm

    .text
    .balign 4
/*
 * (dst, src, len): aligns dst by bytes, then copies 64 bytes a round, all loads before the stores,
 * then words, then bytes. A source of another alignment is read with misaligned loads. dst (a0)
 * is only moved on when everything before it has been stored, so end - dst is what is missing.
 */
    .globl __copy_from_user, __copy_to_user
__copy_from_user:
__copy_to_user:
    add     a3, a0, a2 /* end */
    user_begin
copy_first:
    li      t0, 8
    bltu    a2, t0, 4f
1:  andi    t0, a0, 7
    beqz    t0, 2f
    lb      t0, 0(a1)
    sb      t0, 0(a0)
    addi    a0, a0, 1
    addi    a1, a1, 1
    j       1b
2:  addi    a4, a3, -63 /* a full round fits while dst < this */
    bgeu    a0, a4, 3f
21: ld      t0, 0(a1)
    ld      t1, 8(a1)
    ld      t2, 16(a1)
    ld      t3, 24(a1)
    ld      t4, 32(a1)
    ld      t5, 40(a1)
    ld      a5, 48(a1)
    ld      a6, 56(a1)
    sd      t0, 0(a0)
    sd      t1, 8(a0)
    sd      t2, 16(a0)
    sd      t3, 24(a0)
    sd      t4, 32(a0)
    sd      t5, 40(a0)
    sd      a5, 48(a0)
    sd      a6, 56(a0)
    addi    a0, a0, 64
    addi    a1, a1, 64
    bltu    a0, a4, 21b
3:  addi    a4, a3, -7
    bgeu    a0, a4, 4f
31: ld      t0, 0(a1)
    sd      t0, 0(a0)
    addi    a0, a0, 8
    addi    a1, a1, 8
    bltu    a0, a4, 31b
4:  bgeu    a0, a3, copy_last
41: lb      t0, 0(a1)
    sb      t0, 0(a0)
    addi    a0, a0, 1
    addi    a1, a1, 1
    bltu    a0, a3, 41b
copy_last:
    user_end
    sub     a0, a3, a0
    ret
    covers  copy_first, copy_last, copy_last

    .globl __clear_user
__clear_user: /* (dst, len) */
    add     a3, a0, a1
    user_begin
clear_first:
    li      t0, 8
    bltu    a1, t0, 4f
1:  andi    t0, a0, 7
    beqz    t0, 2f
    sb      zero, 0(a0)
    addi    a0, a0, 1
    j       1b
2:  addi    a4, a3, -63
    bgeu    a0, a4, 3f
21: .irp n, 0, 8, 16, 24, 32, 40, 48, 56
    sd      zero, \n(a0)
    .endr
    addi    a0, a0, 64
    bltu    a0, a4, 21b
3:  addi    a4, a3, -7
    bgeu    a0, a4, 4f
31: sd      zero, 0(a0)
    addi    a0, a0, 8
    bltu    a0, a4, 31b
4:  bgeu    a0, a3, clear_last
41: sb      zero, 0(a0)
    addi    a0, a0, 1
    bltu    a0, a3, 41b
clear_last:
    user_end
    sub     a0, a3, a0
    ret
    covers  clear_first, clear_last, clear_last

    .globl __strncpy_user
__strncpy_user: /* (dst, src, size) */
    mv      a3, a1
    add     a4, a1, a2
    user_begin
string_first:
1:  bgeu    a1, a4, 2f
    lbu     t0, 0(a1)
    sb      t0, 0(a0)
    beqz    t0, 2f
    addi    a1, a1, 1
    addi    a0, a0, 1
    j       1b
2:
string_last:
    user_end
    sub     a0, a1, a3
    ret
    covers  string_first, string_last, word_fault

.macro get_word name, op, store
    .globl  \name
\name: /* (src, value) */
    user_begin
1:  \op     t0, 0(a0)
2:  user_end
    \store  t0, 0(a1)
    li      a0, 0
    ret
    covers  1b, 2b, word_fault
.endm
.macro put_word name, op
    .globl  \name
\name: /* (dst, value) */
    user_begin
1:  \op     a1, 0(a0)
2:  user_end
    li      a0, 0
    ret
    covers  1b, 2b, word_fault
.endm

    get_word __get_user_32, lw, sw
    get_word __get_user_64, ld, sd
    put_word __put_user_32, sw
    put_word __put_user_64, sd

    .globl __cas_user_32
__cas_user_32: /* (dst, expected, desired, seen) */
    sext.w  a1, a1
    user_begin
cas_first:
1:  lr.w.aqrl t0, (a0)
    bne     t0, a1, 2f
    sc.w.rl t1, a2, (a0)
    bnez    t1, 1b
2:
cas_last:
    user_end
    sw      t0, 0(a3)
    li      a0, 0
    ret
    covers  cas_first, cas_last, word_fault

word_fault:
    user_end
    li      a0, -1
    ret
