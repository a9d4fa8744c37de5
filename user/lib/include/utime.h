/*
 * utime.h - setting a file's times in whole seconds.
 */
#ifndef DUALITY_UTIME_H
#define DUALITY_UTIME_H

#include <sys/types.h>

struct utimbuf {
    time_t actime, modtime;
};

int utime(const char *path, const struct utimbuf *times);

#endif
