/*
 * mmio.h - device registers in the direct map.
 *
 * One access each, in program order with other device accesses. Around them stand fences that order
 * them with memory: io_publish() before a write that makes a device read memory, io_collect()
 * after a read that says it has written some.
 */
#ifndef DEV_MMIO_H
#define DEV_MMIO_H

#include <stdint.h>

static inline uint8_t mmio_read8(const volatile void *p)
{
    return *(const volatile uint8_t *)p;
}

static inline void mmio_write8(volatile void *p, uint8_t v)
{
    *(volatile uint8_t *)p = v;
}

static inline uint32_t mmio_read32(const volatile void *p)
{
    return *(const volatile uint32_t *)p;
}

static inline void mmio_write32(volatile void *p, uint32_t v)
{
    *(volatile uint32_t *)p = v;
}

static inline void io_publish(void)
{
    __asm__ volatile("fence rw, iorw" : : : "memory");
}

static inline void io_collect(void)
{
    __asm__ volatile("fence iorw, rw" : : : "memory");
}

#endif
