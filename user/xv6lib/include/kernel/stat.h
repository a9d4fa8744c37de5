/*
 * kernel/stat.h - what fstat() and stat() of course programs say about a file.
 */
#ifndef XV6_STAT_H
#define XV6_STAT_H

#define T_DIR     1
#define T_FILE    2
#define T_DEVICE  3 /* devices and pipes */
#define T_SYMLINK 4 /* never seen: links are followed */

struct stat {
    int dev;            /* device that holds it */
    unsigned int ino;   /* inode number */
    short type;         /* T_* */
    short nlink;        /* names it has */
    unsigned long size; /* bytes */
};

#endif
