/*
 * sys/types.h - picolibc's types, with the narrow ones made wide enough for this system.
 *
 * picolibc's dev_t, ino_t, uid_t and nlink_t are 16 bits; no function of its library that
 * programs here use passes them, so they are declared here first.
 */
#ifndef DUALITY_SYS_TYPES_H
#define DUALITY_SYS_TYPES_H

#ifndef _INO_T_DECLARED
typedef unsigned long ino_t;
#define _INO_T_DECLARED
#endif
#ifndef _DEV_T_DECLARED
typedef unsigned long dev_t;
#define _DEV_T_DECLARED
#endif
#ifndef _UID_T_DECLARED
typedef unsigned int uid_t;
#define _UID_T_DECLARED
#endif
#ifndef _GID_T_DECLARED
typedef unsigned int gid_t;
#define _GID_T_DECLARED
#endif
#ifndef _NLINK_T_DECLARED
typedef unsigned int nlink_t;
#define _NLINK_T_DECLARED
#endif

#include_next <sys/types.h>

#endif
