/*
 * files.c - files of known contents, and looking at them.
 *
 * file_make() leaves a file cold: msync(MS_INVALIDATE) writes what is dirty and forgets the pages,
 * so that every test begins with what the pager will read from the disk.
 */
#include "mm.h"

unsigned char pattern(size_t i, unsigned seed)
{
    return (unsigned char)(i * 7 + i / PAGE * 31 + seed);
}

void pattern_fill(unsigned char *p, size_t from, size_t len, unsigned seed)
{
    size_t i;

    for (i = 0; i < len; i++)
        p[i] = pattern(from + i, seed);
}

void pattern_check_at(const char *file, int line, const unsigned char *p, size_t from, size_t len,
                      unsigned seed)
{
    size_t i;

    for (i = 0; i < len; i++)
        if (p[i] != pattern(from + i, seed))
            fail_at(file, line, "byte %ld is %d, not %d", (long)(from + i), p[i],
                    pattern(from + i, seed));
}

void bytes_check_at(const char *file, int line, const unsigned char *p, size_t len,
                    unsigned char value)
{
    size_t i;

    for (i = 0; i < len; i++)
        if (p[i] != value)
            fail_at(file, line, "byte %ld of %ld is %d, not %d", (long)i, (long)len, p[i], value);
}

unsigned char *map_at(const char *file, int line, size_t len, int prot, int flags, int fd,
                      off_t offset)
{
    void *p = mmap(NULL, len, prot, flags, fd, offset);

    if (p == MAP_FAILED)
        fail_at(file, line, "mmap of %ld bytes: %s", (long)len, strerror(errno));
    return p;
}

void file_make_cold(int fd, size_t len)
{
    unsigned char *p = MAP(len, PROT_READ, MAP_SHARED, fd, 0);

    CHECK_EQ(msync(p, len, MS_SYNC | MS_INVALIDATE), 0);
    CHECK_EQ(munmap(p, len), 0);
}

int file_make(const char *name, size_t len, unsigned seed)
{
    static unsigned char buf[4 * PAGE];
    size_t at;
    int fd;

    unlink(name);
    fd = open(name, O_RDWR | O_CREAT | O_EXCL, 0644);
    if (fd < 0)
        FAIL("create %s: %s", name, strerror(errno));
    for (at = 0; at < len;) {
        size_t n = len - at < sizeof(buf) ? len - at : sizeof(buf);

        pattern_fill(buf, at, n, seed);
        CHECK_EQ(write(fd, buf, n), n);
        at += n;
    }
    CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
    if (len)
        file_make_cold(fd, len);
    return fd;
}

void file_check_at(const char *file, int line, const char *name, size_t len, unsigned seed)
{
    static unsigned char buf[4 * PAGE];
    int fd = open(name, O_RDONLY);
    size_t at = 0;
    ssize_t n;

    if (fd < 0)
        fail_at(file, line, "open %s: %s", name, strerror(errno));
    while ((n = read(fd, buf, sizeof(buf))) > 0) {
        pattern_check_at(file, line, buf, at, (size_t)n, seed);
        at += (size_t)n;
    }
    if (n < 0 || at != len)
        fail_at(file, line, "%s has %ld bytes, not %ld (%s)", name, (long)at, (long)len,
                n < 0 ? strerror(errno) : "end of file");
    close(fd);
}

size_t file_size(int fd)
{
    struct stat st;

    CHECK_EQ(fstat(fd, &st), 0);
    return (size_t)st.st_size;
}
