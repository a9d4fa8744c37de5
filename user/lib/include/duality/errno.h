/*
 * duality/errno.h - <errno.h> and the error numbers that only Duality has: a pager's verdicts.
 *
 * The numbers are those of abi/errno.def from 2001 up. strerror() knows their texts;
 * errno_name() gives the name of any number in the table ("EPAGERDEAD"), or NULL.
 */
#ifndef DUALITY_ERRNO_H
#define DUALITY_ERRNO_H

#include <errno.h>

#define EPAGERDEAD 2001
#define EINTEGRITY 2002
#define EBOUNDS    2003
#define ELOST      2004
#define ENOPAGER   2005

const char *errno_name(int number);

#endif
