/*
 * x6calls.c - a course-style program: every call about processes, pipes and files, good and bad.
 *
 * Written for the door of user/xv6lib, with its headers alone. Prints one line, exits with 0 if all
 * went well.
 */
#include "kernel/types.h"
#include "kernel/stat.h"
#include "kernel/fcntl.h"
#include "kernel/fs.h"
#include "kernel/param.h"
#include "kernel/riscv.h"
#include "kernel/memlayout.h"
#include "user/user.h"

char *bad_addresses[] = {(char *)KERNBASE, (char *)0x3fffffe000, (char *)MAXVA, (char *)-1};

void check(int ok, char *what)
{
    if (!ok) {
        printf("x6calls: %s: wrong\n", what);
        exit(1);
    }
}

void statuses(void)
{
    int values[] = {0, 1, 7, 200, -1}, i, status, pid;

    for (i = 0; i < 5; i++) {
        if ((pid = fork()) == 0)
            exit(values[i]);
        check(wait(&status) == pid, "wait");
        check(status == values[i], "status");
    }
    check(wait(&status) == -1, "wait without children");
    if ((pid = fork()) == 0)
        for (;;)
            sleep(10);
    check(kill(pid) == 0, "kill");
    check(wait(&status) == pid && status == -1, "status of a killed child");
    check(kill(999999) == -1, "kill of nobody");
    check(kill(-1) == -1, "kill of everybody");
    if ((pid = fork()) == 0) {
        *(char *)KERNBASE = 1;
        exit(0);
    }
    check(wait(&status) == pid && status == -1, "status after a fault");
}

void pipes(void)
{
    int ends[2], n, total = 0;
    char buf[100];

    check(pipe(ends) == 0, "pipe");
    if (fork() == 0) {
        close(ends[0]);
        for (n = 0; n < 50; n++)
            write(ends[1], "0123456789", 10);
        exit(0);
    }
    close(ends[1]);
    while ((n = read(ends[0], buf, sizeof(buf))) > 0)
        total += n;
    check(n == 0 && total == 500, "reading a pipe");
    wait(0);
    close(ends[0]);
    pipe(ends);
    close(ends[0]);
    check(write(ends[1], "x", 1) == -1, "write to a broken pipe");
    close(ends[1]);
    check(read(ends[0], buf, 1) == -1, "read of a closed descriptor");
}

void files(void)
{
    struct stat st;
    char buf[20];
    int fd = open("x6.tmp", O_CREATE | O_RDWR | O_TRUNC), copy;

    check(fd >= 0, "open");
    check(write(fd, "hello world", 11) == 11, "write");
    copy = dup(fd);
    check(copy > fd && close(fd) == 0, "dup");
    check(fstat(copy, &st) == 0 && st.type == T_FILE && st.size == 11 && st.nlink == 1, "fstat");
    check(link("x6.tmp", "x6.too") == 0, "link");
    check(stat("x6.too", &st) == 0 && st.nlink == 2, "stat");
    check(unlink("x6.tmp") == 0 && open("x6.tmp", O_RDONLY) == -1, "unlink");
    fd = open("x6.too", 0);
    check(read(fd, buf, sizeof(buf)) == 11 && memcmp(buf, "hello world", 11) == 0, "read");
    check(read(fd, buf, sizeof(buf)) == 0, "read at the end");
    check(write(fd, "x", 1) == -1, "write to a file open for reading");
    check(open("x6.too", O_RDWR | O_TRUNC) >= 0 && fstat(fd, &st) == 0 && st.size == 0, "truncate");
    check(unlink("x6.too") == 0, "unlink of an open file");
    check(mknod("x6.null", 1, 3) == 0, "mknod");
    fd = open("x6.null", O_RDWR);
    check(fstat(fd, &st) == 0 && st.type == T_DEVICE && read(fd, buf, 1) == 0, "device");
    check(unlink("x6.null") == 0, "unlink of a device");
}

void addresses(void)
{
    int i, fd = open("x6.tmp", O_CREATE | O_RDWR);
    char *args[] = {"echo", 0, 0};

    for (i = 0; i < sizeof(bad_addresses) / sizeof(bad_addresses[0]); i++) {
        char *p = bad_addresses[i];

        args[1] = p;
        check(write(fd, p, 8192) == -1, "write from a bad address");
        check(read(fd, p, 8192) <= 0, "read to a bad address");
        check(open(p, O_CREATE | O_RDWR) == -1, "open of a bad address");
        check(stat(p, (struct stat *)p) == -1, "stat of a bad address");
        check(fstat(fd, (struct stat *)p) == -1, "fstat to a bad address");
        check(pipe((int *)p) == -1, "pipe to a bad address");
        check(exec("echo", args) == -1, "exec with a bad argument");
        check(exec(p, args) == -1, "exec of a bad address");
        check(mkdir(p) == -1 && chdir(p) == -1 && unlink(p) == -1, "bad path");
        check(link(p, p) == -1, "link of bad paths");
    }
    close(fd);
    unlink("x6.tmp");
}

void programs(void)
{
    char *args[] = {"echo", "x6calls: echo runs", 0};
    int status, before = uptime();

    if (fork() == 0) {
        exec("echo", args);
        exit(9);
    }
    wait(&status);
    check(status == 0, "exec");
    check(exec("no such program", args) == -1, "exec of nothing");
    sleep(2);
    check(uptime() >= before + 2, "uptime");
    check(getpid() > 1, "getpid");
}

void many(void)
{
    int n, i;

    for (n = 0; n < 1000; n++) {
        int pid = fork();

        if (pid < 0)
            break;
        if (pid == 0)
            exit(0);
    }
    check(n > 50 && n < 1000, "forks until it fails");
    for (i = 0; i < n; i++)
        check(wait(0) > 0, "wait for many");
    check(wait(0) == -1, "wait for one too many");
}

int main(int argc, char *argv[])
{
    statuses();
    pipes();
    files();
    addresses();
    programs();
    many();
    printf("x6calls: ok\n");
    exit(0);
}
