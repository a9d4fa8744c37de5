/*
 * kernel/param.h - limits, as they are true for a course program on this kernel.
 *
 * Most things that are a fixed table in a small kernel grow here until memory ends; the numbers
 * then say what a program can count on.
 */
#ifndef XV6_PARAM_H
#define XV6_PARAM_H

#define NPROC       512   /* children of one process not yet waited for; fork() refuses more */
#define NCPU        8     /* harts */
#define NOFILE      65536 /* descriptors of one process */
#define NFILE       65536 /* no limit of its own */
#define NINODE      50    /* no limit; inodes that tests hold at once */
#define NDEV        10    /* major device numbers in use lie below */
#define ROOTDEV     1     /* device of the root directory, as stat() says */
#define MAXARG      1024  /* arguments of exec() */
#define MAXOPBLOCKS 10    /* blocks in one write() that programs like to test */
#define LOGSIZE     (MAXOPBLOCKS * 3)
#define LOGBLOCKS   (MAXOPBLOCKS * 3)
#define NBUF        (MAXOPBLOCKS * 3)
#define FSSIZE      65536 /* blocks of BSIZE on the usual disk */
#define MAXPATH     4096  /* bytes of a path, with its NUL */
#define USERSTACK   2048  /* pages that a stack may grow to */

#endif
