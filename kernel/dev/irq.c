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
    uint32_t hart; /* index of the one it is routed to */
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

/* Enables a source on the next hart of the round that can take it. */
static bool route_locked(uint32_t irq)
{
    for (uint32_t tries = 0; tries < hart_count; tries++) {
        handlers[irq].hart = routed++ % hart_count;
        if (plic_enable(irq, handlers[irq].hart))
            return true;
    }
    return false;
}

/* The firmware turns a hart's sources off when it starts the hart, which may be after drivers
 * registered: turn ours on again. */
void irq_init_hart(void)
{
    uint32_t index = this_hart()->index;

    spin_lock(&lock);
    plic_init_hart(index);
    for (uint32_t irq = 1; irq < IRQ_MAX; irq++) {
        if (handlers[irq].fn && handlers[irq].hart == index)
            plic_enable(irq, index);
    }
    spin_unlock(&lock);
    CSR_SET(sie, SIE_SEIE);
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
        handlers[irq] = (struct handler){fn, arg, 0};
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
