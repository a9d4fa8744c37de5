/*
 * plic.h - the interrupt controller itself: registers, nothing else. For irq.c.
 */
#ifndef DEV_PLIC_H
#define DEV_PLIC_H

#include <stdbool.h>
#include <stdint.h>

/* Finds the controller in the board description; false: there is none. All sources are off. */
bool plic_init(void);
/* Lets hart `index` take every source that is enabled for it. */
void plic_init_hart(uint32_t index);
/* Routes source `irq` to hart `index`; false: no such source, or the hart has no context. */
bool plic_enable(uint32_t irq, uint32_t index);
/* The most urgent pending source of a hart, now being served; 0: none. */
uint32_t plic_claim(uint32_t index);
void plic_complete(uint32_t index, uint32_t irq);

#endif
