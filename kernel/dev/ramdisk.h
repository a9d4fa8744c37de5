/*
 * ramdisk.h - the initrd image as the disk "ram0", readable and writable; what is written is gone
 * at power-off. No initrd: no disk. Before virtio_blk_init() or after, once.
 */
#ifndef DEV_RAMDISK_H
#define DEV_RAMDISK_H

void ramdisk_init(void);

#endif
