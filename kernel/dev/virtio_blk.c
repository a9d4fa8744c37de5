/*
 * virtio_blk.c - disks behind virtio-mmio, version 2 ("modern"), one split queue each.
 *
 * A request takes a slot: a header, a status byte and a table of descriptors (header, segments,
 * status). With indirect descriptors (as QEMU offers) the table lies in the slot and the queue
 * holds one descriptor per slot; without, slot i owns a fixed stretch of the queue's own table. So
 * nothing is allocated per request, and descriptor numbers never have to be handed out one by one.
 * Requests beyond the slots wait in order. Completion comes by interrupt: finished requests are
 * collected under the lock and their done() called without it.
 *
 * What the device says is not trusted further than its own data: an unknown slot number or one that
 * is not in flight is ignored and counted. Lock: RANK_BLK per disk, for slots, queue and waiting
 * list.
 */
#include "dev/virtio_blk.h"

#include "abi/errno.h"
#include "arch/riscv/fdt.h"
#include "core/log.h"
#include "core/spinlock.h"
#include "dev/blk.h"
#include "dev/irq.h"
#include "dev/mmio.h"
#include "dev/virtio.h"
#include "lib/fmt.h"
#include "lib/string.h"
#include "mem/kalloc.h"
#include "mem/page.h"

enum {
    QUEUE_MAX = 128,               /* entries; all three parts of the queue fit in one frame */
    SLOT_DESCS = BLK_SEGS_MAX + 2, /* header, segments, status */
    SLOTS_MAX = 64,                /* requests in flight */
    SLOT_BYTES = 512,
    SLOTS_ORDER = 3,                                  /* frames for all slots: 2^3 */
    AVAIL_AT = QUEUE_MAX * sizeof(struct virtq_desc), /* in the queue's frame */
    USED_AT = AVAIL_AT + 512,
};
_Static_assert(sizeof(struct virtq_avail) + QUEUE_MAX * 2 <= USED_AT - AVAIL_AT, "avail");
_Static_assert(USED_AT + sizeof(struct virtq_used) + QUEUE_MAX * 8 <= PAGE_SIZE, "used");

struct slot { /* read and written by the device, but for `req` */
    struct virtq_desc table[SLOT_DESCS];
    struct virtio_blk_header header;
    uint8_t status;
    struct blk_req *req; /* [l] NULL: the slot is free */
    uint16_t next_free;  /* [l] */
};
_Static_assert(sizeof(struct slot) <= SLOT_BYTES, "slot");
_Static_assert(SLOTS_MAX *SLOT_BYTES <= PAGE_SIZE << SLOTS_ORDER, "slots");

enum { NO_SLOT = 0xffff };

struct disk {
    struct blk_dev dev;
    char name[8];
    struct spinlock lock;
    uint8_t *regs;             /* [I] */
    uint64_t features;         /* [I] agreed */
    struct virtq_desc *desc;   /* [l] */
    struct virtq_avail *avail; /* [l] */
    struct virtq_used *used;   /* [l] written by the device */
    uint16_t queue_len;        /* [I] */
    uint16_t slot_count;       /* [I] */
    uint16_t first_free;       /* [l] */
    uint16_t used_seen;        /* [l] how far `used` has been read */
    uint32_t nonsense;         /* [l] completions of nothing */
    uint8_t *slots;            /* [I] */
    struct list waiting;       /* [l] requests without a slot, oldest first */
};

static uint32_t disks_found;

static uint32_t reg_read(const struct disk *d, unsigned reg)
{
    return mmio_read32(d->regs + reg);
}

static void reg_write(struct disk *d, unsigned reg, uint32_t v)
{
    mmio_write32(d->regs + reg, v);
}

static struct slot *slot_at(struct disk *d, uint16_t i)
{
    return (struct slot *)(d->slots + (size_t)i * SLOT_BYTES);
}

static bool indirect(const struct disk *d)
{
    return d->features & VIRTIO_F_INDIRECT_DESC;
}

/* --- submitting --- */

static void desc_set(struct virtq_desc *desc, const void *addr, uint32_t len, uint16_t flags)
{
    desc->addr = kva_to_paddr(addr);
    desc->len = len;
    desc->flags = flags;
}

/* Describes the request in `table`, whose first descriptor has number `first` in its own table. */
static unsigned describe(struct virtq_desc *table, uint16_t first, struct slot *s)
{
    const struct blk_req *req = s->req;
    uint16_t dir = req->op == BLK_READ ? VIRTQ_NEXT | VIRTQ_WRITE : VIRTQ_NEXT;
    unsigned n = 0;

    desc_set(&table[n++], &s->header, sizeof(s->header), VIRTQ_NEXT);
    for (unsigned i = 0; i < req->nsegs; i++)
        desc_set(&table[n++], req->segs[i].addr, req->segs[i].len, dir);
    desc_set(&table[n++], &s->status, 1, VIRTQ_WRITE);
    for (unsigned i = 0; i + 1 < n; i++)
        table[i].next = (uint16_t)(first + i + 1);
    return n;
}

static void slot_fill(struct disk *d, uint16_t index, struct blk_req *req)
{
    static const uint32_t types[] = {[BLK_READ] = VIRTIO_BLK_T_IN,
                                     [BLK_WRITE] = VIRTIO_BLK_T_OUT,
                                     [BLK_FLUSH] = VIRTIO_BLK_T_FLUSH};
    struct slot *s = slot_at(d, index);

    s->req = req;
    s->header = (struct virtio_blk_header){.type = types[req->op], .sector = req->sector};
    s->status = 0xff;
    uint16_t head = index;
    if (indirect(d)) {
        unsigned n = describe(s->table, 0, s);
        desc_set(&d->desc[head], s->table, n * sizeof(struct virtq_desc), VIRTQ_INDIRECT);
    } else {
        head = index * SLOT_DESCS;
        describe(&d->desc[head], head, s);
    }
    d->avail->ring[d->avail->idx % d->queue_len] = head;
    io_publish(); /* the entry before the index */
    WRITE_ONCE(d->avail->idx, d->avail->idx + 1);
}

/* Moves waiting requests into free slots and tells the device if there were any. */
static void start_locked(struct disk *d)
{
    bool any = false;

    while (d->first_free != NO_SLOT && !list_empty(&d->waiting)) {
        struct blk_req *req = list_first(&d->waiting, struct blk_req, link);
        uint16_t index = d->first_free;
        list_del(&req->link);
        d->first_free = slot_at(d, index)->next_free;
        slot_fill(d, index, req);
        any = true;
    }
    if (any) {
        io_publish();
        reg_write(d, VIRTIO_QUEUE_NOTIFY, 0);
    }
}

static void submit(struct blk_dev *dev, struct blk_req *req)
{
    struct disk *d = dev->driver;

    if (req->op == BLK_FLUSH && !(d->features & VIRTIO_BLK_F_FLUSH)) {
        req->status = 0; /* the device has no cache of its own */
        req->done(req);
        return;
    }
    spin_lock(&d->lock);
    list_add_tail(&d->waiting, &req->link);
    start_locked(d);
    spin_unlock(&d->lock);
}

/* --- completing --- */

static void collect_locked(struct disk *d, struct list *finished)
{
    while (d->used_seen != READ_ONCE(d->used->idx)) {
        io_collect(); /* the index before the entry, the status and the data */
        uint32_t id = d->used->ring[d->used_seen++ % d->queue_len].id;
        uint32_t index = indirect(d) ? id : id / SLOT_DESCS;
        struct slot *s = index < d->slot_count ? slot_at(d, (uint16_t)index) : NULL;
        if (!s || !s->req) {
            d->nonsense++;
            continue;
        }
        s->req->status = s->status == VIRTIO_BLK_S_OK ? 0 : -EIO;
        list_add_tail(finished, &s->req->link);
        s->req = NULL;
        s->next_free = d->first_free;
        d->first_free = (uint16_t)index;
    }
}

static void interrupt(void *arg)
{
    struct disk *d = arg;
    struct list finished = LIST_INIT(finished);

    reg_write(d, VIRTIO_INTERRUPT_ACK, reg_read(d, VIRTIO_INTERRUPT_STATUS));
    spin_lock(&d->lock);
    collect_locked(d, &finished);
    start_locked(d);
    spin_unlock(&d->lock);

    while (!list_empty(&finished)) {
        struct blk_req *req = list_first(&finished, struct blk_req, link);
        list_del(&req->link);
        req->done(req);
    }
}

/* --- finding and setting up --- */

static bool negotiate(struct disk *d)
{
    const uint64_t wanted = VIRTIO_F_VERSION_1 | VIRTIO_F_INDIRECT_DESC | VIRTIO_BLK_F_SEG_MAX |
                            VIRTIO_BLK_F_RO | VIRTIO_BLK_F_BLK_SIZE | VIRTIO_BLK_F_FLUSH;

    reg_write(d, VIRTIO_STATUS, 0); /* reset */
    reg_write(d, VIRTIO_STATUS, VIRTIO_ACKNOWLEDGE);
    reg_write(d, VIRTIO_STATUS, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER);
    uint64_t offered = 0;
    for (uint32_t half = 0; half < 2; half++) {
        reg_write(d, VIRTIO_DEVICE_FEATURES_SEL, half);
        offered |= (uint64_t)reg_read(d, VIRTIO_DEVICE_FEATURES) << 32 * half;
    }
    d->features = offered & wanted;
    if (!(d->features & VIRTIO_F_VERSION_1))
        return false;
    for (uint32_t half = 0; half < 2; half++) {
        reg_write(d, VIRTIO_DRIVER_FEATURES_SEL, half);
        reg_write(d, VIRTIO_DRIVER_FEATURES, (uint32_t)(d->features >> 32 * half));
    }
    uint32_t status = VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER | VIRTIO_FEATURES_OK;
    reg_write(d, VIRTIO_STATUS, status);
    return reg_read(d, VIRTIO_STATUS) & VIRTIO_FEATURES_OK;
}

static void read_config(struct disk *d)
{
    uint32_t generation, blk_size = BLK_SECTOR, seg_max = BLK_SEGS_MAX;

    do {
        generation = reg_read(d, VIRTIO_CONFIG_GENERATION);
        d->dev.sectors = reg_read(d, VIRTIO_CONFIG + VIRTIO_BLK_CAPACITY) |
                         (uint64_t)reg_read(d, VIRTIO_CONFIG + VIRTIO_BLK_CAPACITY + 4) << 32;
        if (d->features & VIRTIO_BLK_F_SEG_MAX)
            seg_max = reg_read(d, VIRTIO_CONFIG + VIRTIO_BLK_SEG_MAX);
        if (d->features & VIRTIO_BLK_F_BLK_SIZE)
            blk_size = reg_read(d, VIRTIO_CONFIG + VIRTIO_BLK_BLK_SIZE);
    } while (generation != reg_read(d, VIRTIO_CONFIG_GENERATION));

    d->dev.max_segs = seg_max < 1 ? 1 : MIN(seg_max, (uint32_t)BLK_SEGS_MAX);
    d->dev.read_only = (d->features & VIRTIO_BLK_F_RO) != 0;
    if (blk_size > BLK_SECTOR)
        log_print("%s: works in blocks of %u bytes; smaller writes may be slow", d->name, blk_size);
}

static void set_address(struct disk *d, unsigned reg, const void *p)
{
    paddr_t pa = kva_to_paddr(p);
    reg_write(d, reg, (uint32_t)pa);
    reg_write(d, reg + 4, (uint32_t)(pa >> 32));
}

/* The queue's three parts in one frame, the slots in eight. Never given back: disks stay. */
static int make_queue(struct disk *d)
{
    reg_write(d, VIRTIO_QUEUE_SEL, 0);
    uint32_t max = reg_read(d, VIRTIO_QUEUE_NUM_MAX);
    d->queue_len = QUEUE_MAX;
    while (d->queue_len > max)
        d->queue_len /= 2;
    d->slot_count = MIN(indirect(d) ? d->queue_len : d->queue_len / SLOT_DESCS, SLOTS_MAX);
    if (d->slot_count == 0 || reg_read(d, VIRTIO_QUEUE_READY))
        return -ENODEV;

    struct page *ring = page_alloc_zero(PAGE_KERNEL);
    struct page *slots = page_alloc_order(PAGE_KERNEL, SLOTS_ORDER);
    if (!ring || !slots)
        return -ENOMEM;
    uint8_t *kva = page_kva(ring);
    d->desc = (struct virtq_desc *)kva;
    d->avail = (struct virtq_avail *)(kva + AVAIL_AT);
    d->used = (struct virtq_used *)(kva + USED_AT);
    d->slots = page_kva(slots);
    memset(d->slots, 0, PAGE_SIZE << SLOTS_ORDER);
    d->first_free = NO_SLOT;
    for (uint16_t i = d->slot_count; i-- > 0;) {
        slot_at(d, i)->next_free = d->first_free;
        d->first_free = i;
    }

    reg_write(d, VIRTIO_QUEUE_NUM, d->queue_len);
    set_address(d, VIRTIO_QUEUE_DESC, d->desc);
    set_address(d, VIRTIO_QUEUE_DRIVER, d->avail);
    set_address(d, VIRTIO_QUEUE_DEVICE, d->used);
    io_publish();
    reg_write(d, VIRTIO_QUEUE_READY, 1);
    return 0;
}

static const struct blk_ops virtio_blk_ops = {.submit = submit};

static int disk_setup(struct disk *d, const struct board_device *at)
{
    d->regs = paddr_to_kva(at->reg.start);
    snprintf(d->name, sizeof(d->name), "vd%c", 'a' + (int)disks_found);
    spin_init(&d->lock, RANK_BLK);
    list_init(&d->waiting);
    d->dev.name = d->name;
    d->dev.ops = &virtio_blk_ops;
    d->dev.driver = d;
    if (!negotiate(d))
        return -ENODEV;
    read_config(d);
    int err = make_queue(d);
    if (!err)
        err = irq_register(at->irq, interrupt, d);
    if (!err)
        reg_write(d, VIRTIO_STATUS, reg_read(d, VIRTIO_STATUS) | VIRTIO_DRIVER_OK);
    return err;
}

static void probe(const struct board_device *at)
{
    const uint8_t *regs = paddr_to_kva(at->reg.start);

    if (mmio_read32(regs + VIRTIO_MAGIC) != VIRTIO_MAGIC_VALUE ||
        mmio_read32(regs + VIRTIO_DEVICE_ID) != VIRTIO_ID_BLOCK)
        return;
    if (mmio_read32(regs + VIRTIO_VERSION) != 2) {
        log_print("virtio: a disk of the old interface; start QEMU with "
                  "-global virtio-mmio.force-legacy=false");
        return;
    }
    struct disk *d = kzalloc(sizeof(*d));
    int err = d ? disk_setup(d, at) : -ENOMEM;
    if (err) { /* its queue, if it has one already, is left to the device */
        log_print("virtio: a disk that cannot be set up: error %d", -err);
        if (d)
            reg_write(d, VIRTIO_STATUS, VIRTIO_FAILED);
        return;
    }
    disks_found++;
    blk_register(&d->dev);
    log_print("%s: %lu MiB%s, %u requests in flight", d->name, d->dev.sectors >> 11,
              d->dev.read_only ? ", read-only" : "", d->slot_count);
}

void virtio_blk_init(void)
{
    for (uint32_t i = 0; i < board.virtio_count && disks_found < 26; i++)
        probe(&board.virtio[i]);
}
