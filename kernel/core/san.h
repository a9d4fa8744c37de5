/*
 * san.h - what the allocators tell the address sanitizer (SAN=1): which bytes may be touched.
 *
 * Without SAN=1 every call vanishes. The shadow has one byte for 8 bytes of memory; it and the
 * checks are in san_kasan.c.
 */
#ifndef CORE_SAN_H
#define CORE_SAN_H

#include <stddef.h>
#include <stdint.h>

#include "arch/riscv/pte.h"

/* Why bytes must not be touched: values of the shadow. */
enum { SAN_FREE_PAGE = 0xf1, SAN_REDZONE = 0xf2, SAN_FREED = 0xf3 };

#if CONFIG_SAN
/* Covers memory [low, high) with a shadow, from place(); all of it may be touched. */
void san_boot(paddr_t low, paddr_t high, paddr_t (*place)(uint64_t size));
void san_poison(const void *p, size_t len, uint8_t why); /* p aligned to 8; len rounded up */
void san_unpoison(const void *p, size_t len);            /* p aligned to 8; len exact */
/* Panics if the object has been freed already. */
void san_check_free(const void *p);
#else
static inline void san_check_free(const void *p)
{
    (void)p;
}
static inline void san_boot(paddr_t low, paddr_t high, paddr_t (*place)(uint64_t size))
{
    (void)low, (void)high, (void)place;
}
static inline void san_poison(const void *p, size_t len, uint8_t why)
{
    (void)p, (void)len, (void)why;
}
static inline void san_unpoison(const void *p, size_t len)
{
    (void)p, (void)len;
}
#endif

#endif
