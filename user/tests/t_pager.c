/*
 * t_pager.c - docs/protocol.md as a pager sees it: what is refused, with which error, and that the
 * refused answer changes nothing. The pager is bad_pager.h's. t_pager_fail.c has failures and time.
 */
#include "bad_pager.h"

/* The pager sends a wrong answer first: one ERROR comes back, then the page comes all the same. */
static int refused(int mode, int status, int op)
{
    int page = next_page++, got;

    bad->errors = 0;
    bad->mode = mode;
    got = touch(page);
    WAIT_FOR(bad->errors == 1);
    bad->mode = GOOD;
    if (bad->errors != 1)
        return -1000;
    if (bad->error_status != status || bad->error_op != op) {
        dprintf(1, "  ERROR has status %d op %d\n", bad->error_status, bad->error_op);
        return -1001;
    }
    return got;
}

TEST(hello_comes_first)
{
    struct abi_msg m = {.op = PAGER_PONG}, in;
    int fd;

    role_free();
    fd = pager_open(PAGER_OPEN_FILE, 0);
    CHECK(fd >= 0);
    CHECK_ERR(channel_call(fd, &m, 1, &in, 1, 0), EPROTO);
    CHECK_ERR(channel_call(fd, NULL, 0, &in, 1, 0), EPROTO);
    CHECK_ERR(pager_open(PAGER_OPEN_FILE, 0), EBUSY);
    CHECK_EQ(close(fd), 0);
}

TEST(version_is_agreed)
{
    struct abi_msg m = {.op = PAGER_HELLO, .word = {77}}, in;
    int fd = pager_open(PAGER_OPEN_FILE, 4);
    void *window =
        mmap(NULL, 4ul * PAGER_RUN_MAX * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    CHECK(fd >= 0);
    CHECK_EQ(window == MAP_FAILED ? errno : 0, 0);
    CHECK_EQ(channel_call(fd, &m, 1, &in, 1, 1000000000), 1);
    CHECK_EQ(in.op, PAGER_WELCOME);
    CHECK_EQ(in.status, -EOPNOTSUPP);
    CHECK_EQ(in.word[0], PAGER_VERSION);
    m.word[0] = PAGER_VERSION;
    CHECK_EQ(channel_call(fd, &m, 1, &in, 1, 1000000000), 1);
    CHECK_EQ(in.op, PAGER_WELCOME);
    CHECK_EQ(in.status, 0);
    CHECK_EQ(in.word[3], 4);
    CHECK_EQ(in.word[4], PAGER_RUN_MAX);
    CHECK_ERR(channel_call(fd, &m, 1, &in, 1, 0), EPROTO);
    CHECK_ERR(munmap(window, PAGE), EBUSY);
    CHECK_EQ(close(fd), 0);
}

TEST(call_errors)
{
    struct abi_msg in[2], hello = {.op = PAGER_HELLO, .word = {PAGER_VERSION}};
    int fd = pager_open(PAGER_OPEN_FILE, 4), pipes[2];

    CHECK(fd >= 0);
    CHECK(mmap(NULL, 4ul * PAGER_RUN_MAX * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) !=
          MAP_FAILED);
    CHECK_EQ(channel_call(fd, &hello, 1, in, 1, 1000000000), 1);
    CHECK_ERR(channel_call(fd, in, 65, NULL, 0, 0), EINVAL);
    CHECK_ERR(channel_call(fd, NULL, 0, in, 65, 0), EINVAL);
    CHECK_ERR(channel_call(fd, (void *)0x2000000000, 1, NULL, 0, 0), EFAULT);
    CHECK_ERR(channel_call(fd, NULL, 0, in, 2, 1000000), ETIMEDOUT);
    CHECK_ERR(channel_call(999, NULL, 0, in, 2, 0), EBADF);
    CHECK_EQ(pipe(pipes), 0);
    CHECK_ERR(channel_call(pipes[0], NULL, 0, in, 2, 0), EINVAL);
    CHECK_EQ(IN_CHILD(_exit(channel_call(fd, NULL, 0, in, 1, 0) == -1 && errno == EBADF ? 0 : 1)),
             0);
    CHECK_EQ(close(fd), 0);
}

TEST(serves)
{
    CHECK_EQ(bad_start(), 0);
    CHECK_EQ(file_fresh(), 0);
    CHECK_EQ(touch(next_page++), 0);
    CHECK(bad->fills >= 1);
    CHECK_EQ(bad->fill_pages, 1);
    CHECK_EQ(bad->size, 64 * PAGE);
}

TEST(wrong_transaction)
{
    CHECK_EQ(refused(WRONG_TXN, -ESTALE, PAGER_FILLED), 0);
}

TEST(double_answer)
{
    CHECK_EQ(refused(DOUBLE_ANSWER, -ESTALE, PAGER_FILLED), 0);
}

TEST(too_many_pages)
{
    CHECK_EQ(refused(TOO_MANY_PAGES, -EINVAL, PAGER_FILLED), 0);
}

TEST(wrong_answer_op)
{
    CHECK_EQ(refused(WRONG_ANSWER_OP, -EPROTO, PAGER_BOUND), 0);
}

TEST(unknown_op)
{
    CHECK_EQ(refused(UNKNOWN_OP, -EPROTO, 999), 0);
}

TEST(unknown_flags)
{
    CHECK_EQ(refused(UNKNOWN_FLAGS, -EINVAL, PAGER_FILLED), 0);
}

TEST(positive_status)
{
    CHECK_EQ(refused(POSITIVE_STATUS, -EINVAL, PAGER_FILLED), 0);
}

/* The rest of a run is asked for again. */
TEST(short_prefix)
{
    int i, fills;

    CHECK_EQ(file_fresh(), 0);
    CHECK_EQ(madvise(file_map, 64 * PAGE, MADV_SEQUENTIAL), 0);
    fills = bad->fills;
    bad->mode = ONE_PAGE_ONLY;
    for (i = 0; i < 32; i++)
        CHECK_EQ(file_map[i * PAGE], byte_of(i));
    bad->mode = GOOD;
    CHECK(bad->fills - fills >= 32);
    for (; i < 64; i++)
        CHECK_EQ(file_map[i * PAGE], byte_of(i));
}

/* A request that is answered with no page is sent once more. */
TEST(empty_prefix)
{
    int fills;

    CHECK_EQ(file_fresh(), 0);
    fills = bad->fills;
    bad->mode = NO_PAGE;
    CHECK_EQ(touch(next_page++), 0);
    CHECK_EQ(bad->fills - fills, 2);
}

TEST(zero_flag)
{
    int page = next_page++;

    bad->mode = ZERO_FLAG;
    CHECK_EQ(file_map[page * PAGE], 0);
    bad->mode = GOOD;
    CHECK_EQ(file_map[page * PAGE + PAGE - 1], 0);
}

/* The pager's memory is the kernel's again once the answer is taken. */
TEST(touch_after_answer)
{
    int page = next_page++;

    bad->mode = TOUCH_AFTER;
    CHECK_EQ(file_map[page * PAGE], byte_of(page));
    CHECK_EQ(bad_reap() & 0x7f, SIGBUS);
    CHECK_EQ(bad_start(), 0);
    CHECK_EQ(file_map[page * PAGE], byte_of(page));
}

TEST(own_object_is_deadlock)
{
    int page = next_page++;

    bad->result = -1;
    bad->mode = OWN_OBJECT;
    CHECK_EQ(file_map[page * PAGE], byte_of(page));
    bad->mode = GOOD;
    CHECK_EQ(bad->result, EDEADLK);
}

TEST(last_page_is_partial)
{
    CHECK_EQ(touch(next_page), 0); /* bound, whoever was the pager before */
    CHECK_EQ(ftruncate(file_fd, 40 * PAGE + 100), 0);
    WAIT_FOR(bad->size == 40 * PAGE + 100);
    CHECK_EQ(bad->size, 40 * PAGE + 100);
    file_map[40 * PAGE] = 'x';
    file_map[40 * PAGE + 200] = 'y';
    CHECK_EQ(msync(file_map, 64 * PAGE, MS_SYNC), 0);
    CHECK_EQ(bad->flush_bytes, 100);
    CHECK_EQ(bad->flush_flags & PAGER_FLUSH_SYNC, PAGER_FLUSH_SYNC);
    CHECK_EQ(lseek(file_fd, 0, SEEK_END), 40 * PAGE + 100);
}

TEST(unbind_after_last_mapping)
{
    int unbinds = bad->unbinds;

    CHECK_EQ(touch(next_page++), 0);
    CHECK_EQ(munmap(file_map, 64 * PAGE), 0);
    file_map = NULL;
    WAIT_FOR(bad->unbinds > unbinds);
    CHECK_EQ(bad->unbinds, unbinds + 1);
    CHECK_EQ(unlink("/bad.file"), 0);
}

int main(void)
{
    RUN(hello_comes_first);
    RUN(version_is_agreed);
    RUN(call_errors);
    RUN(serves);
    RUN(wrong_transaction);
    RUN(double_answer);
    RUN(too_many_pages);
    RUN(wrong_answer_op);
    RUN(unknown_op);
    RUN(unknown_flags);
    RUN(positive_status);
    RUN(short_prefix);
    RUN(empty_prefix);
    RUN(zero_flag);
    RUN(touch_after_answer);
    RUN(own_object_is_deadlock);
    RUN(last_page_is_partial);
    RUN(unbind_after_last_mapping);
    role_restore();
    return check_done("t_pager");
}
