/*
 * fdtable.c - descriptor tables: growth, lowest free number, copies for fork.
 *
 * Each table has its entries and a bitmap of close-on-exec marks in one allocation each, doubled
 * when full. An entry holds one reference on its file. Files are put only after the lock is let go,
 * since the last put closes and may sleep.
 * Lock: table->lock (RANK_FDTABLE). Allocation happens under it (it never waits).
 */
#include "fs/fdtable.h"

#include "abi/errno.h"
#include "abi/fs.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "mem/kalloc.h"

enum { INITIAL = 64 }; /* a multiple of 64: the bitmap has whole words */

int fdtable_init(struct fdtable *t)
{
    memset(t, 0, sizeof(*t));
    spin_init(&t->lock, RANK_FDTABLE);
    return 0;
}

static bool cloexec_get(const struct fdtable *t, unsigned fd)
{
    return t->cloexec[fd / 64] >> fd % 64 & 1;
}

static void cloexec_set(struct fdtable *t, unsigned fd, bool on)
{
    uint64_t bit = 1ull << fd % 64;
    t->cloexec[fd / 64] = on ? t->cloexec[fd / 64] | bit : t->cloexec[fd / 64] & ~bit;
}

/* Makes room for descriptor `fd`, below ABI_OPEN_MAX. */
static int grow_locked(struct fdtable *t, unsigned fd)
{
    unsigned capacity = t->capacity ? t->capacity : INITIAL;
    while (capacity <= fd)
        capacity *= 2;
    if (capacity == t->capacity)
        return 0;
    struct file **files = kzalloc(capacity * sizeof(*files));
    uint64_t *cloexec = kzalloc(capacity / 8);
    if (!files || !cloexec) {
        kfree(files);
        kfree(cloexec);
        return -ENOMEM;
    }
    if (t->capacity) {
        memcpy(files, t->files, t->capacity * sizeof(*files));
        memcpy(cloexec, t->cloexec, t->capacity / 8);
    }
    kfree(t->files);
    kfree(t->cloexec);
    t->files = files;
    t->cloexec = cloexec;
    t->capacity = capacity;
    return 0;
}

static unsigned lowest_free_locked(const struct fdtable *t, unsigned min)
{
    unsigned fd = MAX(min, t->first_free);
    while (fd < t->capacity && t->files[fd])
        fd++;
    return fd;
}

static void set_locked(struct fdtable *t, unsigned fd, struct file *f, bool cloexec)
{
    t->files[fd] = f;
    cloexec_set(t, fd, cloexec);
    t->count++;
    if (fd == t->first_free)
        t->first_free = fd + 1;
}

/* Empties an entry and returns what was there, whose reference is now the caller's. */
static struct file *clear_locked(struct fdtable *t, unsigned fd)
{
    struct file *f = t->files[fd];
    if (!f)
        return NULL;
    t->files[fd] = NULL;
    cloexec_set(t, fd, false);
    t->count--;
    t->first_free = MIN(t->first_free, fd);
    return f;
}

static bool open_locked(const struct fdtable *t, int fd)
{
    return fd >= 0 && (unsigned)fd < t->capacity && t->files[fd];
}

int fdtable_copy(struct fdtable *to, struct fdtable *from)
{
    int err = fdtable_init(to);
    spin_lock(&from->lock);
    if (from->capacity)
        err = grow_locked(to, from->capacity - 1);
    for (unsigned fd = 0; !err && fd < from->capacity; fd++) {
        struct file *f = from->files[fd];
        if (!f || f->close_on_fork)
            continue;
        file_get(f);
        to->files[fd] = f;
        cloexec_set(to, fd, cloexec_get(from, fd));
        to->count++;
    }
    spin_unlock(&from->lock);
    return err;
}

void fdtable_close_all(struct fdtable *t)
{
    /* The kernel puts files into a pager's table (pager_bind.c) until its session is closed:
     * perhaps at numbers already passed. */
    while (READ_ONCE(t->count) > 0)
        for (unsigned fd = 0; fd < t->capacity; fd++)
            (void)fdtable_close(t, fd);
    spin_lock(&t->lock);
    struct file **files = t->files;
    uint64_t *cloexec = t->cloexec;
    ASSERT(t->count == 0);
    t->files = NULL;
    t->cloexec = NULL;
    t->capacity = t->first_free = 0;
    spin_unlock(&t->lock);
    kfree(files);
    kfree(cloexec);
}

void fdtable_close_exec(struct fdtable *t)
{
    for (unsigned fd = 0; fd < t->capacity; fd++) {
        if (fdtable_get_cloexec(t, fd) > 0)
            (void)fdtable_close(t, fd);
    }
}

int fdtable_install(struct fdtable *t, struct file *f, int min, bool cloexec)
{
    int fd = -EINVAL;
    if (min < 0)
        return fd;
    spin_lock(&t->lock);
    unsigned at = lowest_free_locked(t, min);
    if (at >= ABI_OPEN_MAX) {
        fd = -EMFILE;
    } else {
        fd = grow_locked(t, at);
        if (!fd) {
            if ((unsigned)min <= t->first_free) /* all below were seen to be in use */
                t->first_free = at;
            set_locked(t, at, f, cloexec);
            fd = at;
        }
    }
    spin_unlock(&t->lock);
    return fd;
}

int fdtable_install_at(struct fdtable *t, struct file *f, int fd, bool cloexec)
{
    struct file *old = NULL;
    if (fd < 0 || fd >= ABI_OPEN_MAX)
        return -EBADF;
    spin_lock(&t->lock);
    int err = grow_locked(t, fd);
    if (!err) {
        old = clear_locked(t, fd);
        set_locked(t, fd, f, cloexec);
    }
    spin_unlock(&t->lock);
    if (old)
        file_put(old);
    return err ? err : fd;
}

struct file *fdtable_get(struct fdtable *t, int fd)
{
    struct file *f = NULL;
    spin_lock(&t->lock);
    if (open_locked(t, fd)) {
        f = t->files[fd];
        file_get(f);
    }
    spin_unlock(&t->lock);
    return f;
}

int fdtable_close(struct fdtable *t, int fd)
{
    struct file *f = NULL;
    spin_lock(&t->lock);
    if (open_locked(t, fd))
        f = clear_locked(t, fd);
    spin_unlock(&t->lock);
    if (!f)
        return -EBADF;
    file_put(f);
    return 0;
}

int fdtable_get_cloexec(struct fdtable *t, int fd)
{
    spin_lock(&t->lock);
    int on = open_locked(t, fd) ? cloexec_get(t, fd) : -EBADF;
    spin_unlock(&t->lock);
    return on;
}

int fdtable_set_cloexec(struct fdtable *t, int fd, bool on)
{
    int err = -EBADF;
    spin_lock(&t->lock);
    if (open_locked(t, fd)) {
        cloexec_set(t, fd, on);
        err = 0;
    }
    spin_unlock(&t->lock);
    return err;
}
