/*
 * pager_session.c - sessions: opening, HELLO, the call that answers and receives, death; and who
 * has the role of file pager.
 *
 * A session struct lives as long as references exist (the descriptor, bindings, threads in the
 * middle of something); it is DEAD from the moment its descriptor is closed. `roles` knows all
 * sessions and the one that pages files.
 */
#include "abi/errno.h"
#include "arch/riscv/time.h"
#include "core/counter.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "mem/kalloc.h"
#include "sched/sched.h"
#include "vm/pager.h"
#include "vm/pager_txn.h"
#include "vm/writeback.h"

enum { BIND_PATIENCE_MS = 2000, RESTART_WINDOW_MS = 3000 };

static struct {
    struct spinlock lock;       /* RANK_PAGER_ROLES */
    struct pager_session *file; /* [l] the file pager, referenced; NULL: none */
    uint64_t died_ns;           /* [l] when the last one died */
    uint32_t next_id;           /* [l] */
    struct list all;            /* [l] live sessions, rising id */
    struct waitq waitq;         /* [l] the role is taken, or taken up */
} roles = {
    .lock = SPINLOCK_INIT(RANK_PAGER_ROLES),
    .next_id = 1,
    .all = LIST_INIT(roles.all),
    .waitq = WAITQ_INIT(roles.waitq),
};

void pager_session_get(struct pager_session *s)
{
    ref_get(&s->refs);
}

void pager_session_put(struct pager_session *s)
{
    if (!ref_put(&s->refs))
        return;
    ASSERT(s->state == SESSION_DEAD && s->n_open == 0);
    if (s->as)
        aspace_put(s->as);
    kfree(s->txns);
    kfree(s);
}

static int init_txns(struct pager_session *s, uint32_t slots)
{
    s->txns = kzalloc(slots * sizeof(struct pager_txn));
    if (!s->txns)
        return -ENOMEM;
    for (uint32_t i = 0; i < slots; i++) {
        struct pager_txn *txn = &s->txns[i];
        txn->slot = i;
        txn->session = s;
        waitq_init(&txn->waitq);
        channel_msg_init(&txn->request);
        channel_msg_init(&txn->cancel);
        list_add_tail(&s->free_txns, &txn->link);
    }
    s->n_slots = slots;
    return 0;
}

static struct pager_session *create(uint32_t slots)
{
    struct pager_session *s = kzalloc(sizeof(*s));
    if (!s)
        return NULL;
    spin_init(&s->lock, RANK_SESSION);
    ref_init(&s->refs, 1);
    s->state = SESSION_NEW;
    list_init(&s->free_txns);
    list_init(&s->open_txns);
    list_init(&s->all_link);
    waitq_init(&s->slot_waitq);
    channel_init(&s->channel);
    channel_msg_init(&s->welcome);
    for (unsigned i = 0; i < ARRAY_SIZE(s->errors); i++)
        channel_msg_init(&s->errors[i]);
    mutex_init(&s->bind_lock, RANK_PAGER_BIND);
    if (init_txns(s, slots)) {
        kfree(s);
        return NULL;
    }
    return s;
}

/* Takes the role and a place in the list. */
static int enrol(struct pager_session *s)
{
    int err = 0;
    spin_lock(&roles.lock);
    if ((s->flags & PAGER_OPEN_FILE) && roles.file) {
        err = -EBUSY;
    } else {
        s->id = s->epoch = roles.next_id++;
        list_add_tail(&roles.all, &s->all_link);
        if (s->flags & PAGER_OPEN_FILE) {
            pager_session_get(s);
            roles.file = s;
        }
    }
    spin_unlock(&roles.lock);
    return err;
}

int pager_session_open(struct aspace *as, void *proc, uint32_t pid, uint32_t flags, uint32_t slots,
                       const struct pager_host_ops *ops, struct pager_session **out)
{
    if (flags != PAGER_OPEN_FILE || slots > PAGER_SLOTS_MAX)
        return -EINVAL;
    struct pager_session *s = create(slots ? slots : PAGER_SLOTS_DEFAULT);
    if (!s)
        return -ENOMEM;
    aspace_get(as);
    s->as = as;
    s->pmap = &as->pmap;
    s->proc = proc;
    s->pid = pid;
    s->flags = flags;
    s->host_ops = ops;
    int err = enrol(s);
    if (err) {
        s->state = SESSION_DEAD;
        pager_session_put(s);
        return err;
    }
    *out = s;
    return 0;
}

/* Gives role and place up. */
static void leave(struct pager_session *s)
{
    bool was_file = false;
    spin_lock(&roles.lock);
    list_del(&s->all_link);
    if (roles.file == s) {
        was_file = true;
        roles.file = NULL;
        roles.died_ns = time_now_ns();
    }
    spin_unlock(&roles.lock);
    if (was_file)
        pager_session_put(s);
}

void pager_session_close(struct pager_session *s)
{
    mutex_lock(&s->bind_lock);
    s->closed = true;
    mutex_unlock(&s->bind_lock);
    spin_lock(&s->lock);
    s->state = SESSION_DEAD;
    waitq_wake_all(&s->slot_waitq);
    spin_unlock(&s->lock);
    channel_close(&s->channel); /* before a successor can take over bindings and their messages */
    leave(s);
    pager_txn_abort_all(s);
    /* Bindings may keep the struct until a successor comes; the memory of the dead is not kept. */
    struct aspace *as = s->as;
    s->as = NULL;
    aspace_put(as);
    pager_session_put(s);
}

bool pager_session_live(struct pager_session *s)
{
    return __atomic_load_n(&s->state, __ATOMIC_ACQUIRE) == SESSION_LIVE;
}

void pager_session_refuse(struct pager_session *s, const struct abi_msg *m, int err, unsigned rule)
{
    struct abi_msg refusal = {
        .op = PAGER_ERROR, .status = err, .txn = m->txn, .word = {m->op, rule}};
    s->stats.protocol_errors++;
    counter_inc(COUNTER_protocol_errors);
    for (unsigned i = 0; i < ARRAY_SIZE(s->errors); i++) {
        if (!__atomic_load_n(&s->errors[i].queued, __ATOMIC_ACQUIRE)) {
            channel_send(&s->channel, &s->errors[i], &refusal);
            return;
        }
    }
}

/* The first message: version and features. */
static void hello(struct pager_session *s, const struct abi_msg *m)
{
    struct abi_msg w = {
        .op = PAGER_WELCOME,
        .txn = m->txn,
        .word = {PAGER_VERSION, m->word[1] & PAGER_FEATURES, s->epoch, s->n_slots, PAGER_RUN_MAX,
                 s->id},
    };
    spin_lock(&s->lock);
    if (m->word[0] != PAGER_VERSION)
        w.status = -EOPNOTSUPP;
    else if (!s->window)
        w.status = -EINVAL;
    else
        __atomic_store_n(&s->state, SESSION_LIVE, __ATOMIC_RELEASE);
    channel_send(&s->channel, &s->welcome, &w);
    spin_unlock(&s->lock);
    spin_lock(&roles.lock);
    waitq_wake_all(&roles.waitq);
    spin_unlock(&roles.lock);
    writeback_pressure(); /* dirty pages may have waited for a successor */
}

static int take_message(struct pager_session *s, const struct abi_msg *m)
{
    bool is_hello = m->op == PAGER_HELLO;
    if (is_hello == pager_session_live(s))
        return -EPROTO;
    if (is_hello) {
        hello(s, m);
    } else if (m->op == PAGER_FILLED || m->op == PAGER_FLUSHED || m->op == PAGER_BOUND) {
        pager_txn_answer(s, m);
    } else {
        spin_lock(&s->lock);
        pager_session_refuse(s, m, -EPROTO, 2);
        spin_unlock(&s->lock);
    }
    return 0;
}

long pager_session_call(struct pager_session *s, const struct abi_msg *out, unsigned nout,
                        struct abi_msg *in, unsigned nin, uint64_t deadline_ns)
{
    current_thread()->pager_session = s; /* may use the reserve of frames from now on */
    for (unsigned i = 0; i < nout; i++) {
        int err = take_message(s, &out[i]);
        if (err)
            return err;
    }
    if (nin == 0)
        return 0;
    if (s->state == SESSION_NEW && !channel_pending(&s->channel))
        return -EPROTO;
    return channel_receive(&s->channel, in, nin, deadline_ns);
}

bool pager_session_pending(struct pager_session *s)
{
    return channel_pending(&s->channel);
}

uint64_t pager_session_window_bytes(const struct pager_session *s)
{
    return (uint64_t)s->n_slots * PAGER_RUN_MAX << PAGE_SHIFT;
}

uint32_t pager_session_id(const struct pager_session *s)
{
    return s->id;
}

int pager_session_set_window(struct pager_session *s, vaddr_t window)
{
    int err = 0;
    spin_lock(&s->lock);
    if (s->window)
        err = -EBUSY;
    else
        s->window = window;
    spin_unlock(&s->lock);
    return err;
}

/* Until when `patience` lasts; roles.lock is held. */
static uint64_t patience_end(enum pager_patience patience, uint64_t start_ns)
{
    if (patience == PATIENCE_MMAP)
        return start_ns + BIND_PATIENCE_MS * NS_PER_MS;
    if (patience == PATIENCE_NONE)
        return 0;
    /* One that has the role but is not live is about to say HELLO, or dying this very moment. */
    uint64_t from = roles.file ? start_ns : roles.died_ns;
    return from ? from + RESTART_WINDOW_MS * NS_PER_MS : 0;
}

int pager_file_session(enum pager_patience patience, struct pager_session **out)
{
    uint64_t start = time_now_ns();
    int err = 0;
    *out = NULL;
    spin_lock(&roles.lock);
    for (;;) {
        if (roles.file && pager_session_live(roles.file)) {
            *out = roles.file;
            pager_session_get(*out);
            break;
        }
        uint64_t end = patience_end(patience, start);
        if (time_now_ns() >= end) {
            err = patience == PATIENCE_MMAP ? -ENOPAGER : -EPAGERDEAD;
            break;
        }
        err = waitq_wait(&roles.waitq, &roles.lock, end, WAIT_KILL, "pager");
        if (err == -EINTR)
            break;
        err = 0;
    }
    spin_unlock(&roles.lock);
    return err;
}

void pager_session_each(void (*fn)(struct pager_session *s, void *arg), void *arg)
{
    struct pager_session *s = NULL;
    uint32_t after = 0;
    do {
        s = NULL;
        spin_lock(&roles.lock);
        for (struct list *l = roles.all.next; l != &roles.all; l = l->next) {
            struct pager_session *c = container_of(l, struct pager_session, all_link);
            if (c->id > after && ref_try_get(&c->refs)) {
                s = c;
                break;
            }
        }
        spin_unlock(&roles.lock);
        if (s) {
            after = s->id;
            fn(s, arg);
            pager_session_put(s);
        }
    } while (s);
}

struct info_request {
    struct info_pager *out;
    unsigned n, max;
    uint32_t after;
};

static void fill_info(struct pager_session *s, void *arg)
{
    static const uint32_t state_of[] = {
        [SESSION_NEW] = INFO_PAGER_NEW,
        [SESSION_LIVE] = INFO_PAGER_LIVE,
        [SESSION_DEAD] = INFO_PAGER_DEAD,
    };
    struct info_request *req = arg;
    if (s->id <= req->after || req->n == req->max)
        return;
    struct info_pager *p = &req->out[req->n++];
    spin_lock(&s->lock);
    *p = s->stats;
    p->session = s->id;
    p->pid = s->pid;
    p->state = state_of[s->state];
    p->flags = s->flags;
    p->epoch = s->epoch;
    p->slots = s->n_slots;
    p->slots_busy = s->n_open;
    spin_unlock(&s->lock);
}

unsigned pager_info(uint32_t after, struct info_pager *out, unsigned max)
{
    struct info_request req = {.out = out, .max = max, .after = after};
    pager_session_each(fill_info, &req);
    return req.n;
}
