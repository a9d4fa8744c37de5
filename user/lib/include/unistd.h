/*
 * unistd.h - picolibc's, and what it hides or lacks.
 */
#ifndef DUALITY_UNISTD_H
#define DUALITY_UNISTD_H

#include_next <unistd.h>

#ifndef _POSIX_VDISABLE
#define _POSIX_VDISABLE 0
#endif

int brk(void *end);
int dup3(int from, int to, int flags);
int pipe2(int fds[2], int flags);
int execvpe(const char *file, char *const argv[], char *const envp[]);

#endif
