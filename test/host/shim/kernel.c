/*
 * kernel.c - the kernel below the file system for host tests; kernel.h has the contract.
 *
 * Defines the functions that kernel/core, mem, sched and dev declare, as far as fs/ uses them.
 */
#include "shim/kernel.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "abi/errno.h"
#include "arch/riscv/time.h"
#include "core/counter.h"
#include "core/log.h"
#include "lib/assert.h"
#include "mem/kalloc.h"
#include "mem/page.h"
#include "sched/mutex.h"

bool host_log;
int64_t host_alloc_budget = -1;
uint64_t host_pages = 4096;

static int64_t allocated;
static uint64_t counters[COUNTER_MAX];

/* --- locks --- */

enum { HELD_MAX = 16 };
static struct {
    const void *lock;
    unsigned rank;
} held[HELD_MAX];
static unsigned n_held;

static void take(const void *lock, unsigned rank, bool nested)
{
    ASSERT(n_held < HELD_MAX);
    for (unsigned i = 0; i < n_held; i++) {
        ASSERT(held[i].lock != lock);
        ASSERT(held[i].rank < rank || (nested && held[i].rank == rank));
    }
    held[n_held].lock = lock;
    held[n_held++].rank = rank;
}

static void release(const void *lock)
{
    for (unsigned i = 0; i < n_held; i++) {
        if (held[i].lock == lock) {
            held[i] = held[--n_held];
            return;
        }
    }
    ASSERT(!"released a lock that is not held");
}

static void may_sleep(void)
{
    for (unsigned i = 0; i < n_held; i++)
        ASSERT(held[i].rank < 100);
}

void host_check_locks(void)
{
    ASSERT(n_held == 0);
}

void spin_init(struct spinlock *l, enum lock_rank rank)
{
    *l = (struct spinlock)SPINLOCK_INIT((uint16_t)rank);
}

void spin_lock(struct spinlock *l)
{
    take(l, l->rank, false);
}

void spin_unlock(struct spinlock *l)
{
    release(l);
}

void mutex_init(struct mutex *m, enum lock_rank rank)
{
    *m = (struct mutex){.rank = (uint16_t)rank};
}

void mutex_lock(struct mutex *m)
{
    may_sleep();
    take(m, m->rank, false);
}

void mutex_lock_nested(struct mutex *m)
{
    may_sleep();
    take(m, m->rank, true);
}

void mutex_unlock(struct mutex *m)
{
    release(m);
}

void waitq_init(struct waitq *q)
{
    list_init(&q->waiters);
}

int waitq_wait(struct waitq *q, struct spinlock *l, uint64_t deadline_ns, unsigned flags,
               const char *name)
{
    (void)q;
    (void)l;
    (void)deadline_ns;
    (void)flags;
    fprintf(stderr, "would wait for ever: %s\n", name);
    abort();
}

bool waitq_wake_one(struct waitq *q)
{
    (void)q;
    return false;
}

unsigned waitq_wake_all(struct waitq *q)
{
    (void)q;
    return 0;
}

/* --- memory, time, log --- */

void *kalloc(size_t size)
{
    if (host_alloc_budget == 0)
        return NULL;
    if (host_alloc_budget > 0)
        host_alloc_budget--;
    void *p = malloc(size);
    ASSERT(p);
    memset(p, 0xA5, size);
    allocated++;
    return p;
}

void *kzalloc(size_t size)
{
    void *p = kalloc(size);
    return p ? memset(p, 0, size) : NULL;
}

void kfree(void *p)
{
    allocated -= p != NULL;
    free(p);
}

int64_t host_allocated(void)
{
    return allocated;
}

uint64_t page_total_count(void)
{
    return host_pages;
}

uint64_t time_now_ns(void)
{
    static uint64_t now;
    return now += NS_PER_MS;
}

uint64_t time_boot_epoch_ns(void)
{
    return 1770000000ull * NS_PER_SEC;
}

void counter_add(enum counter c, uint64_t n)
{
    counters[c] += n;
}

void log_print(const char *fmt, ...)
{
    va_list ap;
    if (!host_log)
        return;
    va_start(ap, fmt);
    vprintf(fmt, ap);
    putchar('\n');
    va_end(ap);
}

/* --- disk --- */

struct host_write {
    uint64_t at;
    uint32_t len;
    uint8_t *data;
};

static void log_write(struct host_disk *d, uint64_t at, const void *data, uint32_t len)
{
    if (!d->stable)
        return;
    if (d->n_log == d->cap_log) {
        d->cap_log = d->cap_log ? d->cap_log * 2 : 64;
        d->log = realloc(d->log, d->cap_log * sizeof(*d->log));
    }
    struct host_write *w = &d->log[d->n_log++];
    *w = (struct host_write){at, len, malloc(len)};
    memcpy(w->data, data, len);
}

static void log_drop(struct host_disk *d)
{
    while (d->n_log)
        free(d->log[--d->n_log].data);
}

static void log_flush(struct host_disk *d)
{
    if (!d->stable)
        return;
    log_drop(d);
    memcpy(d->stable, d->data, d->size);
}

void host_disk_cache(struct host_disk *d)
{
    d->stable = malloc(d->size);
    memcpy(d->stable, d->data, d->size);
}

void host_disk_power_loss(struct host_disk *d, bool (*keep)(void))
{
    memcpy(d->data, d->stable, d->size);
    for (unsigned i = 0; i < d->n_log; i++)
        if (keep())
            memcpy(d->data + d->log[i].at, d->log[i].data, d->log[i].len);
    log_drop(d);
}

static bool fails(struct host_disk *d, enum blk_op op)
{
    if (d->fail_after < 0 || !(d->fail_mask >> op & 1))
        return false;
    if (d->fail_after > 0) {
        d->fail_after--;
        return false;
    }
    return true;
}

static int transfer(struct host_disk *d, const struct blk_req *req)
{
    uint64_t at = req->sector * BLK_SECTOR;
    for (uint32_t i = 0; i < req->nsegs; i++) {
        const struct blk_seg *s = &req->segs[i];
        ASSERT(s->len % BLK_SECTOR == 0);
        if (at + s->len > d->dev.sectors * BLK_SECTOR)
            return -EIO;
        if (req->op == BLK_READ)
            memcpy(s->addr, d->data + at, s->len);
        else
            memcpy(d->data + at, s->addr, s->len);
        if (req->op == BLK_WRITE)
            log_write(d, at, s->addr, s->len);
        at += s->len;
    }
    return 0;
}

static void submit(struct blk_dev *dev, struct blk_req *req)
{
    struct host_disk *d = dev->driver;
    may_sleep();
    d->reads += req->op == BLK_READ;
    d->writes += req->op == BLK_WRITE;
    d->flushes += req->op == BLK_FLUSH;
    req->status = fails(d, req->op) ? -EIO : transfer(d, req);
    if (req->op == BLK_FLUSH && !req->status)
        log_flush(d);
    if (req->done)
        req->done(req);
}

void blk_submit(struct blk_dev *dev, struct blk_req *req)
{
    submit(dev, req);
}

void blk_batch_init(struct blk_batch *b)
{
    b->status = 0;
}

void blk_batch_submit(struct blk_batch *b, struct blk_dev *dev, struct blk_req *req)
{
    submit(dev, req);
    if (!b->status)
        b->status = req->status;
}

int blk_batch_wait(struct blk_batch *b)
{
    return b->status;
}

int blk_rw_sync(struct blk_dev *dev, enum blk_op op, uint64_t sector, void *buf, uint32_t len)
{
    struct blk_req req = {.op = op, .sector = sector, .nsegs = 1, .segs = {{buf, len}}};
    submit(dev, &req);
    return req.status;
}

int blk_flush_sync(struct blk_dev *dev)
{
    struct blk_req req = {.op = BLK_FLUSH};
    submit(dev, &req);
    return req.status;
}

void host_disk_init(struct host_disk *d, uint64_t size)
{
    *d = (struct host_disk){.size = size, .fail_after = -1, .fail_mask = 7};
    d->data = calloc(1, size);
    ASSERT(d->data);
    d->dev = (struct blk_dev){
        .name = "host0", .sectors = size / BLK_SECTOR, .max_segs = BLK_SEGS_MAX, .driver = d};
}

void host_disk_load(struct host_disk *d, const char *path)
{
    FILE *f = fopen(path, "rb");
    ASSERT(f);
    fseek(f, 0, SEEK_END);
    host_disk_init(d, (uint64_t)ftell(f));
    rewind(f);
    ASSERT(fread(d->data, 1, d->size, f) == d->size);
    fclose(f);
}

void host_disk_save(const struct host_disk *d, const char *path)
{
    FILE *f = fopen(path, "wb");
    ASSERT(f && fwrite(d->data, 1, d->size, f) == d->size);
    fclose(f);
}

void host_disk_free(struct host_disk *d)
{
    log_drop(d);
    free(d->log);
    free(d->stable);
    free(d->data);
}

int host_run(const char *command)
{
    int status = system(command);
    return status < 0 || status > 0xFF00 ? 255 : status >> 8;
}
