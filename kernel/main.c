/*
 * main.c - boot, as a table of contents.
 *
 * boot.S calls kmain() on the boot hart, on boot_stack, as boot_thread, which becomes that hart's
 * idle thread. What may sleep (disks, file system, the first process) is done by a kernel thread.
 * docs/ boot.md tells the story in order.
 */
#include "arch/riscv/fdt.h"
#include "arch/riscv/hart.h"
#include "arch/riscv/time.h"
#include "arch/riscv/trap.h"
#include "core/log.h"
#include "core/panic.h"
#include "dev/console.h"
#include "dev/irq.h"
#include "dev/ramdisk.h"
#include "dev/virtio_blk.h"
#include "fs/vnode.h"
#include "lib/fmt.h"
#include "lib/string.h"
#include "mem/page.h"
#include "mem/pmap.h"
#include "proc/futex.h"
#include "proc/process.h"
#include "sched/sched.h"
#include "sched/selftest.h"
#include "vm/aspace.h"

/* Current from the first instruction on; hart set so that even an early panic knows its place. */
struct thread boot_thread = {.hart = &harts[0], .name = "boot", .pmap = &kernel_pmap};

void kmain(uint64_t hartid, paddr_t dtb);

static void describe_thread(const struct thread *t, char *buf, size_t size)
{
    snprintf(buf, size, "tid %d (%s), pid %d", t->tid, t->name, t->proc ? t->proc->pid : 0);
}

/* The part of boot that may sleep. */
static void boot_late(void *unused)
{
    (void)unused;
    if (strcmp(board.bootargs, "selftest=sched") == 0)
        machine_poweroff(sched_selftest() != 0);
    ramdisk_init(); /* the initrd, if there is one */
    virtio_blk_init();
    vm_init();
    int err = fs_init(); /* mounts the root */
    if (err)
        panic("no root file system: error %d", -err);
    process_init();
    err = process_start_init(board.bootargs);
    if (err)
        panic("cannot start the first process: error %d", -err);
}

/* Every hart but the first: its own registers are set up; from here on it schedules. */
static void hart_main(struct hart *h)
{
    pmap_boot_hart();
    irq_init_hart();
    sched_idle_loop(h);
}

void kmain(uint64_t hartid, paddr_t dtb)
{
    board_init(dtb, hartid); /* memory, harts, devices: from the device tree */
    hart_init(&boot_thread);
    time_init();
    trap_init_hart();
    panic_set_describe(describe_thread);
    log_print("Duality: %u harts, clock of %lu kHz, %s", board.hart_count, board.timebase_hz / 1000,
              board.sstc ? "sstc" : "timer by firmware");
    if (board.harts_ignored)
        log_print("harts: %u more than this kernel uses", board.harts_ignored);

    page_init();  /* frames */
    pmap_boot();  /* the kernel's own page tables: text read-only, data not executable */
    sched_init(); /* run queues, idle threads */
    irq_init();   /* the interrupt controller */
    irq_init_hart();
    console_init();
    hart_start_others(hart_main);
    if (thread_start_kernel("boot", boot_late, NULL))
        panic("no memory for the boot thread");
    sched_idle_loop(&harts[0]);
}
