/*
 * string.h - memory and string functions of the kernel.
 *
 * In the kernel these are the C library's names. On the host the C library keeps its own and only
 * what it lacks comes from string.c, which there calls its versions lib_memcpy() and so on so that
 * they can be tested beside the originals. Pages are 4096 bytes, aligned.
 */
#ifndef LIB_STRING_H
#define LIB_STRING_H

#include "lib/types.h"

#if __STDC_HOSTED__
#include <string.h>
void *lib_memcpy(void *to, const void *from, size_t len);
void *lib_memmove(void *to, const void *from, size_t len);
void *lib_memset(void *to, int byte, size_t len);
int lib_memcmp(const void *a, const void *b, size_t len);
size_t lib_strlen(const char *s);
size_t lib_strnlen(const char *s, size_t max);
int lib_strcmp(const char *a, const char *b);
int lib_strncmp(const char *a, const char *b, size_t max);
char *lib_strchr(const char *s, int c);
char *lib_strrchr(const char *s, int c);
#else
void *memcpy(void *to, const void *from, size_t len);
void *memmove(void *to, const void *from, size_t len);
void *memset(void *to, int byte, size_t len);
int memcmp(const void *a, const void *b, size_t len);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t max);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);
#endif

/* Copies as much as fits with its NUL; returns the length of `from` (>= size: it was cut). */
size_t strlcpy(char *to, const char *from, size_t size);

void copy_page(void *to, const void *from);
void zero_page(void *page);

#endif
