/*
 * page_state.c - the transition table of page_state.h. Pure; also tested on the host.
 */
#include "vm/page_state.h"

#define TO(s) (1u << PAGE_##s)

/* legal_next[from]: set of states that may follow. */
static const unsigned legal_next[PAGE_STATES] = {
    /* CLEAN at once: anonymous memory, and pages that have no contents in the backing store */
    [PAGE_ABSENT] = TO(FILLING) | TO(CLEAN),
    [PAGE_FILLING] = TO(CLEAN) | TO(ABSENT) | TO(FAILED),
    /* ABSENT: reclaimed or truncated */
    [PAGE_CLEAN] = TO(DIRTY) | TO(ABSENT),
    /* ABSENT: truncated, or dropped with the last link of the file */
    [PAGE_DIRTY] = TO(FLUSHING) | TO(ABSENT) | TO(LOST),
    [PAGE_FLUSHING] = TO(CLEAN) | TO(REDIRTY) | TO(DIRTY) | TO(ABSENT) | TO(LOST),
    [PAGE_REDIRTY] = TO(DIRTY) | TO(ABSENT) | TO(LOST),
    [PAGE_FAILED] = TO(ABSENT),
    [PAGE_LOST] = TO(ABSENT),
};

static const char *const names[PAGE_STATES] = {
    "ABSENT", "FILLING", "CLEAN", "DIRTY", "FLUSHING", "REDIRTY", "FAILED", "LOST",
};

bool page_state_legal(enum page_state from, enum page_state to)
{
    return from < PAGE_STATES && to < PAGE_STATES && (legal_next[from] >> to & 1);
}

const char *page_state_name(enum page_state s)
{
    return s < PAGE_STATES ? names[s] : "?";
}
