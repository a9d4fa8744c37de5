/*
 * t_files_random.c - one file under random reads, writes, appends, truncations, stores and loads by
 * mapping, compared with a plain copy in memory after each step.
 *
 *     t_files_random [STEPS [SEED [nomap]]]
 *
 * Needs a pager unless `nomap`. Sizes stay below MAX; places and lengths are mostly odd, sometimes
 * whole pages. At the end the file is closed, synced and read once more.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGE = 4096, MAX = 40 * PAGE, CHUNK = 5 * PAGE };

static char name[40];
static unsigned char model[MAX], buf[MAX];
static size_t size;
static uint64_t state = 88172645463325252ull;
static int fd, step;
static unsigned char *map; /* of MAX bytes; NULL: none */

static uint32_t below(uint32_t limit)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 16) % limit;
}

static void fail(const char *what, long got, long want)
{
    printf("t_files_random: step %d: %s: got %ld, want %ld (errno %d, size %ld)\n", step, what, got,
           want, errno, (long)size);
    exit(1);
}

static void check(const char *what, long got, long want)
{
    if (got != want)
        fail(what, got, want);
}

static void compare(const char *what, const unsigned char *got, size_t at, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (got[i] != model[at + i]) {
            printf("at %ld: ", (long)(at + i));
            fail(what, got[i], model[at + i]);
        }
    }
}

/* A range of the file: within `limit`, sometimes whole pages. */
static void range(size_t limit, size_t *at, size_t *len)
{
    *at = below((uint32_t)limit);
    *len = 1 + below(CHUNK);
    if (below(4) == 0) {
        *at -= *at % PAGE;
        *len = (*len + PAGE - 1) / PAGE * PAGE;
    }
    if (*len > limit - *at)
        *len = limit - *at;
}

static void random_bytes(unsigned char *p, size_t len)
{
    unsigned char first = (unsigned char)below(256);
    for (size_t i = 0; i < len; i++)
        p[i] = (unsigned char)(first + i * 7 + i / 251);
}

static void set_size(size_t new_size)
{
    if (new_size > size)
        memset(model + size, 0, new_size - size);
    size = new_size;
}

static void do_read(void)
{
    size_t at, len;
    range(MAX, &at, &len);
    size_t want = at < size ? (len < size - at ? len : size - at) : 0;
    check("pread", pread(fd, buf, len, (off_t)at), (long)want);
    compare("pread's byte", buf, at, want);
}

static void do_write(void)
{
    size_t at, len;
    range(MAX, &at, &len);
    random_bytes(buf, len);
    check("pwrite", pwrite(fd, buf, len, (off_t)at), (long)len);
    if (at + len > size)
        set_size(at > size ? at : size);
    if (at + len > size)
        size = at + len;
    memcpy(model + at, buf, len);
}

static void do_append(void)
{
    size_t len = 1 + below(3 * PAGE);
    if (len > MAX - size)
        return;
    int end = open(name, O_WRONLY | O_APPEND);
    random_bytes(buf, len);
    check("append", write(end, buf, len), (long)len);
    memcpy(model + size, buf, len);
    size += len;
    close(end);
}

static void do_truncate(void)
{
    size_t to = below(3) ? below(MAX) : below(MAX / PAGE) * PAGE;
    check("ftruncate", ftruncate(fd, (off_t)to), 0);
    set_size(to);
}

static void do_map(void)
{
    if (map)
        check("munmap", munmap(map, MAX), 0);
    map = below(3) == 0 ? NULL : mmap(NULL, MAX, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED)
        fail("mmap", -1, 0);
}

static void do_store(void)
{
    size_t at, len;
    if (!map || size == 0)
        return;
    range(size, &at, &len);
    random_bytes(map + at, len);
    memcpy(model + at, map + at, len);
    if (below(4) == 0 && size % PAGE) /* behind the end: must not be seen in the file */
        map[size] = 'z';
}

static void do_load(void)
{
    size_t at, len;
    if (!map || size == 0)
        return;
    range(size, &at, &len);
    compare("loaded byte", map + at, at, len);
}

/* The user's buffer is the mapping itself. */
static void do_copy(void)
{
    size_t from, at, len;
    if (!map || size == 0)
        return;
    range(size, &from, &len);
    at = below((uint32_t)size);
    if (len > size - at)
        len = size - at;
    if (from < at + len && at < from + len)
        return;
    check("pwrite from the mapping", pwrite(fd, map + from, len, (off_t)at), (long)len);
    memcpy(model + at, model + from, len);
}

static void do_sync(void)
{
    struct stat st;
    if (map && below(2))
        check("msync", msync(map, MAX, below(2) ? MS_SYNC : MS_SYNC | MS_INVALIDATE), 0);
    else
        check("fsync", fsync(fd), 0);
    check("fstat", fstat(fd, &st), 0);
    check("size", (long)st.st_size, (long)size);
}

static void do_reopen(void)
{
    close(fd);
    fd = open(name, O_RDWR);
    check("open", fd >= 0, 1);
}

static void do_step(int maps)
{
    uint32_t dice = below(100);
    if (dice < 25)
        do_read();
    else if (dice < 45)
        do_write();
    else if (dice < 52)
        do_append();
    else if (dice < 60)
        do_truncate();
    else if (dice < 62)
        do_sync();
    else if (dice < 65)
        do_reopen();
    else if (!maps)
        do_read();
    else if (dice < 70)
        do_map();
    else if (dice < 83)
        do_store();
    else if (dice < 95)
        do_load();
    else
        do_copy();
}

int main(int argc, char **argv)
{
    int steps = argc > 1 ? atoi(argv[1]) : 3000;
    sprintf(name, "/tmp/t_files_random.%d", (int)getpid());
    if (argc > 2)
        state += (uint64_t)atoi(argv[2]) * 0x9e3779b97f4a7c15ull;
    fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0644);
    check("create", fd >= 0, 1);
    for (step = 1; step <= steps; step++)
        do_step(argc <= 3);
    if (map)
        munmap(map, MAX);
    check("fsync", fsync(fd), 0);
    do_reopen();
    check("last read", read(fd, buf, MAX), (long)size);
    compare("last byte", buf, 0, size);
    close(fd);
    unlink(name);
    printf("t_files_random: ok\n");
    return 0;
}
