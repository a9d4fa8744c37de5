/*
 * errno.h - the error numbers of errno.def as an enumeration.
 *
 * For the kernel and host programs. User programs take picolibc's <errno.h>, whose numbers
 * are the same; <duality/errno.h> adds the ones that picolibc does not have.
 */
#ifndef ABI_ERRNO_H
#define ABI_ERRNO_H

#ifndef ABI_ERRNO_HOST /* host tests may keep the host's names and map numbers themselves */
enum {
#define ERR(name, number, text) name = number,
#include "abi/errno.def"
#undef ERR
};
#endif

#endif
