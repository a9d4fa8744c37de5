/*
 * t_last.c - leaves /mmap.out for the grader: stored by a shared mapping, never by write().
 *
 * Its contents are the ones that main.c's head comment promises. Nothing here asks for write-back:
 * the bytes are to be on the disk after power-off all the same.
 */
#include "mm.h"

enum { OUT_BYTES = 10000 };

static void leave_file(void)
{
    int fd = open("/mmap.out", O_RDWR | O_CREAT | O_TRUNC, 0644), i;
    unsigned char *p;

    CHECK(fd >= 0);
    CHECK_EQ(ftruncate(fd, OUT_BYTES), 0);
    p = MAP(OUT_BYTES, RW, MAP_SHARED, fd, 0);
    for (i = 0; i < OUT_BYTES; i++)
        p[i] = (unsigned char)(i * 7 + 3);
    memset(p + OUT_BYTES, 'z', 3 * PAGE - OUT_BYTES); /* behind the end: goes nowhere */
    CHECK_EQ(munmap(p, OUT_BYTES), 0);
    CHECK_EQ(file_size(fd), OUT_BYTES);
}

const struct test tests_last[] = {
    {"leave-file", leave_file, FILLS},
    {NULL, NULL, 0},
};
