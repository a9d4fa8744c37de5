/*
 * pipe.c - pipes: a ring of bytes between two open files.
 *
 * User memory is copied straight to and from the ring under the pipe's lock by copies that do not
 * fault; when one comes short the lock is let go, the user's pages are touched, and it is tried
 * again. So nobody ever holds the lock while a page is fetched, and a write of up to ABI_PIPE_BUF
 * bytes, which is committed only when all of it was copied, stays in one piece. A write with no
 * reader returns -EPIPE; the system call floor sends the signal. Lock: pipe->lock (RANK_PIPE).
 * Pages come from pageout_alloc(), called without it.
 */
#include "fs/pipe.h"

#include "abi/errno.h"
#include "fs/pipe_ring.h"
#include "lib/assert.h"
#include "mem/kalloc.h"
#include "mem/page.h"
#include "sched/sched.h"
#include "vm/pageout.h"
#include "vm/uaccess.h"

struct pipe {
    struct spinlock lock;  /* RANK_PIPE */
    struct pipe_ring ring; /* [l] */
    bool has_reader;       /* [l] the read end is open */
    bool has_writer;       /* [l] the write end is open */
    struct waitq readers;  /* [l] wait for bytes */
    struct waitq writers;  /* [l] wait for room */
    struct poll_source readable, writable;
};

static struct kcache pipe_cache = KCACHE_INIT("pipe", struct pipe);

static void free_pages_locked(struct pipe *p, bool all)
{
    void *kva;
    while ((kva = ring_take_idle_page(&p->ring, all)))
        page_put(page_from_paddr(kva_to_paddr(kva)));
}

/* Bytes were taken out: frees pages, tells the writers. */
static void drained_locked(struct pipe *p)
{
    free_pages_locked(p, false);
    waitq_wake_all(&p->writers);
    poll_notify(&p->writable);
}

static void filled_locked(struct pipe *p)
{
    waitq_wake_all(&p->readers);
    poll_notify(&p->readable);
}

/* Waits until there are bytes. 1: there are; 0: end of file; -EAGAIN, -EINTR. */
static int wait_bytes_locked(struct pipe *p, bool nonblock)
{
    while (ring_used(&p->ring) == 0) {
        if (!p->has_writer)
            return 0;
        if (nonblock)
            return -EAGAIN;
        int err = waitq_wait(&p->readers, &p->lock, TIME_NEVER, WAIT_INTR, "pipe read");
        if (err)
            return err;
    }
    return 1;
}

/* Copies what is there to the user, as far as that needs no fault. */
static size_t copy_out_locked(struct pipe *p, uint64_t uaddr, size_t len)
{
    size_t done = 0, span;
    void *at;
    while ((span = ring_read_span(&p->ring, len - done, &at)) > 0) {
        size_t copied = span - copy_to_user_nofault(uaddr + done, at, span);
        ring_consume(&p->ring, copied);
        done += copied;
        if (copied < span)
            break;
    }
    return done;
}

static long pipe_read(struct file *f, uint64_t uaddr, size_t len, int64_t *offset)
{
    struct pipe *p = f->data;
    (void)offset;
    if (len == 0)
        return 0;
    for (;;) {
        spin_lock(&p->lock);
        long result = wait_bytes_locked(p, file_flags(f) & ABI_O_NONBLOCK);
        size_t want = MIN(len, ring_used(&p->ring));
        if (result > 0) {
            result = copy_out_locked(p, uaddr, want);
            if (result > 0)
                drained_locked(p);
        } else {
            want = 0;
        }
        spin_unlock(&p->lock);
        if (result != 0 || want == 0)
            return result;
        int err = user_prefault(uaddr, MIN(want, (size_t)PIPE_PAGE), true);
        if (err)
            return err;
        preempt_point();
    }
}

/* Waits for room for a write of `len` more bytes: all of it if that is to be atomic. 0, -EPIPE,
 * -EAGAIN, -EINTR. */
static int wait_room_locked(struct pipe *p, size_t len, bool nonblock)
{
    size_t need = len <= ABI_PIPE_BUF ? len : 1;
    for (;;) {
        if (!p->has_reader)
            return -EPIPE;
        if (ring_free(&p->ring) >= need)
            return 0;
        if (nonblock)
            return -EAGAIN;
        int err = waitq_wait(&p->writers, &p->lock, TIME_NEVER, WAIT_INTR, "pipe write");
        if (err)
            return err;
    }
}

/* Copies up to `len` bytes behind the tail without committing them; what no fault was needed for.
 */
static size_t copy_in_locked(struct pipe *p, uint64_t uaddr, size_t len)
{
    size_t done = 0, span;
    void *at;
    while (done < len && (span = ring_write_span(&p->ring, done, len - done, &at)) > 0) {
        size_t copied = span - copy_from_user_nofault(at, uaddr + done, span);
        done += copied;
        if (copied < span)
            break;
    }
    return done;
}

/* Puts a fresh page in at slot i, unless somebody else has. */
static int add_page(struct pipe *p, int i)
{
    struct page *page = pageout_alloc(false);
    if (!page)
        return -ENOMEM;
    spin_lock(&p->lock);
    if (!p->ring.page[i]) {
        p->ring.page[i] = page_kva(page);
        page = NULL;
    }
    spin_unlock(&p->lock);
    if (page)
        page_put(page);
    return 0;
}

/* Writes some of the bytes, up to a page of them, all of them if `atomic`. Bytes, 0: try again, or
 * -errno. */
static long write_piece(struct file *f, uint64_t uaddr, size_t len, size_t whole)
{
    struct pipe *p = f->data;
    bool atomic = whole <= ABI_PIPE_BUF;
    int missing = -1;
    size_t want = 0, copied = 0;

    spin_lock(&p->lock);
    int err = wait_room_locked(p, whole, file_flags(f) & ABI_O_NONBLOCK);
    if (!err) {
        want = MIN(len, (size_t)PIPE_PAGE);
        want = MIN(want, ring_free(&p->ring));
        missing = ring_missing_page(&p->ring, want);
    }
    if (!err && missing < 0) {
        copied = copy_in_locked(p, uaddr, want);
        if (atomic && copied < want)
            copied = 0;
        if (copied > 0) {
            ring_produce(&p->ring, copied);
            filled_locked(p);
        }
    }
    spin_unlock(&p->lock);

    if (err || copied > 0)
        return err ? err : (long)copied;
    if (missing >= 0)
        return add_page(p, missing);
    return user_prefault(uaddr, want, false);
}

static long pipe_write(struct file *f, uint64_t uaddr, size_t len, int64_t *offset)
{
    size_t done = 0;
    (void)offset;
    while (done < len) {
        long n = write_piece(f, uaddr + done, len - done, len);
        if (n < 0)
            return done ? (long)done : n;
        done += n;
        preempt_point();
    }
    return done;
}

static int pipe_poll(struct file *f, struct poll_table *pt)
{
    struct pipe *p = f->data;
    int now = 0;
    bool reader = file_readable(f);
    poll_register(pt, reader ? &p->readable : &p->writable);
    spin_lock(&p->lock);
    if (reader) {
        now |= ring_used(&p->ring) ? ABI_POLLIN : 0;
        now |= p->has_writer ? 0 : ABI_POLLHUP;
    } else {
        now |= ring_free(&p->ring) >= ABI_PIPE_BUF ? ABI_POLLOUT : 0;
        now |= p->has_reader ? 0 : ABI_POLLERR;
    }
    spin_unlock(&p->lock);
    return now;
}

static int pipe_stat(struct file *f, struct abi_stat *st)
{
    struct pipe *p = f->data;
    *st = (struct abi_stat){.mode = ABI_S_IFIFO | 0600, .nlink = 1, .blksize = ABI_PIPE_BUF};
    spin_lock(&p->lock);
    st->size = ring_used(&p->ring);
    spin_unlock(&p->lock);
    return 0;
}

static long pipe_ioctl(struct file *f, uint64_t request, uint64_t arg)
{
    struct pipe *p = f->data;
    if (request != ABI_FIONREAD)
        return -ENOTTY;
    spin_lock(&p->lock);
    uint32_t bytes = ring_used(&p->ring);
    spin_unlock(&p->lock);
    return put_user_u32(arg, bytes);
}

static void pipe_close(struct file *f)
{
    struct pipe *p = f->data;
    spin_lock(&p->lock);
    if (file_readable(f))
        p->has_reader = false;
    else
        p->has_writer = false;
    bool last = !p->has_reader && !p->has_writer;
    waitq_wake_all(&p->readers);
    waitq_wake_all(&p->writers);
    poll_notify(&p->readable);
    poll_notify(&p->writable);
    if (last) {
        ring_consume(&p->ring, ring_used(&p->ring));
        free_pages_locked(p, true);
    }
    spin_unlock(&p->lock);
    if (last)
        kcache_free(&pipe_cache, p);
}

static const struct file_ops read_end_ops = {
    .read = pipe_read,
    .stat = pipe_stat,
    .ioctl = pipe_ioctl,
    .poll = pipe_poll,
    .close = pipe_close,
};

static const struct file_ops write_end_ops = {
    .write = pipe_write,
    .stat = pipe_stat,
    .ioctl = pipe_ioctl,
    .poll = pipe_poll,
    .close = pipe_close,
};

int pipe_create(uint32_t flags, struct file **read_end, struct file **write_end)
{
    struct pipe *p = kcache_alloc_zero(&pipe_cache);
    if (!p)
        return -ENOMEM;
    spin_init(&p->lock, RANK_PIPE);
    waitq_init(&p->readers);
    waitq_init(&p->writers);
    poll_source_init(&p->readable);
    poll_source_init(&p->writable);
    flags &= ABI_O_NONBLOCK;
    struct file *r = file_create(&read_end_ops, p, flags | ABI_O_RDONLY);
    struct file *w = r ? file_create(&write_end_ops, p, flags | ABI_O_WRONLY) : NULL;
    if (!w) {
        if (r)
            file_put(r); /* no end is marked open yet: frees the pipe */
        else
            kcache_free(&pipe_cache, p);
        return -ENOMEM;
    }
    p->has_reader = true;
    p->has_writer = true;
    *read_end = r;
    *write_end = w;
    return 0;
}
