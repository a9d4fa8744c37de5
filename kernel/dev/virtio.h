/*
 * virtio.h - registers of a virtio device behind memory (virtio-mmio, version 2), and the memory
 * layout of a split virtqueue. Numbers only.
 *
 * Source: Virtual I/O Device (VIRTIO) Version 1.1, sections 2.6, 4.2 and 5.2.
 */
#ifndef DEV_VIRTIO_H
#define DEV_VIRTIO_H

#include <stdint.h>

#include "lib/types.h"

enum { /* registers, bytes from the base */
       VIRTIO_MAGIC = 0x000,
       VIRTIO_VERSION = 0x004,
       VIRTIO_DEVICE_ID = 0x008, /* 0: nothing plugged in here */
       VIRTIO_DEVICE_FEATURES = 0x010,
       VIRTIO_DEVICE_FEATURES_SEL = 0x014,
       VIRTIO_DRIVER_FEATURES = 0x020,
       VIRTIO_DRIVER_FEATURES_SEL = 0x024,
       VIRTIO_QUEUE_SEL = 0x030,
       VIRTIO_QUEUE_NUM_MAX = 0x034,
       VIRTIO_QUEUE_NUM = 0x038,
       VIRTIO_QUEUE_READY = 0x044,
       VIRTIO_QUEUE_NOTIFY = 0x050,
       VIRTIO_INTERRUPT_STATUS = 0x060,
       VIRTIO_INTERRUPT_ACK = 0x064,
       VIRTIO_STATUS = 0x070,
       VIRTIO_QUEUE_DESC = 0x080, /* low half; high half behind it, also for the next two */
       VIRTIO_QUEUE_DRIVER = 0x090,
       VIRTIO_QUEUE_DEVICE = 0x0a0,
       VIRTIO_CONFIG_GENERATION = 0x0fc,
       VIRTIO_CONFIG = 0x100,
};

#define VIRTIO_MAGIC_VALUE 0x74726976u

enum { VIRTIO_ID_BLOCK = 2 };

enum { /* bits of VIRTIO_STATUS */
       VIRTIO_ACKNOWLEDGE = 1,
       VIRTIO_DRIVER = 2,
       VIRTIO_DRIVER_OK = 4,
       VIRTIO_FEATURES_OK = 8,
       VIRTIO_FAILED = 128,
};

/* Features, as bits of 64. */
#define VIRTIO_F_INDIRECT_DESC (1ull << 28)
#define VIRTIO_F_VERSION_1     (1ull << 32)
#define VIRTIO_BLK_F_SEG_MAX   (1ull << 2)
#define VIRTIO_BLK_F_RO        (1ull << 5)
#define VIRTIO_BLK_F_BLK_SIZE  (1ull << 6)
#define VIRTIO_BLK_F_FLUSH     (1ull << 9)

enum {                          /* fields of a block device's configuration */
       VIRTIO_BLK_CAPACITY = 0, /* 64 bits, in sectors of 512 bytes */
       VIRTIO_BLK_SEG_MAX = 12,
       VIRTIO_BLK_BLK_SIZE = 20,
};

enum { VIRTIO_BLK_T_IN = 0, VIRTIO_BLK_T_OUT = 1, VIRTIO_BLK_T_FLUSH = 4 };
enum { VIRTIO_BLK_S_OK = 0 };

struct virtio_blk_header { /* first segment of a request; the last is one byte of status */
    uint32_t type;
    uint32_t reserved;
    uint64_t sector;
};

enum { VIRTQ_NEXT = 1, VIRTQ_WRITE = 2, VIRTQ_INDIRECT = 4 };

struct virtq_desc {
    uint64_t addr; /* physical */
    uint32_t len;
    uint16_t flags; /* VIRTQ_* */
    uint16_t next;
};
_Static_assert(sizeof(struct virtq_desc) == 16, "virtq_desc");

struct virtq_avail {
    uint16_t flags;
    uint16_t idx; /* free-running */
    uint16_t ring[];
};

struct virtq_used_elem {
    uint32_t id;
    uint32_t len;
};

struct virtq_used {
    uint16_t flags;
    uint16_t idx; /* free-running */
    struct virtq_used_elem ring[];
};

#endif
