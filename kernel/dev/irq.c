/*
 * irq.c - which function serves which device interrupt, and on which hart.
 *
 * Owns the table of handlers. Each source is routed to one hart, chosen round robin as handlers are
 * registered, so that an interrupt wakes one hart, not all of them; what it makes ready is
 * then placed by the scheduler. A handler is set before its source is enabled and never removed, so
 * dispatch reads the table without the lock. Lock: RANK_IRQ for registering.
 */
#include "dev/irq.h"

#include "abi/errno.h"
#include "arch/riscv/csr.h"
#include "arch/riscv/hart.h"
#include "core/log.h"
#include "core/spinlock.h"
#include "dev/plic.h"
#include "sched/sched.h"

enum { IRQ_MAX = 128 };

struct handler {
    void (*fn)(void *arg);
    void *arg;
};

static struct spinlock lock = SPINLOCK_INIT(RANK_IRQ);
static struct handler handlers[IRQ_MAX]; /* [l] to write */
static uint32_t routed;                  /* [l] sources given to harts so far */

void irq_init(void)
{
    if (!plic_init())
        log_print("irq: no interrupt controller found");
    sched_set_device_interrupts(irq_dispatch);
}

void irq_init_hart(void)
{
    plic_init_hart(this_hart()->index);
    CSR_SET(sie, SIE_SEIE);
}

/* Enables a source on the next hart of the round that can take it. */
static bool route_locked(uint32_t irq)
{
    for (uint32_t tries = 0; tries < hart_count; tries++) {
        if (plic_enable(irq, routed++ % hart_count))
            return true;
    }
    return false;
}

int irq_register(uint32_t irq, void (*fn)(void *arg), void *arg)
{
    int err = 0;

    if (irq == 0 || irq >= IRQ_MAX)
        return -EINVAL;
    spin_lock(&lock);
    if (handlers[irq].fn) {
        err = -EBUSY;
    } else {
        handlers[irq] = (struct handler){fn, arg};
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
        if (!route_locked(irq))
            err = -ENODEV;
    }
    spin_unlock(&lock);
    return err;
}

void irq_dispatch(void)
{
    uint32_t index = this_hart()->index;

    for (uint32_t irq = plic_claim(index); irq; irq = plic_claim(index)) {
        if (irq < IRQ_MAX && handlers[irq].fn)
            handlers[irq].fn(handlers[irq].arg);
        plic_complete(index, irq);
    }
}
