/*
 * channel.h - a queue of 64-byte messages to one process, and its sleepers.
 *
 * Messages are linked, not copied, until they are received, and live in the structure that sends
 * them (a transaction, a session): sending allocates nothing and cannot fail. A message that is
 * still queued when it is sent again stays where it is, with the new contents. Delivered in order;
 * each goes to one receiver. Lock: RANK_CHANNEL.
 */
#ifndef IPC_CHANNEL_H
#define IPC_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/msg.h"
#include "core/spinlock.h"
#include "lib/list.h"
#include "sched/waitq.h"

struct channel_msg {
    struct list link;    /* [c] */
    bool queued;         /* [c] */
    bool owned;          /* [I] kalloc'd: freed by the channel after delivery */
    struct abi_msg body; /* [c] while queued */
};

struct channel {
    struct spinlock lock;
    struct list queue;                  /* [c] */
    uint32_t n_queued;                  /* [c] */
    bool closed;                        /* [c] receivers get -EPIPE once the queue is empty */
    struct waitq receivers;             /* [c] */
    void (*notify)(struct channel *ch); /* [I] something was queued (poll); NULL: nobody asks */
};

void channel_init(struct channel *ch);
void channel_msg_init(struct channel_msg *m);

/* Queues a copy of `body` in m; wakes one receiver. Any lock below RANK_CHANNEL may be held. */
void channel_send(struct channel *ch, struct channel_msg *m, const struct abi_msg *body);

/* Takes m back if it has not been received; says whether it was still queued. */
bool channel_withdraw(struct channel *ch, struct channel_msg *m);

/* Receives up to n messages, waiting until `deadline_ns` (0: not at all) while there is none.
 * Number, or -ETIMEDOUT, -EINTR, -EPIPE. No lock held. */
long channel_receive(struct channel *ch, struct abi_msg *out, unsigned n, uint64_t deadline_ns);

bool channel_pending(struct channel *ch);

/* No more messages: drops what is queued, wakes all receivers. */
void channel_close(struct channel *ch);

#endif
