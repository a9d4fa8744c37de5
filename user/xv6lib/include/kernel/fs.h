/*
 * kernel/fs.h - the file system as course programs see it.
 *
 * BSIZE is the unit in which programs count; the disk's own block is a multiple of it. read() of
 * a directory gives struct dirent records, made by the library from the long ones of the kernel.
 */
#ifndef XV6_FS_H
#define XV6_FS_H

#include "kernel/types.h"

#define ROOTINO 2 /* inode of the root directory */
#define BSIZE   1024

#define NDIRECT   12
#define NINDIRECT (BSIZE / sizeof(uint))
#define MAXFILE   (NDIRECT + NINDIRECT) /* blocks that any file may have; more is allowed */

#define DIRSIZ 14 /* bytes of a name in struct dirent; longer ones are cut */

struct dirent {
    ushort inum;       /* low bits of the inode number, never 0 */
    char name[DIRSIZ]; /* NUL-padded, without NUL when it is DIRSIZ long */
};

#endif
