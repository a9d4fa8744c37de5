/*
 * panic.c - the end of the road: says why, where and what was held, stops the other harts, and ends
 * QEMU with status 1. Also the plain way to power the machine off.
 *
 * Takes no lock and trusts little: output goes through the firmware, and a second panic while
 * the first one prints ends the machine at once. Turns addresses into names: tools/addr.sh.
 */
#include "core/panic.h"

#include <stdarg.h>

#include "arch/riscv/csr.h"
#include "arch/riscv/fdt.h"
#include "arch/riscv/hart.h"
#include "arch/riscv/sbi.h"
#include "core/log.h"
#include "core/spinlock.h"
#include "lib/fmt.h"
#include "lib/types.h"

enum { BACKTRACE_MAX = 24, TEST_PASS = 0x5555, TEST_FAIL = 0x3333, STATUS_PANIC = 1 };

static uint32_t panicking; /* [a] 1 + index of the hart that panics */
static void (*describe)(const struct thread *t, char *buf, size_t size);

extern char __kernel_start[], __text_end[];

void panic_set_describe(void (*fn)(const struct thread *t, char *buf, size_t size))
{
    describe = fn;
}

void machine_poweroff(int status)
{
    if (board.test.reg.start != board.test.reg.end) {
        uint32_t code = status == 0 ? TEST_PASS : TEST_FAIL | (uint32_t)(status & 0xff) << 16;
        *(volatile uint32_t *)paddr_to_kva(board.test.reg.start) = code;
    }
    sbi_shutdown();
    hart_stop_self();
}

static bool looks_like_frame(uint64_t fp)
{
    if (fp % 8)
        return false;
    for (uint32_t i = 0; i < board.memory_count; i++) {
        if (fp - 16 >= DIRECT_BASE + board.memory[i].start &&
            fp <= DIRECT_BASE + board.memory[i].end && fp > 16)
            return true;
    }
    return false;
}

/* A frame, as gcc lays it out for -fno-omit-frame-pointer: return address and the caller's
 * frame pointer lie just below where fp points. */
void backtrace_print(unsigned long fp)
{
    for (int i = 0; i < BACKTRACE_MAX && looks_like_frame(fp); i++) {
        uint64_t ra = ((uint64_t *)fp)[-1];
        uint64_t next = ((uint64_t *)fp)[-2];

        if (ra < (uint64_t)__kernel_start || ra >= (uint64_t)__text_end)
            return;
        log_print("  at %lx", ra - 4); /* inside the calling instruction */
        if (next <= fp)
            return;
        fp = next;
    }
}

static void put_text(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        sbi_putchar(text[i]);
}

/* From here on log_print() goes straight to the firmware; false: this hart has been here before. */
static bool panic_begin(void)
{
    uint32_t none = 0, me = 1 + this_hart()->index;

    if (!__atomic_compare_exchange_n(&panicking, &none, me, false, __ATOMIC_SEQ_CST,
                                     __ATOMIC_SEQ_CST)) {
        if (none != me)
            hart_stop_self();
        return false;
    }
    CSR_CLEAR(sstatus, SSTATUS_SIE);
    log_set_sink(put_text);
    hart_stop_others();
    return true;
}

void panic(const char *fmt, ...)
{
    char text[200], who[80] = "";
    const struct thread *t = current_thread();
    va_list ap;

    if (!panic_begin()) {
        put_text("panic within panic\n", 19);
        machine_poweroff(STATUS_PANIC);
    }
    va_start(ap, fmt);
    fmt_vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    log_print("\npanic: %s", text);

    if (describe)
        describe(t, who, sizeof(who));
    log_print("  hart %u (id %u), thread %p %s", this_hart()->index, this_hart()->hartid,
              (const void *)t, who);
    lock_print_held(t);
    backtrace_print((uint64_t)__builtin_frame_address(0));
    log_print("  (names: tools/addr.sh ADDRESS...)");
    machine_poweroff(STATUS_PANIC);
}
