/*
 * page_state.h - the life of one page of a memory object: states and legal transitions (pure).
 *
 *            fill asked            fill ok              store              flush sent
 *   ABSENT -----------> FILLING -----------> CLEAN -----------> DIRTY -----------> FLUSHING
 *      ^                  |  | failed          | evicted          ^ ^                | |
 *      |<--- gave up -----+  v                 v                  | | failed, pager  | | ok
 *      |<--- expired ---- FAILED            ABSENT                | | died           | v
 *      |                                                          | +----------------+ CLEAN
 *      LOST <-- (dirty data given up)                             |                  |
 *                                            REDIRTY <-- store while FLUSHING -------+
 *                                               +--- any answer ---> DIRTY
 *
 * ABSENT, FAILED and LOST pages have no frame; FAILED and LOST are remembered in the object's tree
 * as a coded entry (vmo.c). One setter (vmo_page_set_state) asserts page_state_legal().
 */
#ifndef VM_PAGE_STATE_H
#define VM_PAGE_STATE_H

#include <stdbool.h>

enum page_state {
    PAGE_ABSENT,
    PAGE_FILLING,
    PAGE_CLEAN,
    PAGE_DIRTY,
    PAGE_FLUSHING,
    PAGE_REDIRTY,
    PAGE_FAILED,
    PAGE_LOST,
    PAGE_STATES,
};

bool page_state_legal(enum page_state from, enum page_state to);
const char *page_state_name(enum page_state s);

/* The page's bytes may be read. */
static inline bool page_state_resident(enum page_state s)
{
    return s == PAGE_CLEAN || s == PAGE_DIRTY || s == PAGE_FLUSHING || s == PAGE_REDIRTY;
}

/* The page holds bytes that its backing store does not. */
static inline bool page_state_dirty(enum page_state s)
{
    return s == PAGE_DIRTY || s == PAGE_FLUSHING || s == PAGE_REDIRTY;
}

#endif
