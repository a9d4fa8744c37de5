/*
 * sys/wait.h - waiting for children and reading their status.
 *
 * Bits 16 to 30 of a status hold the error number of the fault that killed the child (a pager's
 * verdict, for SIGBUS), 0 if none: WFAULTERR().
 */
#ifndef DUALITY_SYS_WAIT_H
#define DUALITY_SYS_WAIT_H

#include <sys/types.h>

#define WNOHANG   1
#define WUNTRACED 2

#define WIFEXITED(s)   (((s)&0x7f) == 0)
#define WEXITSTATUS(s) ((s) >> 8 & 0xff)
#define WIFSIGNALED(s) (((s)&0x7f) != 0 && ((s)&0x7f) != 0x7f)
#define WTERMSIG(s)    ((s)&0x7f)
#define WIFSTOPPED(s)  (((s)&0xff) == 0x7f)
#define WSTOPSIG(s)    ((s) >> 8 & 0xff)
#define WCOREDUMP(s)   0
#define WFAULTERR(s)   ((s) >> 16 & 0x7fff)

pid_t wait(int *status);
pid_t waitpid(pid_t pid, int *status, int options);

#endif
