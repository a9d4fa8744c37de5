/*
 * x6mmap.c - a course-style program about mapped files: shared, private, half a page, fork.
 */
#include "kernel/param.h"
#include "kernel/types.h"
#include "kernel/stat.h"
#include "kernel/fcntl.h"
#include "kernel/riscv.h"
#include "kernel/fs.h"
#include "user/user.h"

#define FAILED ((void *)-1)

char block[BSIZE];

void check(int ok, char *what)
{
    if (!ok) {
        printf("x6mmap: %s: wrong\n", what);
        exit(1);
    }
}

/* One and a half pages of 'A'. */
int make_file(char *name)
{
    int i, fd = open(name, O_CREATE | O_RDWR | O_TRUNC);

    memset(block, 'A', BSIZE);
    for (i = 0; i < PGSIZE * 3 / 2 / BSIZE; i++)
        check(write(fd, block, BSIZE) == BSIZE, "write");
    return fd;
}

void check_contents(char *p)
{
    int i;

    for (i = 0; i < 2 * PGSIZE; i++)
        check(p[i] == (i < PGSIZE * 3 / 2 ? 'A' : 0), "contents");
}

void kinds(void)
{
    int fd = make_file("x6m"), ro = open("x6m", O_RDONLY);
    char *p = mmap(0, 2 * PGSIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE, ro, 0);
    char *q = mmap(0, 2 * PGSIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    char c;

    check(p != FAILED && q != FAILED, "mmap");
    check(mmap(0, PGSIZE, PROT_READ | PROT_WRITE, MAP_SHARED, ro, 0) == FAILED, "shared read-only");
    close(fd);
    check_contents(p);
    check_contents(q);
    p[0] = 'p';
    q[1] = 'q';
    q[PGSIZE * 3 / 2] = 'z';
    check(q[0] == 'A', "private");
    check(munmap(p, 2 * PGSIZE) == 0 && munmap(q, PGSIZE) == 0, "munmap");
    check(q[PGSIZE] == 'A' && munmap(q + PGSIZE, PGSIZE) == 0, "munmap of the rest");
    check(read(ro, &c, 1) == 1 && c == 'A' && read(ro, &c, 1) == 1 && c == 'q', "file");
    close(ro);
}

void killed_by(char *p, int store)
{
    int status;

    if (fork() == 0) {
        if (store)
            *(volatile char *)p = 1;
        else
            printf("%d\n", *(volatile char *)p);
        exit(0);
    }
    wait(&status);
    check(status == -1, "access is not allowed");
}

void forks(void)
{
    int fd = open("x6m", O_RDWR), status;
    char *p = mmap(0, PGSIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    char *q = mmap(0, PGSIZE, PROT_READ, MAP_SHARED, fd, PGSIZE);
    struct stat st;

    if (fork() == 0) {
        p[5] = 'c';
        check(q[0] == 'A', "inherited");
        exit(0);
    }
    wait(&status);
    check(status == 0 && p[5] == 'c', "shared with a child");
    killed_by(q, 1);
    munmap(p, PGSIZE);
    killed_by(p, 0);
    check(fstat(fd, &st) == 0 && st.size == PGSIZE * 3 / 2, "size");
    close(fd);
    unlink("x6m");
}

int main(int argc, char **argv)
{
    kinds();
    forks();
    printf("x6mmap: ok\n");
    return 0;
}
