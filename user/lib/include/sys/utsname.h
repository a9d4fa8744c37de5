/*
 * sys/utsname.h - the name of the system.
 */
#ifndef DUALITY_SYS_UTSNAME_H
#define DUALITY_SYS_UTSNAME_H

struct utsname {
    char sysname[32], nodename[32], release[32], version[64], machine[32];
};

int uname(struct utsname *name);

#endif
