/*
 * stdio.h - picolibc's, over streams of our own (user/lib/stdio.c), and the functions that it
 * lacks. fflush(NULL) flushes every stream; all are flushed at exit().
 */
#ifndef DUALITY_STDIO_H
#define DUALITY_STDIO_H

#define BUFSIZ 4096

#include_next <stdio.h>
#include <sys/types.h>

int vfprintf(FILE *f, const char *format, __gnuc_va_list args) __asm__("duality_vfprintf");

FILE *popen(const char *command, const char *mode);
int pclose(FILE *f);
ssize_t getline(char **line, size_t *size, FILE *f);
ssize_t getdelim(char **line, size_t *size, int delimiter, FILE *f);
int dprintf(int fd, const char *format, ...) __attribute__((__format__(__printf__, 2, 3)));
void flockfile(FILE *f);
void funlockfile(FILE *f);

#ifndef getc_unlocked
#define getc_unlocked(f)    getc(f)
#define putc_unlocked(c, f) putc(c, f)
#endif

#endif
