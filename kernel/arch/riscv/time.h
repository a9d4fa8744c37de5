/*
 * time.h - the clock: nanoseconds since boot, and the timer of this hart.
 *
 * Source: `time` CSR at the device tree's timebase-frequency; Sstc's stimecmp where the hart has
 * it, else SBI set_timer.
 */
#ifndef ARCH_TIME_H
#define ARCH_TIME_H

#include <stdint.h>

#define TIME_NEVER UINT64_MAX
#define NS_PER_SEC 1000000000ull
#define NS_PER_MS  1000000ull
#define NS_PER_US  1000ull

void time_init(void); /* boot hart, after board_init() */

/* Nanoseconds since boot; the same on all harts. */
uint64_t time_now_ns(void);

/* Nanoseconds between 1970 and boot, read once from the board's RTC; 0 without one. */
uint64_t time_boot_epoch_ns(void);

/* Asks for a timer interrupt on this hart at `ns` (TIME_NEVER: none); replaces the last wish. */
void time_set_interrupt(uint64_t ns);

/* Waits for `ns` or for an interrupt, whichever is first, keeping the timer's setting. For long
 * spins: lets the simulator run another hart. */
void time_nap(uint64_t ns);

/* Now plus `ns`, never past TIME_NEVER. */
static inline uint64_t time_after_ns(uint64_t ns)
{
    uint64_t now = time_now_ns();
    return ns > TIME_NEVER - now ? TIME_NEVER : now + ns;
}

#endif
