/*
 * sys_vm.c - system calls of memory: arguments are checked here, the work is in vm/aspace.c.
 *
 * Order of checks for mmap(): length, flags, alignment, range (all -EINVAL, but -ENOMEM for a
 * length that no address space holds); then the descriptor (-EBADF) and what it permits (-EACCES,
 * -ENODEV). The other calls: -EINVAL for a misaligned address, -ENOMEM for a range that is not of
 * the user half.
 */
#include "abi/errno.h"
#include "abi/vm.h"
#include "lib/types.h"
#include "proc/process.h"
#include "sched/sched.h"
#include "syscall/syscall.h"
#include "vm/aspace.h"
#include "vm/uaccess.h"
#include "vm/vmo.h"

enum {
    PROT_ALL = ABI_PROT_READ | ABI_PROT_WRITE | ABI_PROT_EXEC,
    MINCORE_CHUNK = 256,
};

static struct aspace *current_aspace(void)
{
    return current_process()->as;
}

/* --- mmap --- */

static int check_request(const struct map_request *req)
{
    int type = req->flags & ABI_MAP_TYPE;
    bool fixed = req->flags & (ABI_MAP_FIXED | ABI_MAP_FIXED_NOREPLACE);

    if (req->len == 0 || (req->prot & ~PROT_ALL))
        return -EINVAL;
    if (type != ABI_MAP_SHARED && type != ABI_MAP_PRIVATE)
        return -EINVAL;
    if (req->len > USER_END)
        return -ENOMEM;
    if (!(req->flags & ABI_MAP_ANON)) {
        if (!IS_ALIGNED(req->offset, PAGE_SIZE) || (int64_t)req->offset < 0)
            return -EINVAL;
        if (req->offset > INT64_MAX - ALIGN_UP(req->len, PAGE_SIZE))
            return -EOVERFLOW;
    }
    if (!fixed)
        return 0;
    if (!IS_ALIGNED(req->addr, PAGE_SIZE) || req->addr < USER_BASE)
        return -EINVAL;
    return req->addr > USER_END - req->len ? -ENOMEM : 0;
}

/* Shared anonymous memory is an object of its own. */
static int complete_anon(struct map_request *req)
{
    req->offset = 0;
    req->prot_max = PROT_ALL;
    if ((req->flags & ABI_MAP_TYPE) == ABI_MAP_PRIVATE)
        return 0;
    req->vmo = vmo_create(NULL, NULL, ALIGN_UP(req->len, PAGE_SIZE));
    return req->vmo ? 0 : -ENOMEM;
}

static int complete_file(struct map_request *req, int fd)
{
    struct file *f = fdtable_get(&current_process()->fds, fd);
    int err = -ENODEV;

    if (!f)
        return -EBADF;
    if (f->ops->mmap)
        err = f->ops->mmap(f, req);
    file_put(f);
    return err;
}

int64_t sys_mmap(const struct sysargs *a)
{
    struct map_request req = {
        .addr = a->v[0],
        .len = a->v[1],
        .prot = (int)a->v[2],
        .flags = (int)a->v[3],
        .offset = a->v[5],
    };
    vaddr_t at;
    int err = check_request(&req);

    if (err)
        return err;
    err = req.flags & ABI_MAP_ANON ? complete_anon(&req) : complete_file(&req, (int)a->v[4]);
    if (err)
        return err;
    err = aspace_map(current_aspace(), &req, &at);
    if (req.vmo)
        vmo_put(req.vmo);
    return err ? err : (int64_t)at;
}

/* --- ranges --- */

/* Rounds *len up to pages. `outside`: the error for a range that leaves the user half. */
static int check_range(uint64_t addr, uint64_t *len, int outside)
{
    if (!IS_ALIGNED(addr, PAGE_SIZE))
        return -EINVAL;
    if (addr > USER_END || *len > USER_END - addr)
        return outside;
    *len = ALIGN_UP(*len, PAGE_SIZE);
    return 0;
}

int64_t sys_munmap(const struct sysargs *a)
{
    uint64_t len = a->v[1];
    int err = len ? check_range(a->v[0], &len, -EINVAL) : -EINVAL;

    return err ? err : aspace_unmap(current_aspace(), a->v[0], len);
}

int64_t sys_mprotect(const struct sysargs *a)
{
    uint64_t len = a->v[1];
    int err = check_range(a->v[0], &len, -ENOMEM);

    if (err)
        return err;
    if ((int)a->v[2] & ~PROT_ALL)
        return -EINVAL;
    return len ? aspace_protect(current_aspace(), a->v[0], len, (int)a->v[2]) : 0;
}

int64_t sys_msync(const struct sysargs *a)
{
    int flags = (int)a->v[2];
    uint64_t len = a->v[1];
    int err = check_range(a->v[0], &len, -ENOMEM);

    if (err)
        return err;
    if (flags & ~(ABI_MS_ASYNC | ABI_MS_INVALIDATE | ABI_MS_SYNC))
        return -EINVAL;
    if ((flags & ABI_MS_ASYNC) && (flags & ABI_MS_SYNC))
        return -EINVAL;
    return len ? aspace_sync(current_aspace(), a->v[0], len, flags) : 0;
}

int64_t sys_madvise(const struct sysargs *a)
{
    int advice = (int)a->v[2];
    uint64_t len = a->v[1];
    int err = check_range(a->v[0], &len, -ENOMEM);

    if (err)
        return err;
    if (advice < ABI_MADV_NORMAL || advice > ABI_MADV_DONTNEED)
        return -EINVAL;
    return len ? aspace_advise(current_aspace(), a->v[0], len, advice) : 0;
}

int64_t sys_mincore(const struct sysargs *a)
{
    unsigned char vec[MINCORE_CHUNK];
    uint64_t addr = a->v[0], len = a->v[1], out = a->v[2];
    int err = check_range(addr, &len, -ENOMEM);

    for (uint64_t left = len / PAGE_SIZE; left && !err;) {
        uint64_t n = MIN(left, (uint64_t)MINCORE_CHUNK);
        err = aspace_mincore(current_aspace(), addr, n, vec);
        if (!err)
            err = copy_to_user(out, vec, n);
        addr += n * PAGE_SIZE;
        out += n;
        left -= n;
        preempt_point();
    }
    return err;
}

int64_t sys_mlockall(const struct sysargs *a)
{
    int flags = (int)a->v[0];

    if (flags & ~(ABI_MCL_CURRENT | ABI_MCL_FUTURE))
        return -EINVAL;
    return aspace_lock_all(current_aspace(), flags);
}

/* --- heap --- */

int64_t sys_brk(const struct sysargs *a)
{
    struct aspace *as = current_aspace();
    int err;

    if (!a->v[0])
        return (int64_t)as->brk;
    if (a->v[0] < as->brk_start)
        return -EINVAL;
    err = a->v[0] >= USER_END ? -ENOMEM : aspace_set_brk(as, a->v[0], false);
    return err ? err : (int64_t)a->v[0];
}

int64_t sys_sbrk(const struct sysargs *a)
{
    struct aspace *as = current_aspace();
    int64_t increment = (int64_t)a->v[0];
    uint64_t old = as->brk;
    uint64_t end = old + (uint64_t)increment;
    int err;

    if (increment == 0)
        return (int64_t)old;
    if (increment < 0 ? end > old || end < as->brk_start : end < old || end >= USER_END)
        return increment < 0 ? -EINVAL : -ENOMEM;
    err = aspace_set_brk(as, end, a->v[1] != 0);
    return err ? err : (int64_t)old;
}
