/*
 * ramdisk.c - a disk in memory: the initrd image that QEMU loaded.
 *
 * Its frames are reserved memory of the board (never in the frame allocator), so they are only
 * copied from and to. A request is carried out in blk_submit() itself and done() called before it
 * returns. No lock: requests that overlap in time and in sectors have no order on any disk.
 */
#include "dev/ramdisk.h"

#include "arch/riscv/fdt.h"
#include "core/log.h"
#include "dev/blk.h"
#include "lib/string.h"

static void submit(struct blk_dev *dev, struct blk_req *req)
{
    uint8_t *at = (uint8_t *)dev->driver + req->sector * BLK_SECTOR;

    for (unsigned i = 0; i < req->nsegs; i++) {
        struct blk_seg *seg = &req->segs[i];
        if (req->op == BLK_READ)
            memcpy(seg->addr, at, seg->len);
        else
            memcpy(at, seg->addr, seg->len);
        at += seg->len;
    }
    req->status = 0;
    req->done(req);
}

void ramdisk_init(void)
{
    static const struct blk_ops ops = {.submit = submit};
    static struct blk_dev dev = {.name = "ram0", .max_segs = BLK_SEGS_MAX, .ops = &ops};

    if (board.initrd.start == board.initrd.end)
        return;
    dev.driver = paddr_to_kva(board.initrd.start);
    dev.sectors = (board.initrd.end - board.initrd.start) / BLK_SECTOR;
    blk_register(&dev);
    log_print("%s: %lu KiB of memory", dev.name, dev.sectors / 2);
}
