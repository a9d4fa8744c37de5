/*
 * uaccess.c - touching user memory from the kernel: ranges, errors, pinning.
 *
 * The instructions are in arch/riscv/uaccess.S. An error code is the verdict of the fault that
 * ended the copy, which vm_fault() left in the thread's fault record.
 */
#include "vm/uaccess.h"

#include "abi/errno.h"
#include "abi/proc.h"
#include "arch/riscv/pte.h"
#include "arch/riscv/uaccess.h"
#include "core/spinlock.h"
#include "lib/types.h"
#include "mem/page.h"
#include "sched/thread.h"
#include "vm/aspace.h"
#include "vm/fault.h"

bool user_range_ok(uint64_t addr, size_t len)
{
    return addr <= USER_END && len <= USER_END - addr;
}

/* What the fault that just failed says: a pager's verdict, or -EFAULT. */
static int verdict(void)
{
    const struct abi_fault_record *rec = (const void *)current_thread()->fault_record;
    return rec->code ? rec->code : -EFAULT;
}

static void clear_verdict(void)
{
    struct abi_fault_record *rec = (void *)current_thread()->fault_record;
    rec->code = 0;
}

int copy_from_user(void *dst, uint64_t src, size_t len)
{
    if (!user_range_ok(src, len))
        return -EFAULT;
    lock_check_none_held();
    clear_verdict();
    return __copy_from_user(dst, src, len) ? verdict() : 0;
}

int copy_to_user(uint64_t dst, const void *src, size_t len)
{
    if (!user_range_ok(dst, len))
        return -EFAULT;
    lock_check_none_held();
    clear_verdict();
    return __copy_to_user(dst, src, len) ? verdict() : 0;
}

int clear_user(uint64_t dst, size_t len)
{
    if (!user_range_ok(dst, len))
        return -EFAULT;
    lock_check_none_held();
    clear_verdict();
    return __clear_user(dst, len) ? verdict() : 0;
}

long copy_string_from_user(char *dst, uint64_t src, size_t size)
{
    if (src >= USER_END)
        return -EFAULT;
    size_t room = MIN(size, (size_t)(USER_END - src));
    lock_check_none_held();
    clear_verdict();
    long n = __strncpy_user(dst, src, room);
    if (n < 0)
        return verdict();
    if ((size_t)n == room)
        return room < size ? -EFAULT : -ENAMETOOLONG;
    return n;
}

int get_user_u32(uint64_t src, uint32_t *value)
{
    if (!user_range_ok(src, sizeof(*value)) || (src & 3))
        return -EFAULT;
    clear_verdict();
    return __get_user_32(src, value) ? verdict() : 0;
}

int get_user_u64(uint64_t src, uint64_t *value)
{
    if (!user_range_ok(src, sizeof(*value)) || (src & 7))
        return -EFAULT;
    clear_verdict();
    return __get_user_64(src, value) ? verdict() : 0;
}

int put_user_u32(uint64_t dst, uint32_t value)
{
    if (!user_range_ok(dst, sizeof(value)) || (dst & 3))
        return -EFAULT;
    clear_verdict();
    return __put_user_32(dst, value) ? verdict() : 0;
}

int put_user_u64(uint64_t dst, uint64_t value)
{
    if (!user_range_ok(dst, sizeof(value)) || (dst & 7))
        return -EFAULT;
    clear_verdict();
    return __put_user_64(dst, value) ? verdict() : 0;
}

size_t copy_from_user_nofault(void *dst, uint64_t src, size_t len)
{
    struct thread *t = current_thread();
    if (!user_range_ok(src, len))
        return len;
    t->nofault++;
    size_t left = __copy_from_user(dst, src, len);
    t->nofault--;
    return left;
}

size_t copy_to_user_nofault(uint64_t dst, const void *src, size_t len)
{
    struct thread *t = current_thread();
    if (!user_range_ok(dst, len))
        return len;
    t->nofault++;
    size_t left = __copy_to_user(dst, src, len);
    t->nofault--;
    return left;
}

int get_user_u32_nofault(uint64_t src, uint32_t *value)
{
    struct thread *t = current_thread();
    if (!user_range_ok(src, sizeof(*value)) || (src & 3))
        return -EFAULT;
    t->nofault++;
    int err = __get_user_32(src, value);
    t->nofault--;
    return err ? -EFAULT : 0;
}

static struct aspace *current_aspace(void)
{
    return container_of(current_thread()->pmap, struct aspace, pmap);
}

/* The page's entry allows the access: takes a reference on its frame. */
static struct page *pin_resident(struct aspace *as, vaddr_t va, bool write)
{
    struct page *page = NULL;
    pte_t need = PTE_V | PTE_U | (write ? PTE_W : PTE_R);
    spin_lock(&as->pmap.lock);
    pte_t *slot = pmap_lookup_locked(&as->pmap, va);
    if (slot && (*slot & need) == need)
        page = page_from_paddr(pte_paddr(*slot));
    if (page)
        page_get(page); /* alive: its entry can't go away while the lock is held */
    spin_unlock(&as->pmap.lock);
    return page;
}

static int pin_one(struct aspace *as, vaddr_t va, bool write, struct page **out)
{
    enum { TRIES = 64 };
    struct abi_fault_record rec;
    for (unsigned i = 0; i < TRIES; i++) {
        *out = pin_resident(as, va, write);
        if (*out)
            return 0;
        int err = vm_fault(as, va, write ? ABI_ACCESS_WRITE : ABI_ACCESS_READ, &rec);
        if (err)
            return rec.code ? rec.code : -EFAULT;
    }
    return -EAGAIN;
}

int user_pin_pages(uint64_t addr, unsigned n, bool write, struct page **pages)
{
    struct aspace *as = current_aspace();
    if ((addr & PAGE_MASK) || !user_range_ok(addr, (size_t)n << PAGE_SHIFT))
        return -EFAULT;
    lock_check_none_held();
    for (unsigned i = 0; i < n; i++) {
        int err = pin_one(as, addr + ((vaddr_t)i << PAGE_SHIFT), write, &pages[i]);
        if (err) {
            while (i-- > 0)
                page_put(pages[i]);
            return err;
        }
    }
    return 0;
}

int user_prefault(uint64_t addr, size_t len, bool write)
{
    struct aspace *as = current_aspace();
    struct abi_fault_record rec;
    if (!user_range_ok(addr, len))
        return -EFAULT;
    lock_check_none_held();
    for (vaddr_t va = addr & ~PAGE_MASK; va < addr + len; va += PAGE_SIZE) {
        struct page *page = pin_resident(as, va, write);
        if (page) {
            page_put(page);
            continue;
        }
        int err = vm_fault(as, va, write ? ABI_ACCESS_WRITE : ABI_ACCESS_READ, &rec);
        if (err)
            return rec.code ? rec.code : -EFAULT;
    }
    return 0;
}
