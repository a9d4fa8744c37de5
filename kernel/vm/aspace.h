/*
 * aspace.h - address spaces: regions, and what mmap and its kin do to them.
 *
 * An aspace owns a pmap and a tree of regions (by address, augmented by the largest gap below). A
 * region is a range with one protection, one object (or none: anonymous private) and one kind of
 * sharing. The private layer of a region (its own copies) is the PTE_OWN entries of the pmap: fork
 * copies references, not bytes; there are no shadow chains.
 * Lock: aspace->lock (mutex, RANK_ASPACE): regions. Then vmo->lock, then pmap->lock. Never held
 * while waiting for a pager: vm_fault() drops it and starts again.
 */
#ifndef VM_ASPACE_H
#define VM_ASPACE_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/info.h"
#include "abi/vm.h"
#include "core/refcount.h"
#include "lib/rbtree.h"
#include "mem/pmap.h"
#include "sched/mutex.h"
#include "vm/vmo.h"

struct pager_session;

enum region_kind { REGION_ANON, REGION_OBJECT, REGION_WINDOW };

enum { /* region flags */
       REGION_SHARED = 1,
       REGION_KERNEL_PAGED = 2, /* filled by the kernel itself: program text */
       REGION_STACK = 4,
       REGION_HEAP = 8,
       REGION_SEQUENTIAL = 16, /* madvise */
       REGION_RANDOM = 32,
};

struct region {
    struct rb_node node;     /* [aspace] by start */
    vaddr_t start, end;      /* [aspace] page aligned, half open; read under vmo lock too (changed
                                only with both held while the region is in the object's tree) */
    uint64_t gap_before;     /* [aspace] free bytes between the previous region and this */
    uint64_t gap_max;        /* [aspace] augmented: largest gap_before of the subtree */
    uint8_t kind;            /* [I] enum region_kind */
    uint8_t prot;            /* [aspace] ABI_PROT_* */
    uint8_t prot_max;        /* [I] what mprotect may ask for */
    uint8_t flags;           /* [aspace] REGION_* */
    struct aspace *as;       /* [I] */
    struct vmo *vmo;         /* [I] of REGION_OBJECT: one reference */
    uint64_t offset;         /* [aspace] of start in the object, bytes, page aligned */
    struct rb_node vmo_node; /* [vmo] in vmo->mappings, by offset */
    uint64_t vmo_end_max;    /* [vmo] augmented: largest end page of the subtree */
    struct pager_session *session; /* [I] of REGION_WINDOW */
    uint64_t fault_next;           /* [aspace] page number after the last fill, for read-ahead */
    uint32_t fault_run;            /* [aspace] present read-ahead length */
    uint64_t flush_error_seq;      /* [aspace] errors of the object already told to this mapper */
};

struct aspace {
    struct pmap pmap;
    struct mutex lock; /* RANK_ASPACE */
    struct refcount refs;
    struct rb_root regions; /* [l] */
    uint64_t n_regions;     /* [l] */
    uint64_t mapped_pages;  /* [l] */
    struct region *last;    /* [l] last one found; NULL after any change */
    vaddr_t brk_start, brk; /* [l] heap */
    uint64_t anon_pages;    /* [pmap] PTE_OWN entries */
    bool lock_future;       /* [l] mlockall(MCL_FUTURE) */
};

/* A space may not fill the kernel's memory with regions. */
#define ASPACE_REGIONS_MAX 65536

struct aspace *aspace_create(void); /* NULL: no memory */
void aspace_get(struct aspace *as);
void aspace_put(struct aspace *as); /* the last put unmaps everything; may sleep, no lock */

/* Copies regions and private layers (references) of `from`, the calling process's, to a new space.
 * Windows are left out. NULL: no memory. */
struct aspace *aspace_fork(struct aspace *from);

struct map_request {
    vaddr_t addr; /* hint, or the place if ABI_MAP_FIXED */
    uint64_t len; /* bytes, > 0 */
    int prot, prot_max;
    int flags;                    /* ABI_MAP_* */
    unsigned region_flags;        /* REGION_* */
    struct vmo *vmo;              /* NULL: anonymous private; the region takes its own reference */
    uint64_t offset;              /* bytes, page aligned */
    struct pager_session *window; /* a pager's window */
};

/* Maps; *out gets the address. 0, -EINVAL, -ENOMEM, -EEXIST. No lock held. */
int aspace_map(struct aspace *as, const struct map_request *req, vaddr_t *out);
int aspace_unmap(struct aspace *as, vaddr_t addr, uint64_t len);
int aspace_protect(struct aspace *as, vaddr_t addr, uint64_t len, int prot);
int aspace_sync(struct aspace *as, vaddr_t addr, uint64_t len, int flags);
int aspace_advise(struct aspace *as, vaddr_t addr, uint64_t len, int advice);
/* vec: one byte a page, bit 0: resident, bit 1: dirty. Kernel buffer. */
int aspace_mincore(struct aspace *as, vaddr_t addr, uint64_t pages, unsigned char *vec);
/* Makes everything mapped now resident, and (future) whatever is mapped later. */
int aspace_lock_all(struct aspace *as, int flags);
/* Sets the end of the heap. 0 or -ENOMEM (nothing changed). `eager`: touch the pages. */
int aspace_set_brk(struct aspace *as, vaddr_t new_brk, bool eager);
/* Declares where the heap starts (exec). */
void aspace_init_brk(struct aspace *as, vaddr_t start);

/* Region containing addr, or NULL; the lock is held. */
struct region *aspace_find(struct aspace *as, vaddr_t addr);

/* Fills records for info's INFO_REGIONS: count of regions, at most `max` written. */
uint64_t aspace_info(struct aspace *as, struct info_region *out, uint64_t max);
uint64_t aspace_resident_pages(struct aspace *as);

/* Where mappings without a fixed address go: below this, downwards. The stack lies above. */
#define MMAP_TOP (USER_END - (64ul << 20))

void vm_init(void); /* page-out threads; once, in a kernel that schedules */

#endif
