/*
 * sys_sys.c - system calls about the machine: power, information, self-check.
 *
 * sysinfo() copies whole records, as many as fit; each is made in the kernel and copied out with no
 * lock held, so a list is not one moment's picture.
 */
#include "abi/errno.h"
#include "abi/info.h"
#include "arch/riscv/fdt.h"
#include "arch/riscv/hart.h"
#include "arch/riscv/time.h"
#include "core/counter.h"
#include "core/spinlock.h"
#include "lib/string.h"
#include "lib/types.h"
#include "mem/kalloc.h"
#include "mem/page.h"
#include "proc/process.h"
#include "syscall/syscall.h"
#include "vm/check.h"
#include "vm/pageout.h"
#include "vm/pager.h"
#include "vm/uaccess.h"
#include "vm/vmo_page.h"

#ifndef DUALITY_VERSION
#define DUALITY_VERSION "0.1"
#endif

int64_t sys_poweroff(const struct sysargs *a)
{
    machine_shutdown((int)(a->v[0] & 0xff));
}

/* --- sysinfo --- */

struct answer {
    int64_t arg;
    uint64_t ubuf;
    size_t len, done; /* bytes */
};

/* Appends one record: 1; 0: it does not fit any more; or -errno. */
static int answer_add(struct answer *w, const void *record, size_t size)
{
    int err;

    if (size > w->len - w->done)
        return 0;
    err = copy_to_user(w->ubuf + w->done, record, size);
    if (err)
        return err;
    w->done += size;
    return 1;
}

/* For the single structures: must fit. */
static int answer_one(struct answer *w, const void *record, size_t size)
{
    int added = answer_add(w, record, size);

    return added ? added : -EINVAL;
}

static int info_counters(struct answer *w)
{
    int added = 1;

    for (unsigned c = 0; c < COUNTER_MAX && added > 0; c++) {
        struct info_counter record = {.value = counter_read(c)};
        strlcpy(record.name, counter_name(c), sizeof(record.name));
        added = answer_add(w, &record, sizeof(record));
    }
    return added;
}

static int info_memory(struct answer *w)
{
    struct info_memory m = {0};

    vm_memory_info(&m);
    m.total = page_total_count();
    m.free = page_free_count();
    m.reserved = page_reserve_count();
    m.kernel = DIV_ROUND_UP(kalloc_bytes(), PAGE_SIZE);
    return answer_one(w, &m, sizeof(m));
}

static int info_procs(struct answer *w)
{
    int32_t after = (int32_t)MIN(MAX(w->arg, (int64_t)0), (int64_t)PID_MAX);
    struct process *p;
    int added = 1;

    while (added > 0 && (p = process_next(after))) {
        struct info_proc record;
        after = p->pid;
        process_info(p, &record);
        process_put(p);
        added = answer_add(w, &record, sizeof(record));
    }
    return added;
}

/* The whole list or nothing: it may be long, so it is sized first. */
static int info_regions_of(struct answer *w, struct aspace *as)
{
    uint64_t room = w->len / sizeof(struct info_region);
    uint64_t count = aspace_info(as, NULL, 0);
    struct info_region *list;
    int result;

    if (count > room)
        return -E2BIG;
    list = kzalloc((count + 1) * sizeof(*list));
    if (!list)
        return -ENOMEM;
    room = count;
    count = aspace_info(as, list, room);
    result = count > room ? -E2BIG : answer_add(w, list, count * sizeof(*list));
    kfree(list);
    return result;
}

static int info_regions(struct answer *w)
{
    struct process *p = w->arg ? process_find((int32_t)w->arg) : current_process();
    struct aspace *as;
    int result = 1;

    if (!p)
        return -ESRCH;
    as = process_get_aspace(p);
    if (as) {
        result = info_regions_of(w, as);
        aspace_put(as);
    }
    if (w->arg)
        process_put(p);
    return result;
}

static int info_pagers(struct answer *w)
{
    uint32_t after = (uint32_t)w->arg;
    struct info_pager record;
    int added = 1;

    while (added > 0 && pager_info(after, &record, 1) == 1) {
        after = record.session;
        added = answer_add(w, &record, sizeof(record));
    }
    return added;
}

static int info_system(struct answer *w)
{
    struct info_system s = {
        .harts = hart_count,
        .page_size = PAGE_SIZE,
        .uptime_ns = time_now_ns(),
        .timebase_hz = board.timebase_hz,
        .version = "Duality " DUALITY_VERSION,
#if CONFIG_SAN
        .sanitizer = 1,
#endif
#if CONFIG_CHECKS
        .checks = 1,
#endif
    };

    for (uint32_t i = 0; i < hart_count; i++)
        s.idle_ns += harts[i].idle_ns;
    return answer_one(w, &s, sizeof(s));
}

static int answer_for(int what, struct answer *w)
{
    switch (what) {
    case INFO_COUNTERS:
        return info_counters(w);
    case INFO_MEMORY:
        return info_memory(w);
    case INFO_PROCS:
        return info_procs(w);
    case INFO_REGIONS:
        return info_regions(w);
    case INFO_PAGERS:
        return info_pagers(w);
    case INFO_SYSTEM:
        return info_system(w);
    default:
        return -EINVAL;
    }
}

int64_t sys_sysinfo(const struct sysargs *a)
{
    struct answer w = {.arg = (int64_t)a->v[1], .ubuf = a->v[2], .len = a->v[3]};
    int result = answer_for((int)a->v[0], &w);

    return result < 0 ? result : (int64_t)w.done;
}

/* --- kcheck --- */

static int check_aspaces(void)
{
    struct process *p;
    int faults = 0;

    for (int32_t after = 0; (p = process_next(after)); process_put(p)) {
        struct aspace *as = process_get_aspace(p);
        after = p->pid;
        if (!as)
            continue;
        faults += aspace_check(as);
        aspace_put(as);
    }
    return faults;
}

int64_t sys_kcheck(const struct sysargs *a)
{
    int faults = 0;

    (void)a;
    lock_check_none_held();
    pageout_drop_caches();
    faults += page_check();
    faults += process_check();
    faults += vmo_check_all();
    faults += pager_check_all();
    faults += check_aspaces();
    return faults;
}
