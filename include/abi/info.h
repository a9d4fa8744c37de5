/*
 * info.h - what sysinfo(what, arg, buf, len) returns: counters, processes, regions, sessions.
 *
 * Every call returns the bytes written. Lists begin after `arg` (a pid, or 0) and hold as many
 * whole records as fit; an empty answer ends the list.
 */
#ifndef ABI_INFO_H
#define ABI_INFO_H

#include <stdint.h>

enum info_what {
    INFO_COUNTERS = 1, /* struct info_counter[]; arg unused */
    INFO_MEMORY,       /* struct info_memory */
    INFO_PROCS,        /* struct info_proc[], pid > arg, rising */
    INFO_REGIONS, /* struct info_region[] of the process arg, rising address; whole list or E2BIG */
    INFO_PAGERS,  /* struct info_pager[], session id > arg */
    INFO_SYSTEM,  /* struct info_system */
};

struct info_counter {
    char name[24];
    uint64_t value;
};
_Static_assert(sizeof(struct info_counter) == 32, "info_counter");

struct info_memory { /* pages */
    uint64_t total, free, reserved;
    uint64_t kernel;  /* slab, stacks, page tables */
    uint64_t anon;    /* private pages */
    uint64_t cached;  /* pages of objects */
    uint64_t dirty;   /* of those, DIRTY FLUSHING or REDIRTY */
    uint64_t lent;    /* in a pager's window now */
    uint64_t buffers; /* file system metadata */
    uint64_t pad[3];
};
_Static_assert(sizeof(struct info_memory) == 96, "info_memory");

enum info_state { INFO_RUNNING = 1, INFO_READY, INFO_SLEEPING, INFO_STOPPED, INFO_ZOMBIE };

struct info_proc {
    int32_t pid, ppid, pgid, threads;
    uint32_t state; /* enum info_state, of the busiest thread */
    uint32_t fds;
    uint64_t vsize_pages, resident_pages;
    uint64_t user_ns, system_ns, stall_ns;
    uint64_t faults, fills; /* page faults; of those, waits for a pager */
    char name[32];
    char wait[16]; /* what the thread sleeps on */
};
_Static_assert(sizeof(struct info_proc) == 128, "info_proc");

struct info_region {
    uint64_t start, end; /* addresses, half open */
    uint64_t object;     /* id; 0: none */
    uint64_t offset;     /* of start in the object, bytes */
    uint64_t resident_pages, private_pages;
    uint32_t prot;  /* ABI_PROT_* */
    uint32_t flags; /* ABI_MAP_SHARED, _PRIVATE, _ANON */
    char name[40];  /* [heap], [stack], file name's last part */
};
_Static_assert(sizeof(struct info_region) == 96, "info_region");

enum info_pager_state {
    INFO_PAGER_NEW = 1,
    INFO_PAGER_LIVE,
    INFO_PAGER_DEAD_WAIT,
    INFO_PAGER_DEAD
};

struct info_pager {
    uint32_t session, pid, state, flags; /* PAGER_OPEN_* */
    uint64_t epoch, objects, slots, slots_busy;
    uint64_t fills, fill_pages, fill_errors, fill_timeouts;
    uint64_t flushes, flush_pages, flush_errors, flush_timeouts;
    uint64_t fill_ns_total, fill_ns_max, flush_ns_total, flush_ns_max;
    uint64_t protocol_errors, stale_replies;
    uint64_t pad[4];
};
_Static_assert(sizeof(struct info_pager) == 192, "info_pager");

struct info_system {
    uint32_t harts, page_size;
    uint64_t uptime_ns, idle_ns;
    uint64_t timebase_hz;
    char version[32];
    uint32_t sanitizer; /* 1: built with SAN=1 */
    uint32_t checks;    /* 1: lock ranks are checked */
};
_Static_assert(sizeof(struct info_system) == 72, "info_system");

#endif
