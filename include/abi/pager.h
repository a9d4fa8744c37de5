/*
 * pager.h - the pager protocol's operations and field layout. docs/protocol.md is normative.
 *
 * Each message is a struct abi_msg; the comments say what word[0..5] hold (w0..w5). A run
 * is (first page, pages). The pager names transactions, never memory.
 */
#ifndef ABI_PAGER_H
#define ABI_PAGER_H

#include <stdint.h>

enum {
    PAGER_VERSION = 1,
    PAGER_RUN_MAX = 16, /* pages in one FILL or FLUSH = pages in one window slot */
    PAGER_SLOTS_DEFAULT = 64,
    PAGER_SLOTS_MAX = 1024,

    PAGER_OPEN_FILE = 1, /* pager_open(): become the pager of files; one at a time, else EBUSY */
};

enum pager_op {
    /* kernel -> pager */
    PAGER_WELCOME = 1, /* w0 version, w1 features, w2 epoch, w3 slots, w4 run max, w5 session id */
    PAGER_BIND,  /* w0 object id, w1 file handle (fd in the pager), w2 size in bytes, w3 rights */
    PAGER_FILL,  /* w0 object, w1 first page, w2 pages, w3 slot, w4 deadline (monotonic ns), w5 size
                  */
    PAGER_FLUSH, /* w0 object, w1 first page, w2 pages, w3 slot, w4 deadline, w5 valid bytes of run
                  */
    PAGER_CANCEL,  /* txn: the transaction given up; w0 object; no answer, a late one is ESTALE */
    PAGER_UNBIND,  /* w0 object, w1 file handle: the pager closes it; no answer */
    PAGER_RESIZED, /* w0 object, w1 new size, w2 generation; no answer */
    PAGER_PING,    /* answered by PONG */
    PAGER_ERROR,   /* an answer was refused: txn of the answer, status why, w0 op, w1 rule broken */

    /* pager -> kernel */
    PAGER_HELLO = 64, /* w0 version, w1 features wanted; first message of a session */
    PAGER_BOUND,      /* answers BIND; status; w0 cookie (returned nowhere yet), w1 options */
    PAGER_FILLED,  /* answers FILL; status for the page after the prefix; w0 pages done (prefix) */
    PAGER_FLUSHED, /* answers FLUSH; status; w0 pages done (prefix) */
    PAGER_PONG,
};

enum {                          /* flags of FILL */
       PAGER_FILL_PREFETCH = 1, /* nobody waits for it yet */
       PAGER_FILL_WRITE = 2,    /* the access was a store */
       PAGER_FILL_EXEC = 4,
};

enum {                           /* flags of FLUSH */
       PAGER_FLUSH_SYNC = 1,     /* somebody waits: make it durable before answering */
       PAGER_FLUSH_PRESSURE = 2, /* memory is short */
};

enum {                        /* flags of FILLED */
       PAGER_FILLED_ZERO = 1, /* the whole run reads as zeros; the frames were not written */
};

enum { PAGER_RIGHT_READ = 1, PAGER_RIGHT_WRITE = 2 };

enum { /* features, agreed in HELLO/WELCOME */
       PAGER_FEATURES = 0,
};

#endif
