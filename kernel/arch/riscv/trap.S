/*
 * trap.S - the way into the kernel and back.
 *
 * In user mode sscratch holds the current thread; in the kernel it is zero and tp holds the
 * thread. So swapping the two tells where a trap came from. From user mode all registers go into
 * the frame at the start of struct thread and the thread's kernel stack begins empty; from
 * the kernel they go into a frame on the present stack. Interrupts are off throughout.
 */
#define TF_SEPC    256
#define TF_SSTATUS 264
#define TF_SCAUSE  272
#define TF_STVAL   280
#define TF_SIZE    288
#define KSTACK_TOP 288
#define INTERRUPTED 296
#define HANDOFF     304
#define THREAD_HART 432
#define HART_RESCHED 28
#define SUM        (1 << 18)
#define CAUSE_ECALL_USER 8

/* x1 and x3 to x31 without x4; sp and tp are each handled in place */
.macro each_register op, base
    \op x1, 8(\base)
    \op x3, 24(\base)
    .irp n, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25
    \op x\n, 8*\n(\base)
    .endr
    .irp n, 26, 27, 28, 29, 30, 31
    \op x\n, 8*\n(\base)
    .endr
.endm

    .text
    .balign 4
    .globl trap_entry
trap_entry:
    csrrw   tp, sscratch, tp
    beqz    tp, from_kernel

    each_register sd, tp
    sd      sp, 16(tp)
    csrrw   t0, sscratch, zero
    csrr    t1, sepc
    csrr    t2, sstatus
    csrr    t3, scause
    sd      t0, 32(tp)
    sd      t1, TF_SEPC(tp)
    sd      t2, TF_SSTATUS(tp)
    ld      sp, KSTACK_TOP(tp)
    li      s0, 0
    mv      a0, tp
    li      t4, CAUSE_ECALL_USER
    bne     t3, t4, 1f

    call    syscall_dispatch /* moves sepc behind the ecall */
2:  lw      t0, INTERRUPTED(tp)
    ld      t1, THREAD_HART(tp)
    lw      t1, HART_RESCHED(t1)
    ld      t2, HANDOFF(tp)
    or      t0, t0, t1
    or      t0, t0, t2
    beqz    t0, to_user
    j       trap_return

1:  csrr    t4, stval
    sd      t3, TF_SCAUSE(tp)
    sd      t4, TF_STVAL(tp)
    call    trap_user
    j       2b

    .globl trap_return
trap_return:
    mv      a0, tp
    call    trap_user_work
to_user:
    ld      t0, TF_SEPC(tp)
    ld      t1, TF_SSTATUS(tp)
    csrw    sepc, t0
    csrw    sstatus, t1
    csrw    sscratch, tp
    each_register ld, tp
    ld      sp, 16(tp)
    ld      tp, 32(tp)
    sret

from_kernel:
    csrrw   tp, sscratch, zero
    addi    sp, sp, -TF_SIZE
    each_register sd, sp
    sd      tp, 32(sp)
    addi    t0, sp, TF_SIZE
    sd      t0, 16(sp)
    csrr    t0, sepc
    csrr    t1, sstatus
    csrr    t2, scause
    csrr    t3, stval
    sd      t0, TF_SEPC(sp)
    sd      t1, TF_SSTATUS(sp)
    sd      t2, TF_SCAUSE(sp)
    sd      t3, TF_STVAL(sp)
    li      t4, SUM
    csrc    sstatus, t4
    mv      a0, sp
    call    trap_kernel
    ld      t0, TF_SEPC(sp)
    ld      t1, TF_SSTATUS(sp)
    csrw    sepc, t0
    csrw    sstatus, t1
    each_register ld, sp
    addi    sp, sp, TF_SIZE
    sret
