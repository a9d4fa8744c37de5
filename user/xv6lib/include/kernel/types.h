/*
 * kernel/types.h - the integer names of course programs.
 */
#ifndef XV6_TYPES_H
#define XV6_TYPES_H

#ifndef __ASSEMBLER__

#include <stddef.h>
#include <stdint.h>

typedef unsigned int uint;
typedef unsigned short ushort;
typedef unsigned char uchar;

typedef uint8_t uint8;
typedef uint16_t uint16;
typedef uint32_t uint32;
typedef uint64_t uint64;

typedef uint64 pde_t;

#ifndef _OFF_T_DECLARED
typedef long off_t;
#define _OFF_T_DECLARED
#endif

#endif
#endif
