/*
 * boot.S - the first instructions of each hart.
 *
 * The firmware enters here in supervisor mode, translation and interrupts off: the boot hart at
 * _start with a0 = hart id, a1 = device tree; every other at hart_entry with a0 = hart id, a1 = its
 * struct hart (a direct-map address), when hart_start_others() asks. Both switch to boot_table,
 * which maps the first 128 GiB at DIRECT_BASE and, for the one step in which the program
 * counter is still physical, the gigabyte of the kernel at its own address, until pmap_boot().
 *
 * The first hart at _start is the boot hart. OpenSBI up to 1.1 marks a hart as started before it
 * stores where to: now and then one that should enter at hart_entry enters at _start instead, and
 * then finds its struct hart by its id.
 */
#define DIRECT_BASE 0xffffffc000000000
#define LEAF_RWX    0xcf /* V R W X A D */
#define GLOBAL      0x20
#define BOOT_STACK  16384
#define HART_SIZE   568 /* asserted in hart.h */

    .section .text.boot, "ax"
    .globl _start
_start:
    mv      s0, a0
    mv      s1, a1
    la      t0, boot_taken
    li      t1, 1
    amoswap.w.aq t2, t1, (t0)
    call    go_high
    bnez    t2, late_start

    la      t0, __bss_start
    la      t1, __bss_end
1:  bgeu    t0, t1, 2f
    sd      zero, 0(t0)
    addi    t0, t0, 8
    j       1b
2:  la      tp, boot_thread
    la      sp, boot_stack + BOOT_STACK
    mv      a0, s0
    mv      a1, s1
    li      s0, 0 /* ends every backtrace */
    li      ra, 0
    call    kmain
1:  wfi
    j       1b

late_start: /* s0 = hart id; harts[] is filled, or nobody would have started this one */
    la      s1, harts
    li      t0, HART_SIZE
1:  lwu     t1, 4(s1) /* hartid */
    beq     t1, s0, hart_high
    add     s1, s1, t0
    j       1b

    .globl hart_entry
hart_entry:
    mv      s1, a1
    call    go_high
hart_high:
    ld      tp, 8(s1) /* hart->idle */
    ld      sp, 288(tp) /* its kstack_top */
    mv      a0, s1
    li      s0, 0
    li      ra, 0
    call    hart_started
1:  wfi
    j       1b

/* Turns translation on and returns to the caller at its high address. */
go_high:
    la      t0, boot_table
    srli    t0, t0, 12
    li      t1, 8 << 60
    or      t0, t0, t1
    sfence.vma
    csrw    satp, t0
    sfence.vma
    li      t0, DIRECT_BASE
    or      ra, ra, t0
    ret

    .section .data
    .balign 4
boot_taken: /* not in .bss, which the boot hart clears */
    .word 0
    .balign 4096
boot_table:
    .quad 0, 0
    .quad (0x80000000 >> 2) | LEAF_RWX
    .zero 8 * 253
    .set gib, 0
    .rept 128
    .quad (gib << 28) | LEAF_RWX | GLOBAL
    .set gib, gib + 1
    .endr
    .zero 8 * 128

    .section .bss
    .balign 4096
    .globl boot_stack
boot_stack:
    .zero BOOT_STACK
