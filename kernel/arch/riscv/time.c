/*
 * time.c - the clock: time.h has the contracts.
 *
 * Owns the conversion between ticks of the `time` register and nanoseconds since boot, and the
 * choice between stimecmp (Sstc) and the firmware's timer. All values are written once, by
 * time_init() on the boot hart before the others start.
 */
#include "arch/riscv/time.h"

#include "arch/riscv/csr.h"
#include "arch/riscv/fdt.h"
#include "arch/riscv/sbi.h"

static uint64_t ticks_at_boot;
static uint64_t ns_per_tick;     /* where the frequency divides 1e9, as on QEMU; else 0 */
static uint64_t ns_per_tick_q32; /* nanoseconds per tick, 32.32 fixed point */
static uint64_t ticks_per_ns_q32;
static uint64_t epoch_ns;

static uint64_t mul_q32(uint64_t a, uint64_t q32)
{
    return (uint64_t)(((unsigned __int128)a * q32) >> 32);
}

/* The goldfish RTC counts nanoseconds since 1970; reading the low half latches the high one. */
static uint64_t rtc_read_ns(void)
{
    if (board.rtc.reg.start == board.rtc.reg.end)
        return 0;
    volatile uint32_t *rtc = paddr_to_kva(board.rtc.reg.start);
    uint64_t low = rtc[0];
    return (uint64_t)rtc[1] << 32 | low;
}

void time_init(void)
{
    ticks_at_boot = CSR_READ(time);
    if (NS_PER_SEC % board.timebase_hz == 0)
        ns_per_tick = NS_PER_SEC / board.timebase_hz;
    ns_per_tick_q32 = (NS_PER_SEC << 32) / board.timebase_hz;
    ticks_per_ns_q32 = (board.timebase_hz << 32) / NS_PER_SEC;
    epoch_ns = rtc_read_ns();
}

uint64_t time_now_ns(void)
{
    uint64_t ticks = CSR_READ(time) - ticks_at_boot;
    return ns_per_tick ? ticks * ns_per_tick : mul_q32(ticks, ns_per_tick_q32);
}

uint64_t time_boot_epoch_ns(void)
{
    return epoch_ns;
}

void time_set_interrupt(uint64_t ns)
{
    uint64_t ticks = UINT64_MAX;

    /* one tick more, so that the clock is never read as earlier than what was asked for */
    if (ns != TIME_NEVER)
        ticks =
            ticks_at_boot + 1 + (ns_per_tick ? ns / ns_per_tick : mul_q32(ns, ticks_per_ns_q32));
    if (board.sstc)
        CSR_WRITE(0x14d, ticks); /* stimecmp */
    else
        sbi_set_timer(ticks);
}

void time_nap(uint64_t ns)
{
    if (!board.sstc) {
        cpu_relax();
        return;
    }
    uint64_t until =
        CSR_READ(time) + 1 + (ns_per_tick ? ns / ns_per_tick : mul_q32(ns, ticks_per_ns_q32));
    uint64_t wish = CSR_READ(0x14d); /* stimecmp */
    if (until < wish)
        CSR_WRITE(0x14d, until);
    cpu_wait();
    CSR_WRITE(0x14d, wish);
}
