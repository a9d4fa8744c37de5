/*
 * pager_txn.h - transactions with a pager, and the session's inside: for vm/ only.
 *
 * A transaction is one slot of the session's table: FREE -> OPEN (request queued) -> CLOSING (being
 * answered, or the pager died) -> FREE, or OPEN -> CANCELLED (deadline passed) -> CLOSING -> FREE.
 * State changes under session->lock. Who moves a transaction to CLOSING alone finishes it: takes
 * the lent frames back, tells the object, frees the slot. While it is open it holds: a pin on the
 * object, a reference on each frame, the lends.
 *
 * Lock order: vmo->lock, session->lock, then the channel's and the pager's pmap locks.
 */
#ifndef VM_PAGER_TXN_H
#define VM_PAGER_TXN_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/pager.h"
#include "core/refcount.h"
#include "core/spinlock.h"
#include "ipc/channel.h"
#include "lib/list.h"
#include "mem/page.h"
#include "sched/mutex.h"
#include "sched/waitq.h"
#include "vm/aspace.h"
#include "vm/pager.h"

enum pager_txn_state { TXN_FREE, TXN_RESERVED, TXN_OPEN, TXN_CANCELLED, TXN_CLOSING };

struct pager_txn {
    uint8_t state;                     /* [s] enum pager_txn_state */
    uint8_t op;                        /* [o] PAGER_BIND, PAGER_FILL or PAGER_FLUSH */
    uint16_t flags;                    /* [o] */
    uint32_t slot;                     /* [I] */
    uint32_t count;                    /* [o] pages */
    int32_t status;                    /* [s] of a BIND: the answer */
    uint32_t generation;               /* [s] of this slot's use */
    uint64_t id;                       /* [s] what the messages carry */
    struct vmo *vmo;                   /* [o] pinned */
    uint64_t index;                    /* [o] first page */
    int handle;                        /* [o] of a BIND */
    struct page *pages[PAGER_RUN_MAX]; /* [o] referenced */
    uint64_t deadline_ns;              /* [o] */
    uint64_t sent_ns;                  /* [o] */
    struct waitq waitq;                /* [vmo] whoever needs the pages; of a BIND [s] */
    struct list link;                  /* [s] free list, or the list of open ones by age */
    struct channel_msg request, cancel;
    struct pager_session *session; /* [I] */
};

enum session_state { SESSION_NEW, SESSION_LIVE, SESSION_DEAD };

struct pager_session {
    struct spinlock lock; /* RANK_SESSION */
    struct refcount refs;
    uint32_t id;             /* [I] */
    uint32_t epoch;          /* [I] rises with every session */
    uint32_t flags;          /* [I] PAGER_OPEN_* */
    uint32_t pid;            /* [I] */
    uint32_t state;          /* [s] enum session_state */
    uint32_t n_slots;        /* [I] */
    struct aspace *as;       /* [s] referenced: the pager's address space; NULL once closed */
    const struct pmap *pmap; /* [I] its page tables, to be compared only */
    void *proc;              /* [I] for host_ops */
    const struct pager_host_ops *host_ops; /* [I] */
    vaddr_t window;                        /* [s] address in the pager; 0: not mapped yet */
    struct pager_txn *txns;                /* [I] n_slots */
    struct list free_txns;   /* [s] oldest first, so that late answers meet an old generation */
    struct list open_txns;   /* [s] in order of sending */
    uint32_t n_open;         /* [s] */
    struct waitq slot_waitq; /* [s] a slot became free */
    struct channel channel;  /* to the pager */
    struct channel_msg welcome;
    struct channel_msg errors[8]; /* ring of ERROR messages; more are dropped and counted */
    struct mutex bind_lock;       /* RANK_PAGER_BIND: handles are installed only while not closed */
    bool closed;                  /* [bind_lock] */
    struct list all_link;         /* [roles] */
    struct info_pager stats;      /* [s] counts; the rest is filled in when asked */
};

/* A binding ties one object to one session. */
enum binding_state { BINDING_ASKED, BINDING_BOUND, BINDING_ORPHAN };

struct pager_binding {
    enum binding_state state;      /* [vmo] */
    struct pager_session *session; /* [vmo] referenced; its death orphans the binding */
    int handle;                    /* [vmo] descriptor in the pager */
    struct channel_msg resized;    /* one is enough: sent again with newer values */
};

/* --- pager_txn.c --- */

/* Reserves a slot, waiting until the deadline. 0, -ETIMEDOUT, -EPAGERDEAD (session dead). */
int pager_txn_reserve(struct pager_session *s, uint64_t deadline_ns, struct pager_txn **out);
/* Gives a RESERVED one back unused. */
void pager_txn_unreserve(struct pager_txn *txn);
/* Sends the request of a RESERVED transaction whose op, flags, vmo, index, count, pages and
 * deadline are set, lending its pages (writable for FILL): takes a pin on the object; the caller,
 * who holds vmo->lock, makes it a user of the object besides. `w5`: word 5. vmo->lock may be held.
 * -EPAGERDEAD: the session died meanwhile; still RESERVED. */
int pager_txn_send(struct pager_txn *txn, uint64_t w5);
/* Sends a BIND and waits for BOUND. The transaction is used up. The pager's status, or -ETIMEDOUT,
 * -EPAGERDEAD, -EINTR. */
int pager_txn_bind(struct pager_txn *txn, struct vmo *vmo, int handle, unsigned rights,
                   uint64_t deadline_ns);
/* Waits for the page's fill; vmo->lock held. 0: look again, or -ETIMEDOUT, -EINTR. */
int pager_txn_wait(struct pager_txn *txn, struct vmo *vmo, struct page *page, unsigned wait_flags);
/* Wakes who waits for its pages; vmo->lock held. */
void pager_txn_wake(struct pager_txn *txn);
/* Handles an answer. */
void pager_txn_answer(struct pager_session *s, const struct abi_msg *m);
/* The deadline has passed: CANCEL. vmo->lock held (of txn->vmo). */
void pager_txn_expire(struct pager_txn *txn);
/* Ends every transaction of a dead session. */
void pager_txn_abort_all(struct pager_session *s);
/* Expires transactions whose deadline has passed although nobody waits. Called now and then. */
void pager_txn_sweep(struct pager_session *s);

/* --- pager_session.c --- */
void pager_session_get(struct pager_session *s);
void pager_session_put(struct pager_session *s);
/* Tells the pager that an answer was refused; session lock held. */
void pager_session_refuse(struct pager_session *s, const struct abi_msg *m, int err, unsigned rule);
/* How long to wait for a live file pager. */
enum pager_patience {
    PATIENCE_NONE,    /* not at all: -EPAGERDEAD */
    PATIENCE_RESTART, /* until the restart window after the last one's death closes: -EPAGERDEAD */
    PATIENCE_MMAP,    /* the BIND deadline: -ENOPAGER */
};
/* The live file pager with a reference. 0, or as above, or -EINTR. */
int pager_file_session(enum pager_patience patience, struct pager_session **out);
bool pager_session_live(struct pager_session *s);
/* Calls fn for each session, referenced, no lock held. */
void pager_session_each(void (*fn)(struct pager_session *s, void *arg), void *arg);

/* --- pager_bind.c --- */
/* The session that pages the object now, referenced; binds it anew after a death, waiting until the
 * restart window closes (or not at all). 0 or -errno. */
int pager_bound_session(struct vmo *vmo, bool wait, struct pager_session **out);
/* Tells the pager that the object is no longer its business: it closes the handle. */
void pager_send_unbind(struct pager_session *s, const struct vmo *vmo, int handle);
/* Ends the binding if nobody needs it: no mapping, nothing dirty. Says whether it is gone. */
bool pager_unbind_idle(struct vmo *vmo);

/* --- vmo_get.c, used by pager_fill.c --- */
/* Allocates up to n frames, the first with patience. Number got, 0: no memory. */
unsigned vmo_alloc_run(struct page **pages, unsigned n, bool zero);
/* Puts frames as FILLING pages at index.. as far as they are absent, taking one more reference on
 * each. Number inserted; vmo->lock held. */
unsigned vmo_insert_filling(struct vmo *vmo, uint64_t index, struct page **pages, unsigned n,
                            int *err);

#endif
