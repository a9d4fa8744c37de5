/*
 * t_pager_fail.c - pagers that fail, stall and die: the exact code that the victim gets, how long
 * it waits, and that no stored byte is lost. docs/protocol.md, "What the victim sees" and
 * "Flushing".
 */
#include "bad_pager.h"

static int near(long since, long want_ms)
{
    long took = clock_ms() - since;

    if (took >= want_ms - 200 && took < want_ms + 1500)
        return 1;
    dprintf(1, "  took %ld ms, not about %ld\n", took, want_ms);
    return 0;
}

/* A fill that fails with `status` kills the toucher with `code`; a read() into the page returns it.
 */
static int fill_fails(int status, int code)
{
    int page = next_page++, zero = open("/dev/zero", O_RDONLY), got;
    ssize_t n;

    bad->status = status;
    bad->mode = STATUS;
    got = touch(page);
    n = read(zero, file_map + next_page++ * PAGE, 1);
    if (n != -1 || errno != code)
        got = n == -1 ? -errno : (int)n;
    bad->mode = GOOD;
    close(zero);
    return got == -code ? 0 : got;
}

TEST(fill_status)
{
    CHECK_EQ(bad_start(), 0);
    CHECK_EQ(file_fresh(), 0);
    CHECK_EQ(fill_fails(-EIO, EIO), 0);
    CHECK_EQ(fill_fails(-EINTEGRITY, EINTEGRITY), 0);
    CHECK_EQ(fill_fails(-EBOUNDS, EBOUNDS), 0);
    CHECK_EQ(fill_fails(-EACCES, EACCES), 0);
    CHECK_EQ(fill_fails(-ENOSPC, ENOSPC), 0);
    CHECK_EQ(fill_fails(-EAGAIN, EAGAIN), 0);
}

/* Verdicts of the kernel cannot be sent. */
TEST(forged_status)
{
    CHECK_EQ(fill_fails(-ETIMEDOUT, EIO), 0);
    CHECK_EQ(fill_fails(-EPAGERDEAD, EIO), 0);
    CHECK_EQ(fill_fails(-EDEADLK, EIO), 0);
    CHECK_EQ(fill_fails(-12345, EIO), 0);
}

TEST(failure_expires)
{
    int page = next_page++, fills;

    bad->status = -EIO;
    bad->mode = STATUS;
    CHECK_EQ(touch(page), -EIO);
    bad->mode = GOOD;
    fills = bad->fills;
    CHECK_EQ(touch(page), -EIO); /* remembered, not asked for again */
    CHECK_EQ(bad->fills, fills);
    sleep_ms(1200);
    CHECK_EQ(touch(page), 0);
}

TEST(bind_refused)
{
    int fd = open("/bad.other", O_RDWR | O_CREAT | O_TRUNC, 0644);

    CHECK_EQ(write(fd, "x", 1), 1);
    bad->status = -EACCES;
    bad->mode = STATUS;
    CHECK_ERR(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0), EACCES);
    bad->mode = GOOD;
    CHECK(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0) != MAP_FAILED);
    CHECK_EQ(unlink("/bad.other"), 0);
    CHECK_EQ(close(fd), 0);
}

TEST(bind_never_answered)
{
    int cancels = bad->cancels;
    int fd = open("/bad.other", O_RDWR | O_CREAT | O_TRUNC, 0644);
    long start = clock_ms();

    CHECK_EQ(write(fd, "x", 1), 1);
    bad->mode = SILENT;
    CHECK_ERR(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0), ETIMEDOUT);
    CHECK(near(start, 2000));
    WAIT_FOR(bad->cancels > cancels);
    CHECK_EQ(bad->cancels, cancels + 1);
    bad->mode = GOOD;
    CHECK_EQ(unlink("/bad.other"), 0);
    CHECK_EQ(close(fd), 0);
}

TEST(fill_never_answered)
{
    int page = next_page++, cancels = bad->cancels, errors = bad->errors;
    long start = clock_ms();

    bad->mode = SILENT;
    CHECK_EQ(touch(page), -ETIMEDOUT);
    CHECK(near(start, 2000));
    WAIT_FOR(bad->cancels > cancels);
    CHECK(bad->cancels > cancels);
    bad->mode = GOOD; /* the answer comes now, too late */
    WAIT_FOR(bad->errors > errors);
    CHECK_EQ(bad->error_status, -ESTALE);
    sleep_ms(1200);
    CHECK_EQ(touch(page), 0);
}

TEST(dies_with_fill)
{
    int page = next_page++;
    long start = clock_ms();

    bad->mode = DIE;
    CHECK_EQ(touch(page), -EPAGERDEAD);
    CHECK(near(start, 3000));
    CHECK_EQ(bad_reap(), 0);
    CHECK_EQ(touch(next_page++), -EPAGERDEAD);
    CHECK_EQ(bad_start(), 0);
    CHECK_EQ(touch(page), 0);
    CHECK(bad->binds >= 1);
}

TEST(flush_fails)
{
    int page = next_page++;

    CHECK_EQ(file_map[page * PAGE], byte_of(page));
    file_map[page * PAGE] = 'd';
    bad->status = -ENOSPC;
    bad->mode = STATUS;
    CHECK_ERR(msync(file_map, 64 * PAGE, MS_SYNC), ENOSPC);
    bad->mode = GOOD;
    bad->flushes = 0;
    WAIT_FOR(bad->flushes > 0); /* the page stayed dirty and is tried again */
    CHECK(bad->flushes > 0);
    CHECK_EQ(msync(file_map, 64 * PAGE, MS_SYNC), 0);
    CHECK_EQ(msync(file_map, 64 * PAGE, MS_SYNC | MS_INVALIDATE), 0);
    CHECK_EQ(file_map[page * PAGE], 'd');
}

TEST(store_during_flush)
{
    int page = next_page++, flushes;
    pid_t pid;

    file_map[page * PAGE] = '1';
    flushes = bad->flushes;
    bad->mode = SLOW_FLUSH;
    pid = fork();
    if (pid == 0)
        _exit(msync(file_map, 64 * PAGE, MS_SYNC) != 0);
    WAIT_FOR(bad->flushes > flushes);
    file_map[page * PAGE] = '2'; /* while the pager writes '1' */
    CHECK_EQ(waitpid(pid, NULL, 0), pid);
    bad->mode = GOOD;
    CHECK_EQ(msync(file_map, 64 * PAGE, MS_SYNC | MS_INVALIDATE), 0);
    CHECK_EQ(file_map[page * PAGE], '2');
}

TEST(dies_with_flush)
{
    int page = next_page++;
    pid_t pid;

    file_map[page * PAGE] = 'f';
    bad->mode = DIE_ON_FLUSH;
    pid = fork();
    if (pid == 0)
        _exit(msync(file_map, 64 * PAGE, MS_SYNC) != 0);
    CHECK_EQ(bad_reap(), 0);
    CHECK_EQ(file_map[page * PAGE], 'f');
    CHECK_EQ(bad_start(), 0);
    CHECK_EQ(waitpid(pid, NULL, 0), pid);
    CHECK_EQ(msync(file_map, 64 * PAGE, MS_SYNC | MS_INVALIDATE), 0);
    CHECK_EQ(file_map[page * PAGE], 'f');
}

TEST(flush_never_answered)
{
    int page = next_page++;
    long start = clock_ms();

    file_map[page * PAGE] = 's';
    bad->mode = SILENT;
    CHECK_ERR(msync(file_map, 64 * PAGE, MS_SYNC), ETIMEDOUT);
    CHECK(near(start, 5000));
    CHECK_EQ(file_map[page * PAGE], 's');
    bad->mode = GOOD;
    CHECK_EQ(msync(file_map, 64 * PAGE, MS_SYNC), 0);
}

/* Unmapping does not wait for a pager that says nothing. */
TEST(unmap_does_not_wait)
{
    int page = next_page++;
    long start = clock_ms();

    file_map[page * PAGE] = 'u';
    bad->mode = SILENT;
    CHECK_EQ(munmap(file_map, 64 * PAGE), 0);
    file_map = NULL;
    CHECK(clock_ms() - start < 1000);
    bad->mode = GOOD;
    CHECK_EQ(unlink("/bad.file"), 0);
}

int main(void)
{
    RUN(fill_status);
    RUN(forged_status);
    RUN(failure_expires);
    RUN(bind_refused);
    RUN(bind_never_answered);
    RUN(fill_never_answered);
    RUN(dies_with_fill);
    RUN(flush_fails);
    RUN(store_during_flush);
    RUN(dies_with_flush);
    RUN(flush_never_answered);
    RUN(unmap_does_not_wait);
    role_restore();
    return check_done("t_pager_fail");
}
