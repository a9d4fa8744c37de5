/*
 * msg.h - one message of a channel: 64 bytes, little endian.
 *
 * The first 16 bytes are the same in every message; the rest belongs to the operation
 * (pager.h for pager sessions; free between user processes).
 */
#ifndef ABI_MSG_H
#define ABI_MSG_H

#include <stdint.h>

struct abi_msg {
    uint16_t op;    /* enum pager_op on a pager session */
    uint16_t flags; /* of the operation; unknown bits are refused */
    int32_t status; /* of an answer: 0 or -errno; in a request 0 */
    uint64_t txn;   /* transaction: chosen by the requester, echoed in the answer */
    uint64_t word[6];
};
_Static_assert(sizeof(struct abi_msg) == 64, "abi_msg");

enum {
    ABI_MSG_BATCH_MAX = 64, /* messages in one direction in one channel_call() */
};

#endif
