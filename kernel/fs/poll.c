/*
 * poll.c - waiting for several files at once.
 *
 * A polling thread has one table with one wait queue, and one registration on each source that its
 * files named; the registrations live in chunks of the table. A notification marks the table and
 * wakes it. No event is lost: files are first registered on, then looked at, and a mark set in
 * between makes the wait return at once. The files (and so the sources) are kept by the caller's
 * references. Locks: source->lock (RANK_POLL) guards its list; table->lock (RANK_WAIT, taken
 * inside) the mark.
 */
#include "abi/errno.h"
#include "fs/file.h"
#include "mem/kalloc.h"

struct registration {
    struct list link;           /* [source] */
    struct poll_source *source; /* [o] */
    struct poll_table *table;   /* [o] */
};

enum { CHUNK = 30 };

struct chunk {
    struct chunk *next;
    unsigned used;
    struct registration entry[CHUNK];
};

struct poll_table {
    struct spinlock lock; /* RANK_WAIT */
    struct waitq waitq;   /* [l] */
    bool notified;        /* [l] */
    int error;            /* [o] a registration failed */
    struct chunk *chunks; /* [o] */
};

void poll_source_init(struct poll_source *s)
{
    spin_init(&s->lock, RANK_POLL);
    list_init(&s->registrations);
}

void poll_notify(struct poll_source *s)
{
    struct list *pos;
    spin_lock(&s->lock);
    list_for_each (pos, &s->registrations) {
        struct poll_table *pt = list_entry(pos, struct registration, link)->table;
        spin_lock(&pt->lock);
        pt->notified = true;
        waitq_wake_all(&pt->waitq);
        spin_unlock(&pt->lock);
    }
    spin_unlock(&s->lock);
}

static struct registration *table_new_entry(struct poll_table *pt)
{
    if (!pt->chunks || pt->chunks->used == CHUNK) {
        struct chunk *c = kalloc(sizeof(*c));
        if (!c)
            return NULL;
        c->used = 0;
        c->next = pt->chunks;
        pt->chunks = c;
    }
    return &pt->chunks->entry[pt->chunks->used++];
}

void poll_register(struct poll_table *pt, struct poll_source *s)
{
    if (!pt)
        return;
    struct registration *r = table_new_entry(pt);
    if (!r) {
        pt->error = -ENOMEM;
        return;
    }
    r->source = s;
    r->table = pt;
    spin_lock(&s->lock);
    list_add_tail(&s->registrations, &r->link);
    spin_unlock(&s->lock);
}

static void table_drop(struct poll_table *pt)
{
    while (pt->chunks) {
        struct chunk *c = pt->chunks;
        for (unsigned i = 0; i < c->used; i++) {
            spin_lock(&c->entry[i].source->lock);
            list_del(&c->entry[i].link);
            spin_unlock(&c->entry[i].source->lock);
        }
        pt->chunks = c->next;
        kfree(c);
    }
}

static int table_wait(struct poll_table *pt, uint64_t deadline_ns)
{
    int err = 0;
    spin_lock(&pt->lock);
    while (!pt->notified && !err)
        err = waitq_wait(&pt->waitq, &pt->lock, deadline_ns, WAIT_INTR, "poll");
    if (pt->notified)
        err = 0;
    pt->notified = false;
    spin_unlock(&pt->lock);
    return err;
}

/* One look at every file; how many have something to tell. */
static long look(struct file **files, struct abi_pollfd *fds, unsigned n, struct poll_table *pt)
{
    long ready = 0;
    for (unsigned i = 0; i < n; i++) {
        if (files[i]) {
            int now = file_poll(files[i], pt);
            fds[i].revents = now & (fds[i].events | ABI_POLLERR | ABI_POLLHUP);
        }
        ready += fds[i].revents != 0;
    }
    return ready;
}

long poll_files(struct file **files, struct abi_pollfd *fds, unsigned n, uint64_t deadline_ns)
{
    struct poll_table pt = {.lock = SPINLOCK_INIT(RANK_WAIT), .waitq = WAITQ_INIT(pt.waitq)};
    long ready = look(files, fds, n, &pt);
    while (!ready && !pt.error) {
        int err = table_wait(&pt, deadline_ns);
        ready = look(files, fds, n, NULL);
        if (err == -ETIMEDOUT)
            break;
        if (err && !ready)
            ready = err;
    }
    if (!ready && pt.error)
        ready = pt.error;
    table_drop(&pt);
    return ready;
}
