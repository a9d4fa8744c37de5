/*
 * fdt.h - the board, as the device tree that the firmware passed describes it.
 *
 * Read once by board_init() and never changed; the tree itself is not needed afterwards. All
 * addresses are physical. A tree that is damaged or lacks what the kernel cannot do without
 * (memory, a hart, the clock) ends in panic with the reason.
 */
#ifndef ARCH_FDT_H
#define ARCH_FDT_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/riscv/hart.h"
#include "arch/riscv/pte.h"

enum { BOARD_RANGES = 16, BOARD_VIRTIO = 32, BOARD_BOOTARGS = 2048 };

struct board_range {
    paddr_t start, end; /* half open; empty: start == end */
};

struct board_device {
    struct board_range reg; /* empty: not there */
    uint32_t irq;           /* source number at the PLIC; 0: none */
};

struct board {
    struct board_range memory[BOARD_RANGES];
    uint32_t memory_count;
    struct board_range reserved[BOARD_RANGES]; /* firmware, the tree, initrd; may lie anywhere */
    uint32_t reserved_count;
    struct board_range initrd; /* empty: none */

    uint32_t hart_count; /* at most HART_MAX; [0] is the one that booted */
    uint32_t hartid[HART_MAX];
    uint32_t plic_context[HART_MAX]; /* of supervisor mode; UINT32_MAX: none */
    uint32_t harts_ignored;
    uint64_t timebase_hz;
    bool sstc; /* every hart has stimecmp */

    struct board_device uart; /* 16550 */
    struct board_device plic;
    uint32_t plic_sources;
    struct board_device rtc;                  /* goldfish */
    struct board_device test;                 /* sifive,test: ends QEMU with a status */
    struct board_device virtio[BOARD_VIRTIO]; /* rising address */
    uint32_t virtio_count;

    char bootargs[BOARD_BOOTARGS]; /* "": none */
};

extern struct board board;

/* Fills `board` from the tree at `dtb`; `boot_hartid` is the hart that runs. */
void board_init(paddr_t dtb, uint64_t boot_hartid);

#endif
