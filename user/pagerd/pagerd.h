/*
 * pagerd.h - what the files of pagerd share. main.c owns the session and the threads, serve.c
 * answers one message at a time, store.c reads and writes files, stats.c shows the kernel's counts.
 */
#ifndef PAGERD_H
#define PAGERD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/msg.h"
#include "abi/pager.h"

enum {
    PAGE_BYTES = 4096,
    SLOT_BYTES = PAGER_RUN_MAX * PAGE_BYTES,
    BATCH = 4, /* requests that one thread takes at once */
};

/* main.c */
extern bool verbose;
void say(const char *format, ...) __attribute__((format(printf, 1, 2))); /* a line, if verbose */

/* serve.c: true when *out is the answer that `in` wants; `window` is where slot 0 begins. */
bool serve(const struct abi_msg *in, char *window, struct abi_msg *out);

/*
 * store.c: the files, by object id. 0 or more, or minus one of the error numbers that a pager may
 * answer. store_read() and store_write() work on `bytes` bytes of memory that is lent.
 */
int store_bind(uint64_t object, int fd);
void store_unbind(uint64_t object, int fd);
int store_status(int error);
int store_read(uint64_t object, void *to, size_t bytes, uint64_t offset);
int store_write(uint64_t object, const void *from, size_t bytes, uint64_t offset, bool durable,
                size_t *done);

/* stats.c */
int stats_print(void);
int stats_running_pid(void); /* of the pager of files; 0: none */

#endif
