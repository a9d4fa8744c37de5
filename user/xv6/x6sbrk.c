/*
 * x6sbrk.c - a course-style program about the heap: sbrk, sbrklazy, malloc, and what printf prints.
 */
#include "kernel/types.h"
#include "kernel/riscv.h"
#include "kernel/memlayout.h"
#include "kernel/fcntl.h"
#include "kernel/vm.h"
#include "user/user.h"

void check(int ok, char *what)
{
    if (!ok) {
        printf("x6sbrk: %s: wrong\n", what);
        exit(1);
    }
}

void breaks(void)
{
    char *start = sbrk(0), *p = sbrk(3 * PGSIZE);

    check(p == start && sbrk(0) == start + 3 * PGSIZE, "growing");
    p[3 * PGSIZE - 1] = 1;
    check(sbrk(-2 * PGSIZE) == start + 3 * PGSIZE && sbrk(0) == start + PGSIZE, "shrinking");
    check(sbrk(PGSIZE) != SBRK_ERROR && start[PGSIZE] == 0, "memory comes back zeroed");
    check(sbrk(-2 * PGSIZE) != SBRK_ERROR && sbrk(0) == start, "back");
    check(sys_sbrk(10, SBRK_EAGER) == start && sys_sbrk(-10, SBRK_LAZY) == start + 10, "sys_sbrk");
    check(sbrk(0x7fffffff) == SBRK_ERROR && sbrk(0) == start, "too much at once");
}

void lazy(void)
{
    int size = 1 << 30, status;
    char *start = sbrklazy(size), *p;

    check(start != SBRK_ERROR, "a lazy gigabyte");
    for (p = start; p < start + size; p += 256 * PGSIZE)
        *(char **)p = p;
    for (p = start; p < start + size; p += 256 * PGSIZE)
        check(*(char **)p == p, "lazy memory");
    check(sbrklazy(-size) == start + size, "giving it back");
    if (fork() == 0) {
        *start = 1;
        exit(0);
    }
    wait(&status);
    check(status == -1, "memory given back");
}

void heap(void)
{
    void *first = 0, *p;
    int i;

    for (i = 0; i < 200; i++) {
        p = malloc(10001);
        check(p != 0, "malloc");
        memset(p, i, 10001);
        *(void **)p = first;
        first = p;
    }
    for (; first; first = p) {
        p = *(void **)first;
        free(first);
    }
    p = malloc(1000000); /* what was freed is one piece again */
    check(p != 0, "malloc of a large piece");
    free(p);
    check(malloc((size_t)1 << 40) == 0, "malloc of too much");
}

/* A line goes through a pipe and is compared. */
void output(void)
{
    char buf[200], *want = "-5 4000000000 1234567890123 -7 ff 0x0000000012345678 s c % (null) %q\n";
    int ends[2], n;

    pipe(ends);
    fprintf(ends[1], "%d %u %ld %l %x %p %s %c %% %s %q\n", -5, 4000000000u, 1234567890123L, -7L,
            255, (void *)0x12345678, "s", 'c', (char *)0);
    n = read(ends[0], buf, sizeof(buf));
    check(n == strlen(want) && memcmp(buf, want, n) == 0, "fprintf");
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    check(PHYSTOP > KERNBASE, "PHYSTOP");
    breaks();
    lazy();
    heap();
    output();
    check(atoi("123x") == 123 && strcmp("a", "b") < 0 && strchr("abc", 'c')[0] == 'c', "strings");
    printf("x6sbrk: ok\n");
    exit(0);
}
