/*
 * fdt.c - what the kernel wants to know of the board, taken from the device tree.
 *
 * Owns `board`, written once by board_init() on the boot hart. Nodes are recognised by what they
 * are compatible with, not by name. Addresses of devices are taken as they stand: buses of this
 * board family translate nothing. What is missing but needed ends in panic, what is missing and
 * optional stays empty.
 */
#include "arch/riscv/fdt.h"

#include "arch/riscv/fdt_walk.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "lib/types.h"

struct board board;

/* Interrupt controllers of harts, by phandle, until the PLIC's wiring is resolved. */
enum { CPUS_SEEN = 64 };
static struct {
    uint32_t hartid, phandle;
} cpu_intc[CPUS_SEEN];
static uint32_t cpu_intc_count;
static const uint32_t *plic_wires; /* (phandle, interrupt) pairs */
static uint32_t plic_wires_len;
static uint32_t sstc_harts, harts_seen;

static void range_add(struct board_range *list, uint32_t *count, uint64_t start, uint64_t size)
{
    if (start >= DIRECT_SIZE)
        return; /* out of the direct map: not used */
    size = MIN(size, DIRECT_SIZE - start);
    if (size == 0)
        return;
    if (*count == BOARD_RANGES)
        panic("device tree: more than %d ranges of memory", BOARD_RANGES);
    list[*count].start = start;
    list[*count].end = start + size;
    ++*count;
}

static void reserve(uint64_t start, uint64_t size)
{
    range_add(board.reserved, &board.reserved_count, start, size);
}

static bool is(const struct fdt_node *n, const char *compatible)
{
    return fdt_has_string(n, "compatible", compatible);
}

static bool usable(const struct fdt_node *n)
{
    uint32_t len;
    return !fdt_prop(n, "status", &len) || fdt_has_string(n, "status", "okay") ||
           fdt_has_string(n, "status", "ok");
}

static void read_memory(const struct fdt_node *n)
{
    uint64_t start, size;
    for (uint32_t i = 0; fdt_reg(n, i, &start, &size); i++)
        range_add(board.memory, &board.memory_count, start, size);
}

static void read_reserved(const struct fdt_node *n)
{
    uint64_t start, size;
    for (uint32_t i = 0; fdt_reg(n, i, &start, &size); i++)
        reserve(start, size);
}

/* "rv64imafdc_zicsr_sstc" or a list of names. */
static bool has_sstc(const struct fdt_node *n)
{
    uint32_t len;
    const char *isa = fdt_prop(n, "riscv,isa", &len);

    for (uint32_t i = 0; isa && i + 5 < len; i++) {
        if (memcmp(isa + i, "_sstc", 5) == 0)
            return true;
    }
    return fdt_has_string(n, "riscv,isa-extensions", "sstc");
}

static void read_cpu(const struct fdt_node *n)
{
    uint64_t hartid, size;

    if (!usable(n) || !fdt_reg(n, 0, &hartid, &size))
        return;
    harts_seen++;
    sstc_harts += has_sstc(n);
    if (hartid == board.hartid[0])
        return;
    if (board.hart_count == HART_MAX) {
        board.harts_ignored++;
        return;
    }
    board.hartid[board.hart_count++] = (uint32_t)hartid;
}

static void read_cpu_intc(const struct fdt_node *n)
{
    uint64_t hartid, size;
    uint32_t phandle;

    if (cpu_intc_count < CPUS_SEEN && fdt_u32(n, "phandle", &phandle) &&
        fdt_reg(n->parent, 0, &hartid, &size)) {
        cpu_intc[cpu_intc_count].hartid = (uint32_t)hartid;
        cpu_intc[cpu_intc_count++].phandle = phandle;
    }
}

static void read_timebase(const struct fdt_node *n)
{
    uint32_t len;
    const uint32_t *cell = fdt_prop(n, "timebase-frequency", &len);
    if (cell && (len == 4 || len == 8))
        board.timebase_hz = fdt_cells(cell, len / 4);
}

static void read_device(const struct fdt_node *n, struct board_device *d)
{
    uint64_t start, size;

    if (!usable(n) || !fdt_reg(n, 0, &start, &size) || size == 0 || start + size < start ||
        start + size > DIRECT_SIZE)
        return;
    d->reg.start = start;
    d->reg.end = start + size;
    fdt_u32(n, "interrupts", &d->irq);
}

static void read_plic(const struct fdt_node *n)
{
    read_device(n, &board.plic);
    fdt_u32(n, "riscv,ndev", &board.plic_sources);
    plic_wires = fdt_prop(n, "interrupts-extended", &plic_wires_len);
}

static void read_virtio(const struct fdt_node *n)
{
    struct board_device d = {0};

    read_device(n, &d);
    if (d.reg.start == d.reg.end || board.virtio_count == BOARD_VIRTIO)
        return;
    uint32_t i = board.virtio_count++;
    for (; i > 0 && board.virtio[i - 1].reg.start > d.reg.start; i--)
        board.virtio[i] = board.virtio[i - 1];
    board.virtio[i] = d;
}

static uint64_t chosen_address(const struct fdt_node *n, const char *name)
{
    uint32_t len;
    const uint32_t *cell = fdt_prop(n, name, &len);
    return cell && (len == 4 || len == 8) ? fdt_cells(cell, len / 4) : 0;
}

static void read_chosen(const struct fdt_node *n)
{
    uint32_t len;
    const char *args = fdt_prop(n, "bootargs", &len);
    if (args && len > 0) {
        if (args[len - 1] != '\0' || len > sizeof(board.bootargs))
            panic("device tree: bootargs longer than %zu bytes", sizeof(board.bootargs) - 1);
        strlcpy(board.bootargs, args, sizeof(board.bootargs));
    }
    uint64_t start = chosen_address(n, "linux,initrd-start");
    uint64_t end = chosen_address(n, "linux,initrd-end");
    if (start < end && end <= DIRECT_SIZE) {
        board.initrd = (struct board_range){start, end};
        reserve(start, end - start);
    }
}

static void read_node(const struct fdt_node *n)
{
    const struct fdt_node *up = n->parent;

    if (fdt_has_string(n, "device_type", "memory"))
        read_memory(n);
    else if (fdt_has_string(n, "device_type", "cpu"))
        read_cpu(n);
    else if (is(n, "riscv,cpu-intc") && up)
        read_cpu_intc(n);
    else if (is(n, "ns16550a") && board.uart.reg.end == 0)
        read_device(n, &board.uart);
    else if (is(n, "sifive,plic-1.0.0") || is(n, "riscv,plic0"))
        read_plic(n);
    else if (is(n, "virtio,mmio"))
        read_virtio(n);
    else if (is(n, "google,goldfish-rtc"))
        read_device(n, &board.rtc);
    else if (is(n, "sifive,test0") || is(n, "sifive,test1"))
        read_device(n, &board.test);
    else if (up && !up->parent && strcmp(n->name, "cpus") == 0)
        read_timebase(n);
    else if (up && !up->parent && strcmp(n->name, "chosen") == 0)
        read_chosen(n);
    else if (up && up->parent && !up->parent->parent && strcmp(up->name, "reserved-memory") == 0)
        read_reserved(n);
}

/* Context c of the PLIC is the c-th wire; supervisor mode's are those to interrupt 9 of a hart. */
static void resolve_plic(void)
{
    for (uint32_t h = 0; h < board.hart_count; h++) {
        board.plic_context[h] = UINT32_MAX;
        for (uint32_t c = 0; plic_wires && c < plic_wires_len / 8; c++) {
            for (uint32_t i = 0; i < cpu_intc_count; i++) {
                if (fdt_be32(plic_wires[2 * c + 1]) == 9 &&
                    fdt_be32(plic_wires[2 * c]) == cpu_intc[i].phandle &&
                    cpu_intc[i].hartid == board.hartid[h])
                    board.plic_context[h] = c;
            }
        }
    }
}

void board_init(paddr_t dtb, uint64_t boot_hartid)
{
    if (dtb == 0 || dtb % 8 || dtb >= DIRECT_SIZE)
        panic("the firmware passed no device tree (%lx)", dtb);
    const void *blob = paddr_to_kva(dtb);
    reserve(dtb, fdt_check(blob));

    board.hartid[0] = (uint32_t)boot_hartid;
    board.hart_count = 1;
    fdt_reservations(blob, reserve);
    fdt_walk(blob, read_node);
    resolve_plic();
    board.sstc = harts_seen > 0 && sstc_harts == harts_seen;

    if (board.memory_count == 0)
        panic("device tree: no memory");
    if (harts_seen == 0)
        panic("device tree: no hart");
    if (board.timebase_hz == 0)
        panic("device tree: no timebase-frequency");
}
