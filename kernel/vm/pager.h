/*
 * pager.h - sessions with pagers: the kernel's end of docs/protocol.md.
 *
 * A session belongs to one process, which receives requests and sends answers with channel_call().
 * It owns: a table of transactions (one per window slot), the queue of messages to the pager, and
 * the lends: frames mapped in the pager's window while their transaction is open.
 * An object is tied to a session by a binding. At the pager's death open FILLs are given up (their
 * faulters start again and wait for a successor), FLUSHING pages are dirty again.
 */
#ifndef VM_PAGER_H
#define VM_PAGER_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/info.h"
#include "abi/msg.h"
#include "abi/pager.h"
#include "vm/vmo.h"

struct aspace;
struct pager_session;

/* Handed down by the file floor: descriptors in the pager's process. `proc` is what pager_open got.
 */
struct pager_host_ops {
    /* Installs a descriptor for the object's file, whose reads and writes go past the page cache.
     * The descriptor (>= 0) or -errno. Sleeps. */
    int (*install_handle)(void *proc, struct vmo *vmo, bool writable);
};

/* Opens a session for the process that owns `as`. 0; -EBUSY: the role of file pager is taken;
 * -ENOMEM; -EINVAL. *out has one reference. */
int pager_session_open(struct aspace *as, void *proc, uint32_t pid, uint32_t flags, uint32_t slots,
                       const struct pager_host_ops *ops, struct pager_session **out);

/* The pager is gone (descriptor closed, process died): every transaction ends, the window is
 * emptied. Then the reference is given back. Called before the process's address space is
 * destroyed. */
void pager_session_close(struct pager_session *s);

/* Takes `nout` answers, then waits up to the deadline for requests, at most nin. Number of
 * requests, 0 if nin is 0, -ETIMEDOUT, -EINTR, -EPROTO (no HELLO yet). Kernel buffers. Answers that
 * break a rule are refused one by one with PAGER_ERROR messages. */
long pager_session_call(struct pager_session *s, const struct abi_msg *out, unsigned nout,
                        struct abi_msg *in, unsigned nin, uint64_t deadline_ns);

/* Requests are waiting; for poll(). */
bool pager_session_pending(struct pager_session *s);
/* Bytes of the window, slots * PAGER_RUN_MAX pages. */
uint64_t pager_session_window_bytes(const struct pager_session *s);
uint32_t pager_session_id(const struct pager_session *s);

/* Ties a file object to the file pager, waiting (until a BIND deadline from now) for one to
 * register and to answer. 0 at once if bound. -ENOPAGER, -EPAGERDEAD, -ETIMEDOUT, the pager's
 * refusal. */
int pager_bind_file(struct vmo *vmo);

/* Asks the bound pager for a run of absent pages; waits until a page can be looked up again. 0, or
 * a verdict. No lock held. (pager_fill.c; flags: VMO_GET_*) */
int pager_fill(struct vmo *vmo, uint64_t index, unsigned n, unsigned flags);

/* Sends FLUSHes for the dirty pages in pages [first, end); does not wait for answers, only for
 * slots until `deadline_ns`. 0 or the reason why not all could be sent. No lock held. */
int pager_flush(struct vmo *vmo, uint64_t first, uint64_t end, unsigned flush_flags,
                uint64_t deadline_ns);

/* The object's size changed; vmo->lock held, binding not NULL. */
void pager_note_resized(struct vmo *vmo);

/* Ends the binding, whatever state it is in: the object is being destroyed. */
void pager_unbind(struct vmo *vmo);

/* Registers where the pager mapped its window (aspace.c). 0, or -EBUSY: it has one already. */
int pager_session_set_window(struct pager_session *s, vaddr_t window);

/* Sessions with id > after; for INFO_PAGERS. Number written. */
unsigned pager_info(uint32_t after, struct info_pager *out, unsigned max);

#endif
