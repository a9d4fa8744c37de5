/*
 * irq.h - device interrupts (PLIC).
 *
 * A handler runs with interrupts off on the hart that claimed it, must not sleep, and may take
 * spinlocks of any rank (nothing is held when an interrupt is taken: the kernel itself runs with
 * interrupts off, so it comes from user mode, the idle loop or a preempt_point()).
 */
#ifndef DEV_IRQ_H
#define DEV_IRQ_H

#include <stdint.h>

void irq_init(void);      /* boot hart: finds the PLIC in the device tree */
void irq_init_hart(void); /* each hart */
/* Routes source `irq` to fn(arg). 0 or -errno. */
int irq_register(uint32_t irq, void (*fn)(void *arg), void *arg);
/* Claims and serves all pending device interrupts of this hart. */
void irq_dispatch(void);

#endif
