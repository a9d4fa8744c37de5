/*
 * user/user.h - every call and function of course programs, of 2019 to 2025.
 *
 * A failed call gives -1, or (char *)-1 where it gives an address. Times are ticks of 100 ms. The
 * functions that <string.h> and <stdlib.h> have as well are declared as they are there, so that a
 * program may include both.
 */
#ifndef XV6_USER_H
#define XV6_USER_H

#include "kernel/types.h"

struct stat;
struct rtcdate;

#define SBRK_ERROR ((char *)-1)

/* system calls */
int fork(void);
int exit(int) __attribute__((noreturn));
int wait(int *);
int pipe(int *);
int write(int, const void *, int);
int read(int, void *, int);
int close(int);
int kill(int);
int exec(const char *, char **);
int open(const char *, int);
int mknod(const char *, short, short);
int unlink(const char *);
int fstat(int, struct stat *);
int link(const char *, const char *);
int symlink(const char *, const char *);
int mkdir(const char *);
int chdir(const char *);
int dup(int);
int getpid(void);
char *sys_sbrk(int, int);
int pause(int);
int sleep(int);
int uptime(void);
void *mmap(void *, size_t, int, int, int, off_t);
int munmap(void *, size_t);

/* ulib.c */
int stat(const char *, struct stat *);
char *strcpy(char *, const char *);
void *memmove(void *, const void *, size_t);
char *strchr(const char *, int);
int strcmp(const char *, const char *);
char *gets(char *, int);
size_t strlen(const char *);
void *memset(void *, int, size_t);
int atoi(const char *);
int memcmp(const void *, const void *, size_t);
void *memcpy(void *, const void *, size_t);
char *sbrk(int);
char *sbrklazy(int);

/* printf.c */
void fprintf(int, const char *, ...);
void printf(const char *, ...);

/* malloc.c */
void *malloc(size_t);
void free(void *);

#endif
