/*
 * sbi.c - calls into the SBI firmware; sbi.h has the contracts.
 *
 * Owns the calling convention: extension in a7, function in a6, arguments in a0 to a4; the error
 * comes back in a0. The value in a1 is not wanted by any caller here. Holds no lock: the firmware
 * serialises what it must, and answers remote fences even while this hart has interrupts off.
 */
#include "arch/riscv/sbi.h"

enum {
    SBI_LEGACY_PUTCHAR = 1,
    SBI_TIMER = 0x54494d45,
    SBI_IPI = 0x735049,
    SBI_RFENCE = 0x52464e43,
    SBI_HSM = 0x48534d,
    SBI_RESET = 0x53525354,
};

static long sbi_call(uint64_t ext, uint64_t fn, const uint64_t arg[5])
{
    register uint64_t a0 __asm__("a0") = arg[0];
    register uint64_t a1 __asm__("a1") = arg[1];
    register uint64_t a2 __asm__("a2") = arg[2];
    register uint64_t a3 __asm__("a3") = arg[3];
    register uint64_t a4 __asm__("a4") = arg[4];
    register uint64_t a6 __asm__("a6") = fn;
    register uint64_t a7 __asm__("a7") = ext;

    __asm__ volatile("ecall"
                     : "+r"(a0), "+r"(a1)
                     : "r"(a2), "r"(a3), "r"(a4), "r"(a6), "r"(a7)
                     : "memory");
    return (long)a0;
}

void sbi_putchar(char c)
{
    sbi_call(SBI_LEGACY_PUTCHAR, 0, (uint64_t[5]){(unsigned char)c});
}

long sbi_set_timer(uint64_t ticks)
{
    return sbi_call(SBI_TIMER, 0, (uint64_t[5]){ticks});
}

long sbi_hart_start(uint64_t hartid, uint64_t entry_pa, uint64_t arg)
{
    return sbi_call(SBI_HSM, 0, (uint64_t[5]){hartid, entry_pa, arg});
}

long sbi_send_ipi(uint64_t mask, uint64_t base)
{
    return sbi_call(SBI_IPI, 0, (uint64_t[5]){mask, base});
}

long sbi_remote_fence_i(uint64_t mask, uint64_t base)
{
    return sbi_call(SBI_RFENCE, 0, (uint64_t[5]){mask, base});
}

long sbi_remote_sfence_asid(uint64_t mask, uint64_t base, uint64_t start, uint64_t len,
                            uint64_t asid)
{
    return sbi_call(SBI_RFENCE, 2, (uint64_t[5]){mask, base, start, len, asid});
}

void sbi_shutdown(void)
{
    sbi_call(SBI_RESET, 0, (uint64_t[5]){0});
}
