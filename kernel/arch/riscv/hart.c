/*
 * hart.c - the table of harts; starting, kicking and stopping them through the firmware.
 *
 * Owns harts[] and what each hart must set up for itself before it can take a trap. What a hart
 * runs is the scheduler's business. hart_start_others() hands each hart its struct hart; boot.S
 * takes the stack and the current thread from hart->idle.
 */
#include "arch/riscv/hart.h"

#include "arch/riscv/csr.h"
#include "arch/riscv/fdt.h"
#include "arch/riscv/sbi.h"
#include "arch/riscv/time.h"
#include "arch/riscv/trap.h"
#include "lib/assert.h"

struct hart harts[HART_MAX];
uint32_t hart_count;

static void (*hart_entry_fn)(struct hart *h);
static uint32_t stopping;

extern char trap_entry[], hart_entry[];
void hart_started(struct hart *h); /* boot.S */

void hart_init(struct thread *boot)
{
    hart_count = board.hart_count;
    for (uint32_t i = 0; i < hart_count; i++) {
        harts[i].index = i;
        harts[i].hartid = board.hartid[i];
    }
    harts[0].idle = boot;
    harts[0].current = boot;
    *(struct hart **)((char *)boot + THREAD_HART) = &harts[0];
    harts[0].online = 1;
}

void trap_init_hart(void)
{
    CSR_WRITE(sscratch, 0);
    CSR_WRITE(stvec, trap_entry);
    CSR_WRITE(scounteren, 7); /* user mode may read cycle, time and instret */
    CSR_CLEAR(sstatus, SSTATUS_SUM | SSTATUS_SIE);
    time_set_interrupt(TIME_NEVER);
    CSR_WRITE(sie, SIE_SSIE | SIE_STIE | SIE_SEIE);
}

void hart_kick(struct hart *h)
{
    sbi_send_ipi(1, h->hartid);
}

void hart_started(struct hart *h)
{
    h->current = h->idle;
    trap_init_hart();
    __atomic_store_n(&h->online, 1, __ATOMIC_RELEASE);
    hart_entry_fn(h);
}

void hart_start_others(void (*entry)(struct hart *h))
{
    hart_entry_fn = entry;
    for (uint32_t i = 1; i < hart_count; i++) {
        struct hart *h = &harts[i];
        ASSERT(h->idle);
        *(struct hart **)((char *)h->idle + THREAD_HART) = h;
        long err = sbi_hart_start(h->hartid, kva_to_paddr(hart_entry), (uint64_t)h);
        if (err)
            panic("hart %u did not start: firmware error %ld", h->hartid, err);
    }
    for (uint32_t i = 1; i < hart_count; i++) {
        while (!__atomic_load_n(&harts[i].online, __ATOMIC_ACQUIRE))
            time_nap(20 * NS_PER_US); /* a simulator may have to run it in our place */
    }
}

bool hart_stopping(void)
{
    return __atomic_load_n(&stopping, __ATOMIC_RELAXED);
}

void hart_stop_self(void)
{
    CSR_WRITE(sie, 0);
    for (;;)
        cpu_wait();
}

void hart_stop_others(void)
{
    __atomic_store_n(&stopping, 1, __ATOMIC_SEQ_CST);
    for (uint32_t i = 0; i < hart_count; i++) {
        if (&harts[i] != this_hart() && harts[i].online)
            hart_kick(&harts[i]);
    }
}
