/*
 * serve.c - one function for each operation of docs/protocol.md that the kernel sends.
 *
 * A request is a struct abi_msg; an answer repeats its txn and is complete when the function
 * returns, so nothing is remembered between two messages but the files (store.c). Any thread may
 * serve any message. Only memory of the request's own slot is touched, and only here, before the
 * answer is sent.
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "pagerd.h"

static void *slot_address(const struct abi_msg *in, char *window)
{
    return window + in->word[3] * SLOT_BYTES;
}

static void serve_bind(const struct abi_msg *in, struct abi_msg *out)
{
    out->op = PAGER_BOUND;
    out->status = store_bind(in->word[0], (int)in->word[1]);
    say("bind object %llu fd %llu size %llu rights %llu", (unsigned long long)in->word[0],
        (unsigned long long)in->word[1], (unsigned long long)in->word[2],
        (unsigned long long)in->word[3]);
}

static void serve_unbind(const struct abi_msg *in)
{
    store_unbind(in->word[0], (int)in->word[1]);
    say("unbind object %llu", (unsigned long long)in->word[0]);
}

static void serve_fill(const struct abi_msg *in, char *window, struct abi_msg *out)
{
    uint64_t pages = in->word[2];

    out->op = PAGER_FILLED;
    out->status = store_read(in->word[0], slot_address(in, window), pages * PAGE_BYTES,
                             in->word[1] * PAGE_BYTES);
    out->word[0] = out->status ? 0 : pages;
    say("fill object %llu page %llu+%llu%s: %d", (unsigned long long)in->word[0],
        (unsigned long long)in->word[1], (unsigned long long)pages,
        in->flags & PAGER_FILL_PREFETCH ? " ahead" : "", out->status);
}

static void serve_flush(const struct abi_msg *in, char *window, struct abi_msg *out)
{
    size_t done;

    out->op = PAGER_FLUSHED;
    out->status = store_write(in->word[0], slot_address(in, window), in->word[5],
                              in->word[1] * PAGE_BYTES, (in->flags & PAGER_FLUSH_SYNC) != 0, &done);
    out->word[0] = out->status ? done / PAGE_BYTES : in->word[2];
    say("flush object %llu page %llu+%llu, %llu bytes%s: %d", (unsigned long long)in->word[0],
        (unsigned long long)in->word[1], (unsigned long long)in->word[2],
        (unsigned long long)in->word[5], in->flags & PAGER_FLUSH_SYNC ? " sync" : "", out->status);
}

bool serve(const struct abi_msg *in, char *window, struct abi_msg *out)
{
    memset(out, 0, sizeof(*out));
    out->txn = in->txn;
    switch (in->op) {
    case PAGER_BIND:
        serve_bind(in, out);
        return true;
    case PAGER_FILL:
        serve_fill(in, window, out);
        return true;
    case PAGER_FLUSH:
        serve_flush(in, window, out);
        return true;
    case PAGER_PING:
        out->op = PAGER_PONG;
        return true;
    case PAGER_UNBIND:
        serve_unbind(in);
        return false;
    case PAGER_CANCEL:
        say("cancel txn %llu object %llu", (unsigned long long)in->txn,
            (unsigned long long)in->word[0]);
        return false;
    case PAGER_RESIZED:
        say("object %llu has %llu bytes", (unsigned long long)in->word[0],
            (unsigned long long)in->word[1]);
        return false;
    case PAGER_ERROR:
        say("refused: txn %llu op %llu rule %llu: %d", (unsigned long long)in->txn,
            (unsigned long long)in->word[0], (unsigned long long)in->word[1], in->status);
        return false;
    default:
        say("unknown op %u", in->op);
        return false;
    }
}
