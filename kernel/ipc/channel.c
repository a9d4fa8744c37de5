/*
 * channel.c - queues of messages; see channel.h for ownership and locks.
 *
 * A receiver copies a message to its caller's buffer under the lock; the sender may reuse it as
 * soon as it is no longer queued.
 */
#include "ipc/channel.h"

#include "abi/errno.h"
#include "arch/riscv/time.h"
#include "lib/assert.h"
#include "mem/kalloc.h"

void channel_init(struct channel *ch)
{
    spin_init(&ch->lock, RANK_CHANNEL);
    list_init(&ch->queue);
    ch->n_queued = 0;
    ch->closed = false;
    ch->notify = NULL;
    waitq_init(&ch->receivers);
}

void channel_msg_init(struct channel_msg *m)
{
    list_init(&m->link);
    m->queued = false;
    m->owned = false;
}

static void drop(struct channel_msg *m)
{
    list_del(&m->link);
    m->queued = false;
    if (m->owned)
        kfree(m);
}

void channel_send(struct channel *ch, struct channel_msg *m, const struct abi_msg *body)
{
    spin_lock(&ch->lock);
    m->body = *body;
    if (ch->closed) {
        if (m->owned)
            kfree(m);
    } else if (!m->queued) {
        m->queued = true;
        list_add_tail(&ch->queue, &m->link);
        ch->n_queued++;
        waitq_wake_next(&ch->receivers); /* the sender of a request waits for its answer */
    }
    spin_unlock(&ch->lock);
    if (ch->notify)
        ch->notify(ch);
}

bool channel_withdraw(struct channel *ch, struct channel_msg *m)
{
    spin_lock(&ch->lock);
    bool queued = m->queued;
    if (queued) {
        list_del(&m->link);
        m->queued = false;
        ch->n_queued--;
    }
    spin_unlock(&ch->lock);
    return queued;
}

static unsigned take(struct channel *ch, struct abi_msg *out, unsigned n)
{
    unsigned got = 0;
    while (got < n && ch->n_queued > 0) {
        struct channel_msg *m = list_first(&ch->queue, struct channel_msg, link);
        out[got++] = m->body;
        ch->n_queued--;
        drop(m);
    }
    return got;
}

long channel_receive(struct channel *ch, struct abi_msg *out, unsigned n, uint64_t deadline_ns)
{
    long result;
    spin_lock(&ch->lock);
    while ((result = take(ch, out, n)) == 0 && n > 0) {
        if (ch->closed)
            result = -EPIPE;
        else if (deadline_ns == 0)
            result = -ETIMEDOUT;
        else
            result = waitq_wait(&ch->receivers, &ch->lock, deadline_ns, WAIT_INTR, "request");
        if (result < 0) {
            /* A wake-up meant for us must not get lost with us. */
            if (ch->n_queued > 0 && result != -EPIPE)
                waitq_wake_one(&ch->receivers);
            break;
        }
    }
    spin_unlock(&ch->lock);
    return result;
}

bool channel_pending(struct channel *ch)
{
    return __atomic_load_n(&ch->n_queued, __ATOMIC_RELAXED) > 0;
}

void channel_close(struct channel *ch)
{
    spin_lock(&ch->lock);
    ch->closed = true;
    while (ch->n_queued > 0) {
        drop(list_first(&ch->queue, struct channel_msg, link));
        ch->n_queued--;
    }
    waitq_wake_all(&ch->receivers);
    spin_unlock(&ch->lock);
}
