/*
 * pager_bind.c - tying objects to the file pager, and untying them.
 *
 * vmo->binding: NULL -> ASKED (BIND sent) -> BOUND -> NULL (UNBIND sent), or ORPHAN after a failed
 * attempt to bind anew. A BOUND binding whose session has died counts as an orphan; the next one
 * who needs the object binds it to the successor. One thread at a time binds an object; others wait
 * on vmo->waitq. The struct belongs to the object and changes under vmo->lock.
 */
#include "abi/errno.h"
#include "arch/riscv/time.h"
#include "lib/assert.h"
#include "mem/kalloc.h"
#include "sched/thread.h"
#include "vm/pager.h"
#include "vm/pager_txn.h"
#include "vm/vmo_page.h"
#include "vm/writeback.h"

enum { BIND_DEADLINE_MS = 2000 };

static struct kcache binding_cache = KCACHE_INIT("binding", struct pager_binding);

static bool is_bound(const struct pager_binding *b)
{
    return b && b->state == BINDING_BOUND && pager_session_live(b->session);
}

/* Installs the handle and exchanges BIND and BOUND. */
static int ask(struct pager_session *s, struct vmo *vmo, bool writable, int *handle)
{
    uint64_t deadline = time_after_ns(BIND_DEADLINE_MS * NS_PER_MS);
    struct pager_txn *txn;
    int err = pager_txn_reserve(s, deadline, &txn); /* first: a handle must not be left untold */
    if (err)
        return err;
    mutex_lock(&s->bind_lock);
    int fd = s->closed ? -EPAGERDEAD : s->host_ops->install_handle(s->proc, vmo, writable);
    mutex_unlock(&s->bind_lock);
    if (fd < 0) {
        pager_txn_unreserve(txn);
        return fd;
    }
    *handle = fd;
    unsigned rights = PAGER_RIGHT_READ | (writable ? PAGER_RIGHT_WRITE : 0);
    return pager_txn_bind(txn, vmo, fd, rights, deadline);
}

/* Becomes the one who binds, unless the object is bound or somebody else is at it (then waits for
 * that). 1: the caller binds; 0: look again or done; or -errno. */
static int claim(struct vmo *vmo, struct pager_session *s, struct pager_binding *fresh,
                 struct pager_session **old, bool *used_fresh)
{
    int result = 1;
    *old = NULL;
    *used_fresh = false;
    spin_lock(&vmo->lock);
    struct pager_binding *b = vmo->binding;
    if (is_bound(b)) {
        result = 0;
    } else if (b && b->state == BINDING_ASKED) {
        uint64_t deadline = time_after_ns(2 * BIND_DEADLINE_MS * NS_PER_MS);
        result = waitq_wait(&vmo->waitq, &vmo->lock, deadline, WAIT_KILL, "pager bind");
    } else {
        if (!b) {
            b = vmo->binding = fresh;
            *used_fresh = true;
        }
        *old = b->session;
        pager_session_get(s);
        b->session = s;
        b->state = BINDING_ASKED;
    }
    spin_unlock(&vmo->lock);
    return result;
}

/* One object more (or fewer) for the session's statistics. */
static void count_object(struct pager_session *s, int n)
{
    spin_lock(&s->lock);
    s->stats.objects += (uint64_t)n;
    spin_unlock(&s->lock);
}

/* The attempt is over: BOUND, or back to what it was. */
static void settle(struct vmo *vmo, bool was_new, int handle, int err)
{
    struct pager_binding *gone = NULL;
    struct pager_session *dropped = NULL;
    spin_lock(&vmo->lock);
    struct pager_binding *b = vmo->binding;
    if (!err) {
        b->state = BINDING_BOUND;
        b->handle = handle;
        count_object(b->session, 1);
    } else if (was_new && vmo->n_dirty == 0) {
        vmo->binding = NULL;
        gone = b;
        dropped = b->session;
    } else {
        b->state = BINDING_ORPHAN;
        dropped = b->session;
        b->session = NULL;
    }
    waitq_wake_all(&vmo->waitq);
    spin_unlock(&vmo->lock);
    if (dropped)
        pager_session_put(dropped);
    if (gone)
        kcache_free(&binding_cache, gone);
}

/* Binds to the live session. 0: done, or look again. */
static int bind_to(struct vmo *vmo, struct pager_session *s, bool writable)
{
    struct pager_session *old;
    bool was_new;
    int handle = -1;
    if (current_thread()->pmap == s->pmap)
        return -EDEADLK; /* the pager would wait for its own answer */
    struct pager_binding *fresh = kcache_alloc_zero(&binding_cache);
    if (!fresh)
        return -ENOMEM;
    channel_msg_init(&fresh->resized);
    int mine = claim(vmo, s, fresh, &old, &was_new);
    if (!was_new)
        kcache_free(&binding_cache, fresh);
    if (old)
        pager_session_put(old);
    if (mine <= 0)
        return mine;
    int err = ask(s, vmo, writable, &handle);
    settle(vmo, was_new, handle, err);
    return err;
}

static bool bound_now(struct vmo *vmo)
{
    spin_lock(&vmo->lock);
    bool bound = is_bound(vmo->binding);
    spin_unlock(&vmo->lock);
    return bound;
}

static int bind(struct vmo *vmo, bool writable, enum pager_patience patience)
{
    uint64_t limit = time_after_ns(3 * BIND_DEADLINE_MS * NS_PER_MS);
    while (!bound_now(vmo)) {
        struct pager_session *s;
        int err = pager_file_session(patience, &s);
        if (err)
            return err;
        err = bind_to(vmo, s, writable);
        pager_session_put(s);
        /* A pager that dies while it is asked has a successor, perhaps. */
        if (err && (err != -EPAGERDEAD || patience == PATIENCE_NONE))
            return err;
        if (time_now_ns() > limit)
            return -ETIMEDOUT;
    }
    return 0;
}

/* The handle can always write: who maps the object next may store to it. */
int pager_bind_file(struct vmo *vmo)
{
    return bind(vmo, true, PATIENCE_MMAP);
}

void pager_send_unbind(struct pager_session *s, const struct vmo *vmo, int handle)
{
    struct abi_msg body = {.op = PAGER_UNBIND, .word = {vmo->id, (uint64_t)handle}};
    struct channel_msg *m = kzalloc(sizeof(*m));
    if (!m)
        return; /* the pager keeps a descriptor it does not need */
    channel_msg_init(m);
    m->owned = true;
    channel_send(&s->channel, m, &body);
}

static void end_binding(struct vmo *vmo, struct pager_binding *b)
{
    struct pager_session *s = b->session;
    if (s) {
        channel_withdraw(&s->channel, &b->resized);
        if (b->state == BINDING_BOUND) {
            count_object(s, -1);
            if (pager_session_live(s))
                pager_send_unbind(s, vmo, b->handle);
        }
        pager_session_put(s);
    }
    kcache_free(&binding_cache, b);
}

/* The pager is dead, and nothing that it had to do is left: the kernel reads the file itself. */
static bool is_useless(const struct vmo *vmo)
{
    const struct pager_binding *b = vmo->binding;
    return b && b->state != BINDING_ASKED && !is_bound(b) && vmo->n_mappings == 0 &&
           vmo->n_dirty == 0 && vmo->n_txns == 0;
}

int pager_bound_session(struct vmo *vmo, bool wait, struct pager_session **out)
{
    *out = NULL;
    for (;;) {
        int err = 0;
        struct pager_binding *useless = NULL;
        spin_lock(&vmo->lock);
        if (is_useless(vmo)) {
            useless = vmo->binding;
            vmo->binding = NULL;
        }
        if (!vmo->binding) {
            err = -ENOENT;
        } else if (is_bound(vmo->binding)) {
            *out = vmo->binding->session;
            pager_session_get(*out);
        }
        spin_unlock(&vmo->lock);
        if (useless)
            end_binding(vmo, useless);
        if (err || *out)
            return err;
        err = bind(vmo, true, wait ? PATIENCE_RESTART : PATIENCE_NONE);
        if (err)
            return err;
    }
}

bool pager_unbind_idle(struct vmo *vmo)
{
    struct pager_binding *b = NULL;
    spin_lock(&vmo->lock);
    /* A user that is no mapping may be about to become one: it found the object bound. */
    bool unused = vmo->n_mappings == 0 && vmo->refs == (vmo->dirty_held ? 1 : 0);
    if (vmo->binding && vmo->binding->state != BINDING_ASKED && unused && vmo->n_dirty == 0 &&
        vmo->n_txns == 0) {
        b = vmo->binding;
        vmo->binding = NULL;
    }
    bool gone = !vmo->binding;
    spin_unlock(&vmo->lock);
    if (b)
        end_binding(vmo, b);
    return gone;
}

void pager_unbind(struct vmo *vmo)
{
    spin_lock(&vmo->lock);
    struct pager_binding *b = vmo->binding;
    ASSERT(!b || b->state != BINDING_ASKED);
    vmo->binding = NULL;
    spin_unlock(&vmo->lock);
    if (b)
        end_binding(vmo, b);
}

void pager_note_resized(struct vmo *vmo)
{
    struct pager_binding *b = vmo->binding;
    struct abi_msg body = {.op = PAGER_RESIZED,
                           .word = {vmo->id, vmo->size_bytes, vmo->generation}};
    ASSERT(spin_held(&vmo->lock));
    if (is_bound(b))
        channel_send(&b->session->channel, &b->resized, &body);
}
