/*
 * vmo_page.h - pages inside an object: for vm/ only.
 *
 * All functions want vmo->lock held unless they say otherwise. An entry of the tree is a struct
 * page (even pointer) or a coded failure: errno and expiry in an odd word (vmo_code_make()).
 */
#ifndef VM_VMO_PAGE_H
#define VM_VMO_PAGE_H

#include "vm/vmo.h"

struct info_memory;

static inline bool vmo_entry_is_code(const void *entry)
{
    return (uintptr_t)entry & 1;
}

/* errno (positive) of a coded failure, and when it ends (ms since boot). */
static inline int vmo_code_errno(const void *entry)
{
    return (uintptr_t)entry >> 1 & 0x7fff;
}

static inline uint64_t vmo_code_expiry_ms(const void *entry)
{
    return (uintptr_t)entry >> 16;
}

static inline void *vmo_code_make(int err, uint64_t expiry_ms)
{
    return (void *)(uintptr_t)(expiry_ms << 16 | (uint64_t)err << 1 | 1);
}

/* Page at index, or NULL when there is none or a coded failure. */
struct page *vmo_page_find(struct vmo *vmo, uint64_t index);

/* The one setter of page->state: checks legality, keeps the counts, the dirty tag and the object's
 * dirty hold. */
void vmo_page_set_state(struct vmo *vmo, struct page *page, enum page_state to);

/* Puts a frame (state ABSENT, not in any object) in the tree, taking over the caller's reference,
 * in state FILLING or CLEAN. 0, -EEXIST (somebody was faster), -ENOMEM. */
int vmo_page_insert(struct vmo *vmo, uint64_t index, struct page *page, enum page_state state);

/* Takes a page out of the tree (state becomes ABSENT) and gives back the tree's reference: the
 * caller has unmapped it and holds a reference if it goes on using it. */
void vmo_page_remove(struct vmo *vmo, struct page *page);

/* A FILLING page failed: remembers -err for the failure's lifetime in its place. */
void vmo_page_fail(struct vmo *vmo, struct page *page, int err);

/* A FILLING page got its contents: zeroes what lies beyond the end, CLEAN, reclaimable. */
void vmo_page_publish(struct vmo *vmo, struct page *page);

/* A flush of the page ended. */
void vmo_page_flushed(struct vmo *vmo, struct page *page, bool ok);

/* A flush failed with -err: the error is kept for msync, retry is delayed. */
void vmo_note_flush_error(struct vmo *vmo, int err);

/* A store is about to happen or happened: CLEAN -> DIRTY, FLUSHING -> REDIRTY. */
void vmo_page_dirty(struct vmo *vmo, struct page *page);

/* Pages of the object: size rounded up. */
static inline uint64_t vmo_pages_locked(const struct vmo *vmo)
{
    return (vmo->size_bytes + PAGE_MASK) >> PAGE_SHIFT;
}

/* Keeps / gives back the struct. No lock needed. */
void vmo_pin(struct vmo *vmo);
void vmo_unpin(struct vmo *vmo);

/* vmo_get() with the lock held. */
void vmo_get_locked(struct vmo *vmo);

/* vmo_put() by write-back, which looks itself afterwards whether the binding may end. */
void vmo_put_quietly(struct vmo *vmo);

/* Sums over all objects, for INFO_MEMORY. */
void vm_memory_info(struct info_memory *m);

/* Calls fn with each object's struct pinned and no lock held; stops at a nonzero result. */
int vmo_for_each(int (*fn)(struct vmo *vmo, void *arg), void *arg);

extern uint64_t vm_lent_pages; /* [a] frames in pagers' windows */
extern uint64_t vm_anon_pages; /* [a] frames of private layers */

#endif
