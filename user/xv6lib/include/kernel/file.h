/*
 * kernel/file.h - device numbers for mknod().
 */
#ifndef XV6_FILE_H
#define XV6_FILE_H

#define CONSOLE 5 /* major number; its minor number is 1, 0 is taken as that */

#define mkdev(m, n) ((uint)((m) << 16 | (n)))
#define major(dev)  ((dev) >> 16 & 0xFFFF)
#define minor(dev)  ((dev)&0xFFFF)

#endif
