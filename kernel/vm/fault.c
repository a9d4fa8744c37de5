/*
 * fault.c - the way of a page fault.
 *
 * One loop of four steps, started again after every sleep:
 *
 *   1 check    region found, access allowed                         as->lock
 *   2 lookup   page in the private layer, or resident in the object  + pmap lock / vmo->lock
 *   3 obtain   it is not: every lock dropped, vmo_get_page() or a frame waited for, back to 1
 *   4 enter    the entry is written, return to the user
 *
 * Steps 1, 2 and 4 run under the locks without a break when the page is there; step 3 holds nothing
 * but a user of the object and, afterwards, a reference on the page, so that it is still there next
 * time.
 */
#include "vm/fault.h"

#include "abi/errno.h"
#include "arch/riscv/time.h"
#include "core/counter.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "lib/types.h"
#include "sched/thread.h"
#include "vm/aspace.h"
#include "vm/pageout.h"
#include "vm/pager.h"
#include "vm/vmo_page.h"

struct fault {
    struct aspace *as;
    vaddr_t va;         /* of the page */
    unsigned access;    /* ABI_ACCESS_* */
    struct page *spare; /* a frame got while no lock was held */
    struct page *held;  /* page of the object, kept from being reclaimed */
    /* what step 3 has to get */
    struct vmo *vmo; /* one user; NULL: a frame is wanted */
    uint64_t index;
    unsigned get_flags;
    bool want_frame;
    bool want_zero;
    /* for the record */
    uint64_t object;
    uint64_t offset;
    bool plain;           /* verdict about the address, not about a page */
    struct vmo *modified; /* one user: its host is to be told of the store; NULL: none */
};

enum { OBTAIN = 1 }; /* result of try(): go to step 3 */
enum { PTES_PER_TABLE = PAGE_SIZE / sizeof(pte_t), AROUND = 16 }; /* pages that one fault may map */

static bool pte_allows(pte_t pte, unsigned access)
{
    pte_t need = access == ABI_ACCESS_WRITE ? PTE_W : access == ABI_ACCESS_EXEC ? PTE_X : PTE_R;
    return (pte & PTE_V) && (pte & need);
}

/* A frame: the spare one, or straight from the free list. NULL: step 3 must get it. */
static struct page *take_frame(struct fault *f, bool zero)
{
    struct page *page = f->spare;
    if (page) {
        f->spare = NULL;
        return page;
    }
    page = zero ? page_alloc_zero(PAGE_ANON) : page_alloc(PAGE_ANON);
    f->want_frame = page == NULL;
    f->want_zero = zero;
    return page;
}

/* Stores a new entry whose frame differs from what may be cached. */
static void replace_entry(struct fault *f, pte_t *slot, pte_t pte)
{
    struct pmap *pm = &f->as->pmap;
    pte_t old = *slot;
    pmap_store_locked(pm, f->va, slot, pte);
    if ((old & PTE_V) && pte_paddr(old) != pte_paddr(pte)) {
        struct tlb_batch b;
        tlb_batch_init(&b, pm);
        tlb_batch_add(&b, f->va);
        tlb_batch_flush(&b);
    }
}

static void count_anon(struct fault *f)
{
    f->as->anon_pages++;
    __atomic_fetch_add(&vm_anon_pages, 1, __ATOMIC_RELAXED);
}

/* The private layer has the page: spurious, sole owner, or copy. pmap lock held. */
static int fault_own(struct fault *f, struct region *r, pte_t *slot)
{
    pte_t pte = *slot;
    pte_t bits = pmap_prot_bits(r->prot) | PTE_OWN;
    struct page *page = page_from_paddr(pte_paddr(pte));
    /* Another thread was faster. A second reference is then the kernel's, for a moment, and no
     * reason to copy or to protect what others may be storing to. */
    if (pte_allows(pte, f->access)) {
        pmap_store_locked(&f->as->pmap, f->va, slot, pte);
        counter_inc(COUNTER_faults_spurious);
        return 0;
    }
    if (f->access == ABI_ACCESS_WRITE && ref_read(&page->refs) > 1) {
        struct page *copy = take_frame(f, false);
        if (!copy)
            return OBTAIN;
        copy_page(page_kva(copy), page_kva(page));
        replace_entry(f, slot, pte_make(page_paddr(copy), bits));
        page_put(page);
        counter_inc(COUNTER_faults_cow);
        return 0;
    }
    if (ref_read(&page->refs) > 1)
        bits &= ~(PTE_W | PTE_D);
    counter_inc(COUNTER_faults_minor);
    pmap_store_locked(&f->as->pmap, f->va, slot, pte_make(pte_paddr(pte), bits));
    return 0;
}

/* Anonymous private memory without a page here. pmap lock held. */
static int fault_zero(struct fault *f, struct region *r, pte_t *slot)
{
    struct page *page = take_frame(f, true);
    if (!page)
        return OBTAIN;
    pmap_store_locked(&f->as->pmap, f->va, slot,
                      pte_make(page_paddr(page), pmap_prot_bits(r->prot) | PTE_OWN));
    count_anon(f);
    counter_inc(COUNTER_faults_zero);
    return 0;
}

/* The slot of the address, or NULL: no memory for tables, to be waited for. pmap lock held. */
static pte_t *get_slot(struct fault *f)
{
    pte_t *slot = pmap_slot_locked(&f->as->pmap, f->va, PAGE_ANON);
    if (!slot) {
        f->want_frame = true;
        f->want_zero = true;
    }
    return slot;
}

static int fault_anon(struct fault *f, struct region *r)
{
    struct pmap *pm = &f->as->pmap;
    int result = OBTAIN;
    spin_lock(&pm->lock);
    pte_t *slot = get_slot(f);
    if (slot)
        result = *slot & PTE_OWN ? fault_own(f, r, slot) : fault_zero(f, r, slot);
    spin_unlock(&pm->lock);
    return result;
}

/* The object lacks the page, or it needs preparation: what step 3 is to do. vmo->lock held. */
static int obtain_page(struct fault *f, struct region *r, uint64_t index, bool for_write)
{
    vmo_get_locked(r->vmo);
    f->vmo = r->vmo;
    f->index = index;
    f->get_flags = VMO_GET_KILLABLE;
    if (for_write)
        f->get_flags |= VMO_GET_WRITE;
    if (r->flags & REGION_KERNEL_PAGED)
        f->get_flags |= VMO_GET_KERNEL;
    if (r->flags & REGION_RANDOM)
        f->get_flags |= VMO_GET_RANDOM;
    return OBTAIN;
}

/*
 * Loads and fetches go forward more often than not: the resident pages behind the one asked for are
 * mapped as well, as far as there is nothing yet in the same table. To be read only, so that stores
 * are noticed, and without PTE_A, so that reclaim learns which are used. Both locks held.
 */
static void enter_around(struct fault *f, struct region *r, uint64_t index, pte_t *slot)
{
    uint64_t room = PTES_PER_TABLE - (f->va >> PAGE_SHIFT) % PTES_PER_TABLE;
    uint64_t pages = MIN((r->end - f->va) >> PAGE_SHIFT, (uint64_t)AROUND);
    pte_t bits = pmap_prot_bits(r->prot) & ~(PTE_W | PTE_D | PTE_A);
    void **entry = NULL;

    pages = MIN(pages, room);
    pages = MIN(pages, vmo_pages_locked(r->vmo) - index);
    for (uint64_t i = 1; i < pages && !slot[i]; i++) {
        entry = radix_next_slot(&r->vmo->pages, index + i, entry);
        if (!entry || vmo_entry_is_code(*entry))
            return;
        struct page *page = *entry;
        if (!page_state_resident(page->state))
            return;
        pmap_store_locked(&f->as->pmap, f->va + (i << PAGE_SHIFT), slot + i,
                          pte_make(page_paddr(page), bits));
    }
}

/* Maps a resident page of the object with these bits. vmo->lock held. */
static int enter_page(struct fault *f, struct region *r, struct page *page, pte_t bits)
{
    struct pmap *pm = &f->as->pmap;
    spin_lock(&pm->lock);
    pte_t *slot = get_slot(f);
    if (slot && f->access != ABI_ACCESS_WRITE && !(r->flags & REGION_RANDOM))
        enter_around(f, r, page->index, slot);
    if (slot)
        replace_entry(f, slot, pte_make(page_paddr(page), bits));
    spin_unlock(&pm->lock);
    return slot ? 0 : OBTAIN;
}

/* A shared mapping. vmo->lock held. */
static int fault_shared(struct fault *f, struct region *r, struct page *page)
{
    struct vmo *vmo = r->vmo;
    pte_t bits = pmap_prot_bits(r->prot);
    if (f->access == ABI_ACCESS_WRITE && vmo->ops) {
        if (vmo->ops->prepare_write && !(page->flags & VM_PAGE_RESERVED))
            return obtain_page(f, r, page->index, true);
        if (!page_state_dirty(page->state) || page->state == PAGE_FLUSHING) {
            vmo_page_dirty(vmo, page);
            counter_inc(COUNTER_faults_dirty);
            vmo_get_locked(vmo);
            f->modified = vmo;
        }
    }
    /* Writable only while stores need not be noticed: dirty already, and no flush under way. */
    if (vmo->ops && page->state != PAGE_DIRTY && page->state != PAGE_REDIRTY)
        bits &= ~(PTE_W | PTE_D);
    return enter_page(f, r, page, bits);
}

/* A store to a private mapping of the object's page: copies it to the private layer. vmo->lock held
 * on entry, not on return. */
static int fault_copy(struct fault *f, struct region *r, struct page *page)
{
    struct pmap *pm = &f->as->pmap;
    struct page *copy = take_frame(f, false);
    if (!copy) {
        spin_unlock(&r->vmo->lock);
        return OBTAIN;
    }
    page_get(page);
    spin_unlock(&r->vmo->lock);
    copy_page(page_kva(copy), page_kva(page));
    page_put(page);

    spin_lock(&pm->lock);
    pte_t *slot = get_slot(f);
    if (slot) {
        replace_entry(f, slot, pte_make(page_paddr(copy), pmap_prot_bits(r->prot) | PTE_OWN));
        count_anon(f);
        counter_inc(COUNTER_faults_cow);
    }
    spin_unlock(&pm->lock);
    if (!slot)
        page_put(copy);
    return slot ? 0 : OBTAIN;
}

/* The private layer of a region of an object may have the page already. 1: it has not. */
static int fault_private_layer(struct fault *f, struct region *r)
{
    struct pmap *pm = &f->as->pmap;
    int result = 1;
    spin_lock(&pm->lock);
    pte_t *slot = pmap_lookup_locked(pm, f->va);
    if (slot && (*slot & PTE_OWN))
        result = fault_own(f, r, slot) == 0 ? 0 : -EAGAIN;
    spin_unlock(&pm->lock);
    return result;
}

static int fault_object(struct fault *f, struct region *r)
{
    struct vmo *vmo = r->vmo;
    uint64_t index = (r->offset + (f->va - r->start)) >> PAGE_SHIFT;
    bool shared = r->flags & REGION_SHARED;
    f->object = vmo->id;
    f->offset = index << PAGE_SHIFT;
    if (!shared) {
        int own = fault_private_layer(f, r);
        if (own <= 0)
            return own ? OBTAIN : 0;
    }
    spin_lock(&vmo->lock);
    struct page *page = vmo_page_find(vmo, index);
    int result;
    if (index >= vmo_pages_locked(vmo)) {
        result = -EBOUNDS;
    } else if (!page || !page_state_resident(page->state)) {
        result = obtain_page(f, r, index, shared && f->access == ABI_ACCESS_WRITE);
    } else if (!shared && f->access == ABI_ACCESS_WRITE) {
        return fault_copy(f, r, page);
    } else if (shared) {
        result = fault_shared(f, r, page);
    } else {
        result = enter_page(f, r, page, pmap_prot_bits(r->prot) & ~(PTE_W | PTE_D));
    }
    spin_unlock(&vmo->lock);
    if (result == 0)
        counter_inc(COUNTER_faults_minor);
    return result;
}

/* A window has only what is lent: a valid entry means that another hart's TLB was behind. */
static int fault_window(struct fault *f)
{
    struct pmap *pm = &f->as->pmap;
    spin_lock(&pm->lock);
    pte_t *slot = pmap_lookup_locked(pm, f->va);
    bool fine = slot && pte_allows(*slot, f->access);
    spin_unlock(&pm->lock);
    return fine ? 0 : -EBOUNDS;
}

static bool prot_allows(unsigned prot, unsigned access)
{
    if (access == ABI_ACCESS_WRITE)
        return prot & ABI_PROT_WRITE;
    if (access == ABI_ACCESS_EXEC)
        return prot & ABI_PROT_EXEC;
    /* The hardware can't grant a store without a load. */
    return prot & (ABI_PROT_READ | ABI_PROT_WRITE);
}

/* Steps 1, 2 and 4. 0: done; OBTAIN; or the verdict. */
static int try(struct fault *f)
{
    int result;
    mutex_lock(&f->as->lock);
    struct region *r = aspace_find(f->as, f->va);
    f->plain = true;
    if (!r) {
        result = -EFAULT;
    } else if (!prot_allows(r->prot, f->access)) {
        result = -EACCES;
    } else {
        f->plain = false;
        result = r->kind == REGION_ANON     ? fault_anon(f, r)
                 : r->kind == REGION_OBJECT ? fault_object(f, r)
                                            : fault_window(f);
    }
    mutex_unlock(&f->as->lock);
    if (unlikely(f->modified)) {
        if (f->modified->ops->modified)
            f->modified->ops->modified(f->modified);
        vmo_put(f->modified);
        f->modified = NULL;
    }
    return result;
}

/* Step 3, with no lock. */
static int obtain(struct fault *f)
{
    int err = 0;
    if (f->held) {
        page_put(f->held);
        f->held = NULL;
    }
    if (f->vmo) {
        err = vmo_get_page(f->vmo, f->index, f->get_flags, &f->held);
        vmo_put(f->vmo);
        f->vmo = NULL;
    } else if (f->want_frame && !f->spare) {
        f->spare = pageout_alloc(f->want_zero);
        if (!f->spare)
            err = READ_ONCE(current_thread()->kill) ? -EINTR : -ENOMEM;
        f->want_frame = false;
    } else {
        err = pageout_wait_memory(); /* a spare is there: page tables are what is missing */
    }
    return err;
}

static void record(struct fault *f, vaddr_t addr, uint64_t start_ns, int err,
                   struct abi_fault_record *rec)
{
    struct thread *t = current_thread();
    memset(rec, 0, sizeof(*rec));
    rec->addr = addr;
    rec->pc = t->tf.sepc;
    rec->object = f->object;
    rec->offset = f->offset;
    rec->elapsed_ns = time_now_ns() - start_ns;
    rec->code = f->plain ? 0 : err;
    rec->access = f->access;
    rec->signal = f->plain         ? ABI_SIGSEGV
                  : err == -EINTR  ? 0
                  : err == -ENOMEM ? ABI_SIGKILL
                                   : ABI_SIGBUS;
    _Static_assert(sizeof(t->fault_record) == sizeof(*rec), "thread.h");
    memcpy(t->fault_record, rec, sizeof(*rec));
}

/* Each field by itself: this is counted, and most need no value yet. */
static void fault_begin(struct fault *f, struct aspace *as, vaddr_t addr, unsigned access)
{
    f->as = as;
    f->va = addr & ~PAGE_MASK;
    f->access = access;
    f->plain = true;
    f->want_frame = false;
    f->spare = f->held = NULL;
    f->vmo = f->modified = NULL;
    f->object = f->offset = 0;
}

int vm_fault(struct aspace *as, vaddr_t addr, unsigned access, struct abi_fault_record *rec)
{
    struct fault f;
    fault_begin(&f, as, addr, access);
    uint64_t start_ns = 0;
    int result = addr < USER_END ? try(&f) : -EFAULT;
    current_thread()->faults++;
    counter_inc(COUNTER_faults);
    if (result == OBTAIN)
        start_ns = time_now_ns();
    while (result == OBTAIN) {
        result = obtain(&f);
        if (!result)
            result = try(&f);
    }
    if (f.held)
        page_put(f.held);
    if (f.spare)
        page_put(f.spare);
    if (unlikely(result))
        record(&f, addr, start_ns ? start_ns : time_now_ns(), result, rec);
    return result;
}

int vm_fault_kernel(uint64_t addr, unsigned access)
{
    struct thread *t = current_thread();
    struct abi_fault_record rec;
    if (!t->proc)
        return -EFAULT;
    return vm_fault(container_of(t->pmap, struct aspace, pmap), addr, access, &rec);
}

int vm_fault_signal(int err, int *si_code)
{
    const struct abi_fault_record *rec = (const void *)current_thread()->fault_record;
    if (rec->signal == ABI_SIGSEGV)
        *si_code = err == -EACCES ? ABI_SEGV_ACCERR : ABI_SEGV_MAPERR;
    else
        *si_code = err == -EBOUNDS ? ABI_BUS_ADRERR : ABI_BUS_OBJERR;
    return (int)rec->signal;
}
