/*
 * virtio_blk.h - finds every virtio disk of the board and registers it ("vda", "vdb", ... by rising
 * address). After irq_init(); once.
 */
#ifndef DEV_VIRTIO_BLK_H
#define DEV_VIRTIO_BLK_H

void virtio_blk_init(void);

#endif
