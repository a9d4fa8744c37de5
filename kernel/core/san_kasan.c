/*
 * san_kasan.c - the address sanitizer's runtime (SAN=1): is this byte allowed to be touched?
 *
 * Owns the shadow: one byte for each 8 bytes of memory, placed at the top of memory at boot.
 *     0        all 8 bytes may be touched           1 to 7   only the first 1 to 7
 *     0xf1...  none; the value says why (san.h)
 * The compiler calls __asan_loadN and __asan_storeN before each access; the allocators mark what
 * they hand out and take back. Addresses without a shadow (devices, user memory) are not checked.
 * Not instrumented itself; takes no lock: a shadow byte changes only while nobody may touch its
 * memory.
 */
#if CONFIG_SAN

#include "core/san.h"

#include "core/panic.h"
#include "lib/types.h"

static uint8_t *shadow; /* [I] NULL until san_boot(), and again once something was found */
static uintptr_t shadow_low;
static uintptr_t shadow_len; /* bytes of memory covered */

void san_boot(paddr_t low, paddr_t high, paddr_t (*place)(uint64_t size))
{
    uint64_t len = (high - low) / 8;
    uint64_t *s = paddr_to_kva(place(len));

    for (uint64_t i = 0; i < len / 8; i++)
        s[i] = 0;
    shadow_low = (uintptr_t)paddr_to_kva(low);
    shadow_len = high - low;
    shadow = (uint8_t *)s;
}

static void set_shadow(uintptr_t offset, size_t granules, uint8_t value)
{
    uint8_t *s = shadow + offset / 8;

    for (; granules > 0 && (uintptr_t)s % 8; granules--)
        *s++ = value;
    for (; granules >= 8; granules -= 8, s += 8)
        *(uint64_t *)s = value * 0x0101010101010101ul;
    for (; granules > 0; granules--)
        *s++ = value;
}

static bool covered(uintptr_t addr)
{
    return shadow && addr - shadow_low < shadow_len;
}

void san_poison(const void *p, size_t len, uint8_t why)
{
    if (covered((uintptr_t)p))
        set_shadow((uintptr_t)p - shadow_low, (len + 7) / 8, why);
}

void san_unpoison(const void *p, size_t len)
{
    uintptr_t offset = (uintptr_t)p - shadow_low;

    if (!covered((uintptr_t)p))
        return;
    set_shadow(offset, len / 8, 0);
    if (len % 8)
        shadow[(offset + len) / 8] = (uint8_t)(len % 8);
}

static __noreturn void report(const char *what, uintptr_t addr, size_t size, uint8_t value)
{
    const char *why = value == SAN_FREE_PAGE ? "free frame"
                      : value == SAN_FREED   ? "freed object"
                      : value == SAN_REDZONE ? "beyond an object"
                                             : "end of an object";
    shadow = NULL;
    panic("kasan: %s of %zu bytes at %lx: %s (%x)", what, size, addr, why, value);
}

void san_check_free(const void *p)
{
    if (!covered((uintptr_t)p))
        return;
    uint8_t value = shadow[((uintptr_t)p - shadow_low) / 8];
    if (value >= 0x80)
        report("free", (uintptr_t)p, 0, value);
}

static inline void check(const char *what, uintptr_t addr, size_t size)
{
    if (!covered(addr) || size == 0)
        return;
    uintptr_t first = addr - shadow_low, last = first + size - 1;

    for (uintptr_t g = first / 8; g < last / 8; g++) {
        while (g % 8 == 0 && g + 8 <= last / 8 && *(const uint64_t *)(shadow + g) == 0)
            g += 8; /* 64 bytes at once */
        if (g < last / 8 && unlikely(shadow[g]))
            report(what, addr, size, shadow[g]);
    }
    uint8_t value = shadow[last / 8];
    if (unlikely(value) && (value >= 0x80 || last % 8 >= value))
        report(what, addr, size, value);
}

#define ACCESS(name, what, size)                                                                   \
    void __asan_##name##_noabort(uintptr_t addr);                                                  \
    void __asan_##name##_noabort(uintptr_t addr)                                                   \
    {                                                                                              \
        check(what, addr, size);                                                                   \
    }
ACCESS(load1, "load", 1)
ACCESS(load2, "load", 2)
ACCESS(load4, "load", 4)
ACCESS(load8, "load", 8)
ACCESS(load16, "load", 16)
ACCESS(store1, "store", 1)
ACCESS(store2, "store", 2)
ACCESS(store4, "store", 4)
ACCESS(store8, "store", 8)
ACCESS(store16, "store", 16)

void __asan_loadN_noabort(uintptr_t addr, size_t size);
void __asan_loadN_noabort(uintptr_t addr, size_t size)
{
    check("load", addr, size);
}

void __asan_storeN_noabort(uintptr_t addr, size_t size);
void __asan_storeN_noabort(uintptr_t addr, size_t size)
{
    check("store", addr, size);
}

void __asan_handle_no_return(void);
void __asan_handle_no_return(void)
{
}

#endif

typedef int san_kasan_not_empty; /* a translation unit holds at least one declaration */
