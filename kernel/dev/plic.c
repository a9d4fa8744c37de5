/*
 * plic.c - the platform-level interrupt controller.
 *
 * Source: RISC-V Platform-Level Interrupt Controller Specification 1.0. Register map: priority of
 * source n at 4n; enable bits of context c at 0x2000 + 0x80 c; threshold of context c at 0x200000 +
 * 0x1000 c, and claim/complete right behind it. A context is one privilege mode of one hart; which
 * is ours, board.plic_context says. Callers lock (irq.c); claim and complete touch only the
 * calling hart's registers.
 */
#include "dev/plic.h"

#include <stddef.h>

#include "arch/riscv/fdt.h"
#include "dev/mmio.h"

enum {
    ENABLE = 0x2000,
    ENABLE_STRIDE = 0x80,
    CONTEXT = 0x200000,
    CONTEXT_STRIDE = 0x1000,
    CLAIM = 4,
};

static uint8_t *base;

static bool has_context(uint32_t index)
{
    return base && board.plic_context[index] != UINT32_MAX;
}

static uint8_t *context(uint32_t index)
{
    return base + CONTEXT + (size_t)CONTEXT_STRIDE * board.plic_context[index];
}

static uint8_t *enable_word(uint32_t index, uint32_t irq)
{
    return base + ENABLE + (size_t)ENABLE_STRIDE * board.plic_context[index] + irq / 32 * 4;
}

bool plic_init(void)
{
    if (board.plic.reg.start == board.plic.reg.end)
        return false;
    base = paddr_to_kva(board.plic.reg.start);
    for (uint32_t irq = 1; irq <= board.plic_sources; irq++)
        mmio_write32(base + (size_t)4 * irq, 0);
    return true;
}

void plic_init_hart(uint32_t index)
{
    if (has_context(index))
        mmio_write32(context(index), 0);
}

bool plic_enable(uint32_t irq, uint32_t index)
{
    if (!has_context(index) || irq == 0 || irq > board.plic_sources)
        return false;
    uint8_t *word = enable_word(index, irq);
    mmio_write32(base + (size_t)4 * irq, 1);
    mmio_write32(word, mmio_read32(word) | 1u << irq % 32);
    return true;
}

uint32_t plic_claim(uint32_t index)
{
    return has_context(index) ? mmio_read32(context(index) + CLAIM) : 0;
}

void plic_complete(uint32_t index, uint32_t irq)
{
    mmio_write32(context(index) + CLAIM, irq);
}
