/*
 * kernel.h - the kernel below the file system, as a host test sees it (kernel.c).
 *
 * One thread. Locks are checked, not taken: order of ranks, double takes, sleeping with a spinlock.
 * The disk is memory, with a write cache that may be lost and with errors on demand.
 */
#ifndef SHIM_KERNEL_H
#define SHIM_KERNEL_H

#include "dev/blk.h"
#include "lib/types.h"

struct host_disk {
    struct blk_dev dev;
    uint8_t *data;
    uint64_t size;
    uint64_t reads, writes, flushes;
    int64_t fail_after; /* requests until the first failure; negative: none fails */
    uint32_t fail_mask; /* of enum blk_op bits: which fail then */
    uint8_t *stable;    /* with a write cache: what was there at the last FLUSH; NULL: no cache */
    struct host_write *log; /* writes since then */
    unsigned n_log, cap_log;
};

void host_disk_init(struct host_disk *d, uint64_t size);
void host_disk_load(struct host_disk *d, const char *path);
void host_disk_save(const struct host_disk *d, const char *path);
void host_disk_free(struct host_disk *d);
/* From now on writes may be lost until a FLUSH. */
void host_disk_cache(struct host_disk *d);
/* The power goes: of the writes since the last FLUSH those that `keep` wants are on the disk. */
void host_disk_power_loss(struct host_disk *d, bool (*keep)(void));

extern bool host_log;             /* print the kernel's log */
extern int64_t host_alloc_budget; /* allocations until one fails; negative: none fails */
extern uint64_t host_pages;       /* what page_total_count() says */
int64_t host_allocated(void);     /* blocks of kalloc() in use */
void host_check_locks(void);      /* no lock is held */

/* Runs a program; its exit status. Output goes to `log` unless NULL. */
int host_run(const char *command);

#endif
