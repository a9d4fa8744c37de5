/*
 * sys/resource.h - time used, and the limits that exist (none can be set).
 */
#ifndef _SYS_RESOURCE_H_
#define _SYS_RESOURCE_H_

#include <sys/time.h>

#define RUSAGE_SELF     0
#define RUSAGE_CHILDREN (-1)

#define RLIMIT_NOFILE 7
#define RLIMIT_STACK  3
#define RLIM_INFINITY (~0ul)

typedef unsigned long rlim_t;

struct rusage {
    struct timeval ru_utime, ru_stime;
    struct timeval ru_stall; /* waiting for pagers */
    long ru_maxrss, ru_minflt, ru_majflt;
};

struct rlimit {
    rlim_t rlim_cur, rlim_max;
};

int getrusage(int who, struct rusage *usage);
int getrlimit(int what, struct rlimit *limit);

#endif
