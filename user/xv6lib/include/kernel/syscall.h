/*
 * kernel/syscall.h - system call numbers: this kernel's (include/abi/syscall.def), by course names.
 *
 * calls.c asserts that they are the numbers of the table.
 */
#ifndef XV6_SYSCALL_H
#define XV6_SYSCALL_H

#define SYS_exit   1
#define SYS_fork   2
#define SYS_exec   3 /* execve: a third argument */
#define SYS_wait   4 /* waitpid */
#define SYS_kill   5
#define SYS_getpid 6
#define SYS_sleep  14 /* nanosleep */
#define SYS_pause  14
#define SYS_uptime 15 /* clock_gettime */
#define SYS_open   30
#define SYS_close  31
#define SYS_read   32
#define SYS_write  33
#define SYS_fstat  37
#define SYS_dup    41
#define SYS_pipe   44 /* pipe2 */
#define SYS_mkdir  47
#define SYS_unlink 49
#define SYS_link   50
#define SYS_chdir  54
#define SYS_mknod  57
#define SYS_mmap   70
#define SYS_munmap 71
#define SYS_sbrk   78

#endif
