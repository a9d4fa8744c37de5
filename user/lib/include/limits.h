/*
 * limits.h - picolibc's, with this system's own limits in place of its guesses.
 */
#ifndef DUALITY_LIMITS_H
#define DUALITY_LIMITS_H

#include_next <limits.h>
#include <sys/syslimits.h>

#undef ARG_MAX
#undef NAME_MAX
#undef OPEN_MAX
#undef PATH_MAX
#undef PIPE_BUF
#undef IOV_MAX
#undef CHILD_MAX
#define ARG_MAX  131072
#define NAME_MAX 255
#define OPEN_MAX 65536
#define PATH_MAX 4096
#define PIPE_BUF 4096
#define IOV_MAX  1024

#ifndef SSIZE_MAX
#define SSIZE_MAX 0x7fffffffffffffffL
#endif

#endif
