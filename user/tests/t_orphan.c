/*
 * t_orphan.c - stores through a mapping whose pager is then killed, and leaves it at that.
 *
 * Starts a pagerd of its own, stores into a shared mapping of /orphan.out (20,000 bytes, byte i is
 * (i * 11 + 5) & 255; the file is empty of data before), kills the pager with SIGKILL and ends. The
 * dirty pages have no pager: they must still be readable, and must be in the file after power-off,
 * which the grader looks at. No pagerd may be running.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>

#include "check.h"

enum { BYTES = 20000 };

static unsigned char pattern(int i)
{
    return (unsigned char)(i * 11 + 5);
}

TEST(stored_and_orphaned)
{
    static unsigned char buf[BYTES];
    int status, i;
    pid_t pager = fork();
    if (pager == 0) {
        execl("/bin/pagerd", "pagerd", NULL);
        _exit(127);
    }
    int fd = open("/orphan.out", O_RDWR | O_CREAT | O_TRUNC, 0644);
    CHECK(fd >= 0 && ftruncate(fd, BYTES) == 0);
    unsigned char *p = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(p != MAP_FAILED);
    for (i = 0; i < BYTES; i++)
        p[i] = pattern(i);
    CHECK_EQ(kill(pager, SIGKILL), 0);
    CHECK_EQ(waitpid(pager, &status, 0), pager);
    CHECK_EQ(munmap(p, BYTES), 0);
    CHECK_EQ(pread(fd, buf, BYTES, 0), BYTES);
    for (i = 0; i < BYTES; i++)
        CHECK_EQ(buf[i], pattern(i));
}

int main(void)
{
    RUN(stored_and_orphaned);
    return check_done("t_orphan");
}
