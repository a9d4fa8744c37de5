/*
 * syncer.c - the kernel thread that writes changed metadata back now and then.
 *
 * File data has its own write-back (vm/writeback.c), which commits metadata too; this is for what
 * has no data: new directories, renames, removals. Without it such changes would wait for sync or
 * power-off. It also makes blocks and inode numbers that were freed fit for use again in time.
 */
#include "core/log.h"
#include "fs/ext2.h"
#include "fs/vnode.h"
#include "sched/thread.h"
#include "sched/waitq.h"

enum { SYNC_INTERVAL_S = 5 };

static void syncer(void *arg)
{
    struct ext2_fs *fs = arg;
    for (;;) {
        (void)sleep_until(time_after_ns(SYNC_INTERVAL_S * NS_PER_SEC), WAIT_UNINTR);
        if (!ext2_changed(fs))
            continue;
        int err = fs_commit(fs);
        if (err)
            log_print("fs: metadata cannot be written: error %d", -err);
    }
}

int fs_syncer_start(struct ext2_fs *fs)
{
    return thread_start_kernel("syncer", syncer, fs);
}
