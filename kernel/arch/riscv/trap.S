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
#define FRAME_WRITTEN 300
#define HANDOFF     304
#define CALL_NUMBER 312
#define THREAD_HART 432
#define HART_RESCHED 28
#define HART_SYSCALLS 40
#define TF_A0      80
#define SYS_LIMIT  128
#define EINTR      4
#define ENOSYS     88
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
    li      t4, CAUSE_ECALL_USER
    bne     t3, t4, other_trap

    addi    t1, t1, 4       /* go on behind the ecall */
    sd      a7, CALL_NUMBER(tp)
    sd      t1, TF_SEPC(tp)
    ld      t0, THREAD_HART(tp)
    ld      t1, HART_SYSCALLS(t0)
    addi    t1, t1, 1
    sd      t1, HART_SYSCALLS(t0)
    li      t0, SYS_LIMIT
    li      a0, -ENOSYS
    bgeu    a7, t0, 1f
    slli    t1, a7, 3
3:  auipc   t0, %pcrel_hi(syscall_table)
    add     t0, t0, t1
    ld      t0, %pcrel_lo(3b)(t0)
    beqz    t0, 1f
    addi    a0, tp, TF_A0   /* struct sysargs */
    jalr    t0
    li      t0, -EINTR
    beq     a0, t0, call_interrupted
1:  sd      a0, TF_A0(tp)
    ld      t0, INTERRUPTED(tp) /* and `frame_written` behind it */
    ld      t1, THREAD_HART(tp)
    lw      t1, HART_RESCHED(t1)
    ld      t2, HANDOFF(tp)
    or      t0, t0, t1
    or      t0, t0, t2
    bnez    t0, trap_return

    /* s1 to s11 are as they were: the handler has kept them. A handler that wrote the frame
     * (sigreturn, exec) has set `frame_written`. */
    ld      t0, TF_SEPC(tp)
    ld      t1, TF_SSTATUS(tp)
    csrw    sepc, t0
    csrw    sstatus, t1
    csrw    sscratch, tp
    .irp n, 1, 2, 3, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16, 17, 28, 29, 30, 31
    ld      x\n, 8*\n(tp)
    .endr
    ld      tp, 32(tp)
    sret

call_interrupted:
    mv      a0, tp
    ld      a1, CALL_NUMBER(tp)
    call    signal_call_interrupted
    li      a0, -EINTR
    j       1b

other_trap:
    csrr    t4, stval
    sd      t3, TF_SCAUSE(tp)
    sd      t4, TF_STVAL(tp)
    mv      a0, tp
    call    trap_user
    lw      t0, INTERRUPTED(tp)
    ld      t1, THREAD_HART(tp)
    lw      t1, HART_RESCHED(t1)
    ld      t2, HANDOFF(tp)
    or      t0, t0, t1
    or      t0, t0, t2
    beqz    t0, to_user

    .globl trap_return
trap_return:
    sw      zero, FRAME_WRITTEN(tp)
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
