/*
 * commit.c - metadata to the disk and the disk's cache flushed, once for all who ask at the same
 * time.
 *
 * A flush of the device takes as long as a hundred writes, and pagers ask for one after each run of
 * pages. Whoever comes while a commit is under way waits for the next one, which is then
 * everybody's. A commit covers all writes that had ended when it began. One file system is mounted,
 * so there is one state. Lock: commit.lock (RANK_WAIT); not held while a commit runs.
 */
#include "dev/blk.h"
#include "fs/ext2.h"
#include "fs/vnode.h"
#include "sched/waitq.h"

static struct {
    struct spinlock lock;
    struct waitq waitq;   /* [l] */
    uint64_t begun, done; /* [l] counts of commits */
    int error;            /* [l] of commit number `done` */
} commit = {
    .lock = SPINLOCK_INIT(RANK_WAIT),
    .waitq = WAITQ_INIT(commit.waitq),
};

static int run_commit(struct ext2_fs *fs)
{
    if (ext2_read_only(fs)) /* metadata stays, file data may be on its way */
        return blk_flush_sync(ext2_device(fs));
    return ext2_sync(fs);
}

int fs_commit(struct ext2_fs *fs)
{
    spin_lock(&commit.lock);
    uint64_t mine = commit.begun + 1;
    while (commit.done < mine && commit.begun > commit.done)
        (void)waitq_wait(&commit.waitq, &commit.lock, TIME_NEVER, WAIT_UNINTR, "commit");
    if (commit.done < mine) {
        uint64_t number = ++commit.begun;
        spin_unlock(&commit.lock);
        int err = run_commit(fs);
        spin_lock(&commit.lock);
        commit.done = number;
        commit.error = err;
        waitq_wake_all(&commit.waitq);
    }
    int err = commit.error;
    spin_unlock(&commit.lock);
    return err;
}
