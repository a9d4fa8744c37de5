/*
 * files.c - files to be mapped and read by the rows: on disk and not in memory, or in memory.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench.h"

void touch(const char *page)
{
    (void)*(const volatile char *)page;
}

int file_make_hole(const char *path, unsigned pages)
{
    int fd;

    unlink(path);
    fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
    if (fd >= 0 && ftruncate(fd, (off_t)pages * PAGE) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

int file_make(const char *path, unsigned pages)
{
    static char buf[PAGE];
    int fd = file_make_hole(path, 0);
    unsigned i;

    if (fd < 0)
        return -1;
    for (i = 0; i < pages; i++) {
        memset(buf, 'a' + (int)(i % 26), PAGE);
        if (write(fd, buf, PAGE) != PAGE) {
            close(fd);
            return -1;
        }
    }
    fsync(fd);
    return fd;
}
