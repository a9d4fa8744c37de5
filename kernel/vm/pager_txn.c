/*
 * pager_txn.c - the life of one transaction: slot, lend, request, answer, deadline, death.
 *
 * See pager_txn.h for states and who may do what. The one subtle order: an answer is believed only
 * after the lent frames have been taken out of the pager's window on every hart, so that nothing
 * the pager does afterwards can reach a published page.
 */
#include "vm/pager_txn.h"

#include "abi/errno.h"
#include "arch/riscv/time.h"
#include "core/counter.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "sched/thread.h"
#include "vm/vmo_page.h"
#include "vm/writeback.h"

enum { RULE_MATCH = 2, RULE_STATUS = 13, RULE_RANGE = 2 }; /* numbers of docs/protocol.md */

int pager_txn_reserve(struct pager_session *s, uint64_t deadline_ns, struct pager_txn **out)
{
    int err = 0;
    spin_lock(&s->lock);
    while (!err && s->state == SESSION_LIVE && list_empty(&s->free_txns))
        err = waitq_wait(&s->slot_waitq, &s->lock, deadline_ns, WAIT_KILL, "pager slot");
    if (s->state != SESSION_LIVE) {
        err = -EPAGERDEAD;
    } else if (!list_empty(&s->free_txns)) {
        struct pager_txn *txn = list_first(&s->free_txns, struct pager_txn, link);
        list_del(&txn->link);
        txn->state = TXN_RESERVED;
        txn->generation++;
        txn->id =
            (uint64_t)s->epoch << 40 | (uint64_t)(txn->generation & 0xfffffff) << 12 | txn->slot;
        txn->count = 0;
        txn->flags = 0;
        txn->status = 0;
        *out = txn;
        err = 0;
    }
    spin_unlock(&s->lock);
    return err;
}

/* RESERVED or CLOSING -> FREE. */
static void free_txn(struct pager_txn *txn)
{
    struct pager_session *s = txn->session;
    spin_lock(&s->lock);
    ASSERT(txn->state == TXN_RESERVED || txn->state == TXN_CLOSING);
    txn->state = TXN_FREE;
    list_add_tail(&s->free_txns, &txn->link);
    waitq_wake_one(&s->slot_waitq);
    spin_unlock(&s->lock);
}

void pager_txn_unreserve(struct pager_txn *txn)
{
    free_txn(txn);
}

static vaddr_t slot_address(const struct pager_txn *txn)
{
    return txn->session->window + ((vaddr_t)txn->slot * PAGER_RUN_MAX << PAGE_SHIFT);
}

/* Maps the frames in the slot. The tables are there since the window was mapped. */
static void lend(struct pager_txn *txn)
{
    struct pmap *pm = &txn->session->as->pmap;
    uint64_t bits = PTE_V | PTE_R | PTE_U | PTE_A | PTE_LENT;
    vaddr_t va = slot_address(txn);
    if (txn->op == PAGER_FILL)
        bits |= PTE_W | PTE_D;
    spin_lock(&pm->lock);
    for (unsigned i = 0; i < txn->count; i++, va += PAGE_SIZE) {
        pte_t *slot = pmap_lookup_locked(pm, va);
        ASSERT(slot && *slot == 0);
        pmap_store_locked(pm, va, slot, pte_make(page_paddr(txn->pages[i]), bits));
    }
    spin_unlock(&pm->lock);
    __atomic_fetch_add(&vm_lent_pages, txn->count, __ATOMIC_RELAXED);
}

/* Takes the frames back: unmapped, and no hart has the translation any more. */
static void revoke(struct pager_txn *txn)
{
    struct pmap *pm = &txn->session->as->pmap;
    struct tlb_batch batch;
    vaddr_t va = slot_address(txn);
    tlb_batch_init(&batch, pm);
    spin_lock(&pm->lock);
    for (unsigned i = 0; i < txn->count; i++, va += PAGE_SIZE) {
        pte_t *slot = pmap_lookup_locked(pm, va);
        ASSERT(slot);
        pmap_store_locked(pm, va, slot, 0);
        tlb_batch_add(&batch, va);
    }
    spin_unlock(&pm->lock);
    tlb_batch_flush(&batch);
    __atomic_fetch_sub(&vm_lent_pages, txn->count, __ATOMIC_RELAXED);
}

/* RESERVED -> OPEN with this request, if the session lives. */
static int open_txn(struct pager_txn *txn, const struct abi_msg *request)
{
    struct pager_session *s = txn->session;
    spin_lock(&s->lock);
    if (s->state != SESSION_LIVE) {
        spin_unlock(&s->lock);
        return -EPAGERDEAD;
    }
    vmo_pin(txn->vmo);
    txn->state = TXN_OPEN;
    txn->sent_ns = time_now_ns();
    list_add_tail(&s->open_txns, &txn->link);
    s->n_open++;
    lend(txn); /* under the session's lock: the death of the pager finds the lend or prevents it */
    channel_send(&s->channel, &txn->request, request);
    spin_unlock(&s->lock);
    return 0;
}

int pager_txn_send(struct pager_txn *txn, uint64_t w5)
{
    struct abi_msg request = {
        .op = txn->op,
        .flags = txn->flags,
        .txn = txn->id,
        .word = {txn->vmo->id, txn->index, txn->count, txn->slot, txn->deadline_ns, w5},
    };
    return open_txn(txn, &request);
}

int pager_txn_bind(struct pager_txn *txn, struct vmo *vmo, int handle, unsigned rights,
                   uint64_t deadline_ns)
{
    struct pager_session *s = txn->session;
    txn->op = PAGER_BIND;
    txn->vmo = vmo;
    txn->handle = handle;
    txn->deadline_ns = deadline_ns;
    struct abi_msg request = {
        .op = PAGER_BIND,
        .txn = txn->id,
        .word = {vmo->id, (uint64_t)handle, vmo_size(vmo), rights, deadline_ns},
    };
    int err = open_txn(txn, &request);
    if (err) {
        free_txn(txn);
        return err;
    }
    spin_lock(&s->lock);
    while (txn->state == TXN_OPEN && !err)
        err = waitq_wait(&txn->waitq, &s->lock, deadline_ns, WAIT_KILL, "pager bind");
    if (txn->state == TXN_OPEN) { /* given up; the answer, if any, frees the slot */
        struct abi_msg cancel = {.op = PAGER_CANCEL, .txn = txn->id, .word = {vmo->id}};
        txn->state = TXN_CANCELLED;
        channel_send(&s->channel, &txn->cancel, &cancel);
        spin_unlock(&s->lock);
        return err;
    }
    err = txn->status;
    spin_unlock(&s->lock);
    free_txn(txn);
    vmo_unpin(vmo);
    return err;
}

void pager_txn_wake(struct pager_txn *txn)
{
    waitq_wake_all(&txn->waitq);
}

int pager_txn_wait(struct pager_txn *txn, struct vmo *vmo, struct page *page, unsigned wait_flags)
{
    struct thread *t = current_thread();
    uint64_t start = time_now_ns();
    int err = waitq_wait(&txn->waitq, &vmo->lock, txn->deadline_ns, wait_flags, "pager fill");
    t->stall_ns += time_now_ns() - start;
    t->fills++;
    if (err != -ETIMEDOUT)
        return err;
    if (page->vmo != vmo || page->txn != txn || page->state != PAGE_FILLING)
        return 0; /* it ended at the last moment */
    pager_txn_expire(txn);
    return -ETIMEDOUT;
}

/* OPEN -> CANCELLED, telling the pager. Says whether this call did it. */
static bool cancel(struct pager_txn *txn)
{
    struct pager_session *s = txn->session;
    struct abi_msg m = {.op = PAGER_CANCEL, .txn = txn->id, .word = {txn->vmo->id}};
    spin_lock(&s->lock);
    bool mine = txn->state == TXN_OPEN && time_now_ns() >= txn->deadline_ns;
    if (mine) {
        txn->state = TXN_CANCELLED;
        s->stats.fill_timeouts++;
        channel_send(&s->channel, &txn->cancel, &m);
    }
    spin_unlock(&s->lock);
    return mine;
}

void pager_txn_expire(struct pager_txn *txn)
{
    struct vmo *vmo = txn->vmo;
    if (txn->op != PAGER_FILL || !cancel(txn))
        return; /* a FLUSH stays open: an old write must not overtake a new one */
    counter_inc(COUNTER_fill_timeouts);
    for (unsigned i = 0; i < txn->count; i++) {
        struct page *page = txn->pages[i];
        if (page->vmo == vmo && page->txn == txn)
            vmo_page_fail(vmo, page, -ETIMEDOUT);
    }
    waitq_wake_all(&txn->waitq);
}

/* Tells the object how a FILL ended: `done` pages are good, the next failed with status if that is
 * not 0. */
static void finish_fill(struct pager_txn *txn, unsigned done, int status)
{
    struct vmo *vmo = txn->vmo;
    spin_lock(&vmo->lock);
    for (unsigned i = 0; i < txn->count; i++) {
        struct page *page = txn->pages[i];
        if (page->vmo != vmo || page->txn != txn)
            continue; /* truncated, or expired */
        if (i < done)
            vmo_page_publish(vmo, page);
        else if (i == done && status)
            vmo_page_fail(vmo, page, status);
        else
            vmo_page_remove(vmo, page);
    }
    vmo->n_txns--;
    waitq_wake_next(&txn->waitq); /* runs here as soon as the pager waits for its next request */
    waitq_wake_all(&txn->waitq);
    spin_unlock(&vmo->lock);
}

static void finish_flush(struct pager_txn *txn, unsigned done, int status)
{
    struct vmo *vmo = txn->vmo;
    spin_lock(&vmo->lock);
    for (unsigned i = 0; i < txn->count; i++) {
        struct page *page = txn->pages[i];
        if (page->vmo == vmo && page->txn == txn)
            vmo_page_flushed(vmo, page, i < done);
    }
    if (status && status != -EPAGERDEAD)
        vmo_note_flush_error(vmo, status);
    else if (done < txn->count)
        vmo->flush_retry_ns = time_after_ns(NS_PER_SEC);
    else
        vmo->flush_failures = 0;
    vmo->n_txns--;
    waitq_wake_all(&vmo->waitq);
    if (vmo->n_dirty == 0)
        writeback_note(vmo, true);
    spin_unlock(&vmo->lock);
}

/* Ends a CLOSING transaction: frames back, object told, slot free. */
static void finish(struct pager_txn *txn, unsigned done, int status)
{
    struct vmo *vmo = txn->vmo;
    revoke(txn);
    if (txn->op == PAGER_FILL)
        finish_fill(txn, done, status);
    else
        finish_flush(txn, done, status);
    for (unsigned i = 0; i < txn->count; i++)
        page_put(txn->pages[i]);
    free_txn(txn);
    vmo_put(vmo);
    vmo_unpin(vmo);
}

static bool status_allowed(int status)
{
    return status == 0 || status == -EIO || status == -EINTEGRITY || status == -EBOUNDS ||
           status == -EACCES || status == -ENOSPC || status == -EAGAIN;
}

/* Counts an answer that is about to be believed. Session lock held. */
static void count_answer(struct pager_session *s, const struct pager_txn *txn, unsigned done,
                         int status)
{
    uint64_t ns = time_now_ns() - txn->sent_ns;
    struct info_pager *st = &s->stats;
    if (txn->op == PAGER_FILL) {
        st->fills++;
        st->fill_pages += done;
        st->fill_errors += status != 0;
        st->fill_ns_total += ns;
        st->fill_ns_max = st->fill_ns_max > ns ? st->fill_ns_max : ns;
        counter_add(COUNTER_fill_pages, done);
        counter_add(COUNTER_fill_errors, status != 0);
    } else {
        st->flushes++;
        st->flush_pages += done;
        st->flush_errors += status != 0;
        st->flush_ns_total += ns;
        st->flush_ns_max = st->flush_ns_max > ns ? st->flush_ns_max : ns;
        counter_add(COUNTER_flush_pages, done);
    }
}

/* Finds the transaction that m answers and moves it to CLOSING. NULL: refused. Session lock held.
 */
static struct pager_txn *match(struct pager_session *s, const struct abi_msg *m, bool *cancelled)
{
    uint64_t slot = m->txn & 0xfff;
    struct pager_txn *txn = slot < s->n_slots ? &s->txns[slot] : NULL;
    if (!txn || txn->id != m->txn || (txn->state != TXN_OPEN && txn->state != TXN_CANCELLED)) {
        s->stats.stale_replies++;
        counter_inc(COUNTER_stale_replies);
        pager_session_refuse(s, m, -ESTALE, RULE_MATCH);
        return NULL;
    }
    unsigned want = txn->op == PAGER_FILL    ? PAGER_FILLED
                    : txn->op == PAGER_FLUSH ? PAGER_FLUSHED
                                             : PAGER_BOUND;
    unsigned flags_ok = m->op == PAGER_FILLED ? PAGER_FILLED_ZERO : 0;
    if (m->op != want) {
        pager_session_refuse(s, m, -EPROTO, RULE_MATCH);
        return NULL;
    }
    if ((m->flags & ~flags_ok) || m->status > 0 ||
        (want != PAGER_BOUND &&
         (m->word[0] > txn->count || (m->status && m->word[0] == txn->count)))) {
        pager_session_refuse(s, m, -EINVAL, RULE_RANGE);
        return NULL;
    }
    *cancelled = txn->state == TXN_CANCELLED;
    txn->state = TXN_CLOSING;
    list_del(&txn->link);
    s->n_open--;
    if (*cancelled) {
        s->stats.stale_replies++;
        counter_inc(COUNTER_stale_replies);
        pager_session_refuse(s, m, -ESTALE, RULE_MATCH);
    }
    return txn;
}

/* A BIND was answered (or, cancelled, answered too late). Session lock held, dropped. */
static void finish_bind(struct pager_txn *txn, int status, bool cancelled)
{
    struct vmo *vmo = txn->vmo;
    txn->status = status;
    waitq_wake_all(&txn->waitq);
    spin_unlock(&txn->session->lock);
    if (cancelled) { /* nobody waits any more; a pager that accepted must not keep the handle */
        if (!status)
            pager_send_unbind(txn->session, vmo, txn->handle);
        free_txn(txn);
        vmo_unpin(vmo);
    }
}

void pager_txn_answer(struct pager_session *s, const struct abi_msg *m)
{
    bool cancelled;
    int status = m->status;
    spin_lock(&s->lock);
    struct pager_txn *txn = match(s, m, &cancelled);
    if (!txn) {
        spin_unlock(&s->lock);
        return;
    }
    if (!status_allowed(status)) {
        s->stats.protocol_errors++;
        counter_inc(COUNTER_protocol_errors);
        status = -EIO;
    }
    if (txn->op == PAGER_BIND) {
        finish_bind(txn, status, cancelled);
        return;
    }
    if (!cancelled)
        count_answer(s, txn, (unsigned)m->word[0], status);
    spin_unlock(&s->lock);
    finish(txn, cancelled ? 0 : (unsigned)m->word[0], cancelled ? 0 : status);
}

void pager_txn_abort_all(struct pager_session *s)
{
    for (;;) {
        spin_lock(&s->lock);
        struct pager_txn *txn = list_first(&s->open_txns, struct pager_txn, link);
        if (!txn) {
            spin_unlock(&s->lock);
            return;
        }
        bool cancelled = txn->state == TXN_CANCELLED;
        txn->state = TXN_CLOSING;
        list_del(&txn->link);
        s->n_open--;
        if (txn->op == PAGER_BIND) {
            finish_bind(txn, -EPAGERDEAD, cancelled);
        } else {
            spin_unlock(&s->lock);
            finish(txn, 0, txn->op == PAGER_FLUSH ? -EPAGERDEAD : 0);
        }
    }
}

void pager_txn_sweep(struct pager_session *s)
{
    uint64_t now = time_now_ns();
    struct vmo *vmo = NULL;
    struct pager_txn *txn = NULL;
    spin_lock(&s->lock);
    for (struct list *l = s->open_txns.next; l != &s->open_txns; l = l->next) {
        struct pager_txn *t = container_of(l, struct pager_txn, link);
        if (t->state == TXN_OPEN && t->op == PAGER_FILL && now >= t->deadline_ns) {
            txn = t;
            vmo = t->vmo;
            vmo_pin(vmo);
            break;
        }
    }
    spin_unlock(&s->lock);
    if (!txn)
        return;
    spin_lock(&vmo->lock);
    /* It may have ended and even begun anew: expire() looks at state and deadline once more. */
    if (txn->vmo == vmo)
        pager_txn_expire(txn);
    spin_unlock(&vmo->lock);
    vmo_unpin(vmo);
}
