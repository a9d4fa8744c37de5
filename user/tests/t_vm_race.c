/*
 * t_vm_race.c - a mapping that changes shape while its object changes size.
 *
 * One thread splits and joins the regions of a shared mapping with mprotect(); meanwhile the file
 * is cut to nothing and grown again. Whatever way the two meet, every page must have left the
 * mapping: after growing it reads zeros. A pagerd must be running.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <time.h>

#include "check.h"

enum { PAGE = 4096, PAGES = 32, ROUNDS_MS = 2000 };

static char *map;
static volatile int ending;

static uint64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* Reading stays allowed all the time; nobody stores to these pages. */
static void *reshape(void *unused)
{
    (void)unused;
    while (!ending) {
        mprotect(map + 8 * PAGE, 16 * PAGE, PROT_READ);
        mprotect(map + 8 * PAGE, 16 * PAGE, PROT_READ | PROT_WRITE);
    }
    return NULL;
}

/* Page with a byte that is not zero, or -1. */
static int stale_page(void)
{
    for (int i = 0; i < PAGES; i++)
        if (*(volatile char *)(map + i * PAGE))
            return i;
    return -1;
}

TEST(truncate_while_reshaped)
{
    static char full[PAGES * PAGE];
    pthread_t thread;
    int stale = -1, fd = open("/tmp-race", O_RDWR | O_CREAT | O_TRUNC, 0644);
    CHECK(fd >= 0);
    CHECK_EQ(ftruncate(fd, sizeof(full)), 0);
    map = mmap(NULL, sizeof(full), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(map != MAP_FAILED);
    memset(full, 'x', sizeof(full));
    CHECK_EQ(pthread_create(&thread, NULL, reshape, NULL), 0);
    for (uint64_t end = now_ms() + ROUNDS_MS; now_ms() < end && stale < 0;) {
        if (pwrite(fd, full, sizeof(full), 0) != sizeof(full))
            break;
        for (int i = 0; i < PAGES; i++)
            (void)*(volatile char *)(map + i * PAGE);
        if (ftruncate(fd, 0) || ftruncate(fd, sizeof(full)))
            break;
        stale = stale_page();
    }
    ending = 1;
    pthread_join(thread, NULL);
    munmap(map, sizeof(full));
    close(fd);
    unlink("/tmp-race");
    CHECK_EQ(stale, -1);
}

int main(void)
{
    RUN(truncate_while_reshaped);
    return check_done("t_vm_race");
}
