/*
 * fpu.c - the floating-point registers of user threads, loaded at first use.
 *
 * The unit's state is sstatus.FS in the thread's trap frame, which user mode gets back at the
 * return: Off: the registers are in thread.fp (or were never used); the first use traps, and
 * sched_fp_restore() loads them. Clean: loaded and equal to thread.fp. Dirty: only the registers
 * are right. The hardware makes Clean into Dirty. The kernel itself never uses the unit, so between
 * the trap and the switch away the registers stay the thread's own. They belong to the running
 * thread or to nobody: leaving always turns the unit Off.
 */
#include "arch/riscv/csr.h"
#include "arch/riscv/switch.h"
#include "lib/assert.h"
#include "sched/internal.h"
#include "sched/sched.h"

static void set_fs(struct thread *t, uint64_t fs)
{
    t->tf.sstatus = (t->tf.sstatus & ~SSTATUS_FS) | fs;
}

void sched_fp_save(struct thread *t)
{
    if ((t->tf.sstatus & SSTATUS_FS) != SSTATUS_FS_DIRTY)
        return;
    ASSERT(t == current_thread());
    fp_save(&t->fp);
    set_fs(t, SSTATUS_FS_CLEAN);
}

void sched_fp_restore(struct thread *t)
{
    ASSERT(t == current_thread() && (t->tf.sstatus & SSTATUS_FS) == 0);
    fp_load(&t->fp);
    set_fs(t, SSTATUS_FS_CLEAN);
    t->fp_used = true;
}

void sched_fp_reload(struct thread *t)
{
    set_fs(t, 0);
}

void fpu_leave(struct thread *t)
{
    if (!t->proc)
        return;
    sched_fp_save(t);
    set_fs(t, 0);
}
