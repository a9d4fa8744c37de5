/*
 * pager.pml - model of the pager protocol, checked by spin (`make model`; README.md explains).
 *
 * PAGES pages of one object, SLOTS window slots, THREADS serving threads of the pager, CLIENTS
 * clients with OPS accesses each, and at most TROUBLE misfortunes (crash, silence, duplicate, I/O
 * error, answer without contents, eviction) in any order and place. A page's contents are a
 * version number: 0 is a zeroed frame, 1 what the file held at first; every store makes the next.
 *
 * An atomic block is what the kernel does under one lock; names follow pager_txn.c and vmo_get.c.
 * Because accesses and misfortunes are counted, no run goes round in a circle: a fault that never
 * ends is a run that stops with a client asleep, which spin reports as an invalid end state; the
 * formula `ends` says the same as temporal logic. -DBUG_x puts one deliberate mistake in.
 */
#ifndef PAGES
#define PAGES 1
#endif
#ifndef SLOTS
#define SLOTS 2
#endif
#ifndef THREADS
#define THREADS 2
#endif
#ifndef CLIENTS
#define CLIENTS 2
#endif
#ifndef OPS
#define OPS 2
#endif
#ifndef TROUBLE
#define TROUBLE 2
#endif
#define FRAMES (PAGES + SLOTS)
#define NONE 15

mtype = { ABSENT, FILLING, CLEAN, DIRTY, FLUSHING, REDIRTY, FAILED }; /* a page */
mtype = { FREE, RESERVED, OPEN, CANCELLED, CLOSING };                 /* a transaction */
mtype = { FILL, FLUSH };                                              /* what it asks */
mtype = { OK, EIO, NOTHING };                                         /* how it is answered */
mtype = { IDLE, ASKED, COPIED, DONE };                                /* the pager's work on it */

typedef page_t {
    mtype state = ABSENT;
    byte frame = NONE;
    byte slot = NONE; /* transaction that fills or flushes it */
    bool gone;        /* truncated away */
    bool error;       /* a flush failed and nobody was told */
    byte newest = 1;  /* version last stored by a client (ghost) */
    byte disk = 1;    /* version in the backing store */
}
typedef slot_t {
    mtype state = FREE;
    mtype op = FILL;
    byte page;
    byte frame = NONE; /* the transaction's reference */
    byte generation;
    bool lent;         /* frame is mapped in the pager's window */
    /* the pager's side */
    mtype work = IDLE;
    byte copy;
    byte old_epoch, old_generation; /* an answer it sent and may send again; generation 0: none */
}

page_t pg[PAGES];
slot_t sl[SLOTS];
byte contents[FRAMES];
byte sleeps_on[CLIENTS] = NONE; /* slot whose FILL a faulter waits for */
bool in_fault[CLIENTS], in_msync[CLIENTS], timed_out[CLIENTS];
bool alive = true, mute, no_successor;
byte epoch = 1, trouble = TROUBLE;

/* --- what must always hold ------------------------------------------------------------------ */

#define is_dirty(p) (pg[p].state == DIRTY || pg[p].state == FLUSHING || pg[p].state == REDIRTY)
#define is_resident(p) (is_dirty(p) || pg[p].state == CLEAN)
#define busy(s) (sl[s].state == OPEN || sl[s].state == CANCELLED || sl[s].state == CLOSING)

/* stored data are in a dirty page, in the store, or truncated: nowhere else to be lost */
#define not_lost(p) (pg[p].gone || is_dirty(p) || pg[p].disk == pg[p].newest)
/* what can be read is what was stored last, and the pager can't change it */
#define is_true(p) (!is_resident(p) || contents[pg[p].frame] == pg[p].newest)
#define safe_from(p, s) \
    (!(is_resident(p) && sl[s].lent && sl[s].op == FILL && sl[s].frame == pg[p].frame))
#define truncated(p) (!pg[p].gone || pg[p].state == ABSENT)
#define flush_of(p, s) (busy(s) && sl[s].op == FLUSH && sl[s].page == p)
#define lent_once (!(sl[0].lent && sl[1].lent && sl[0].frame == sl[1].frame))

active proctype Monitor()
{
    byte p;
end:
    do
    :: atomic { !not_lost(0) || !not_lost(PAGES - 1) -> printf("LOST DIRTY PAGE\n"); assert(false) }
    :: atomic { !is_true(0) || !is_true(PAGES - 1) -> printf("FALSE DATA\n"); assert(false) }
    :: atomic { !safe_from(0, 0) || !safe_from(0, 1) || !safe_from(PAGES - 1, 0) ||
                !safe_from(PAGES - 1, 1) -> printf("PUBLISHED WHILE LENT\n"); assert(false) }
    :: atomic { !lent_once -> printf("LENT TWICE\n"); assert(false) }
    :: atomic { !truncated(0) || !truncated(PAGES - 1) -> printf("PAGE BEYOND END\n"); assert(false) }
    :: atomic { (flush_of(0, 0) && flush_of(0, 1)) ||
                (flush_of(PAGES - 1, 0) && flush_of(PAGES - 1, 1)) ->
                printf("TWO FLUSHES OF ONE PAGE\n"); assert(false) }
    od
}

/* --- the kernel: transactions --------------------------------------------------------------- */

#ifdef BUG_LEND_CANCELLED_SLOT
#define may_reserve(s) (sl[s].state == FREE || sl[s].state == CANCELLED)
#else
#define may_reserve(s) (sl[s].state == FREE)
#endif
#define slot_free (may_reserve(0) || may_reserve(1))

inline reserve(S)
{
    S = (may_reserve(0) -> 0 : 1);
    sl[S].state = RESERVED;
    sl[S].generation++
}

inline open_txn(S, P, What, F)
{
    assert(!sl[S].lent); /* the entry in the window is empty */
    sl[S].op = What;
    sl[S].page = P;
    sl[S].frame = F;
    sl[S].lent = true;
    sl[S].state = OPEN;
    sl[S].work = ASKED;
    pg[P].slot = S
}

inline wake_faulters(S)
{
    for (i : 0 .. CLIENTS - 1) {
        if
        :: sleeps_on[i] == S -> sleeps_on[i] = NONE
        :: else
        fi
    }
}

inline remove(P, To)
{
    pg[P].state = To;
    pg[P].frame = NONE;
    pg[P].slot = NONE
}

/* CLOSING -> FREE: the object hears how the transaction ended. */
inline finish(S, How)
{
    d_step {
        q = sl[S].page;
        if
        :: pg[q].slot == S && sl[S].op == FILL ->
            if
            :: How == OK -> pg[q].state = CLEAN; pg[q].slot = NONE
            :: How == EIO -> remove(q, FAILED)
            :: else -> remove(q, ABSENT)
            fi
        :: pg[q].slot == S && sl[S].op == FLUSH ->
            pg[q].slot = NONE;
            pg[q].error = pg[q].error || How == EIO;
            if
#ifdef BUG_FAILED_FLUSH_CLEANS
            :: How == EIO -> pg[q].state = CLEAN
#endif
#ifdef BUG_CRASH_DROPS_DIRTY
            :: How == NOTHING && !alive -> remove(q, ABSENT)
#endif
#ifdef BUG_REDIRTIED_IS_CLEAN
            :: How == OK && pg[q].state == REDIRTY -> pg[q].state = CLEAN
#endif
            :: How == OK && pg[q].state == FLUSHING -> pg[q].state = CLEAN
            :: else -> pg[q].state = DIRTY
            fi
#ifdef BUG_TRUNCATE_LEAVES_PAGE
        :: pg[q].gone && sl[S].op == FILL && How == OK ->
            pg[q].frame = sl[S].frame; pg[q].state = CLEAN
#endif
        :: else
        fi;
#ifndef BUG_NO_WAKE
        wake_faulters(S);
#endif
        for (i : 0 .. CLIENTS - 1) {
            in_msync[i] = false
        }
        sl[S].frame = NONE;
        sl[S].state = FREE;
        i = 0; q = 0
    }
}

/* One answer: match, take the frame back, believe. */
inline answer(S, m_epoch, m_generation, How)
{
    atomic {
        if
#if !defined(BUG_BELIEVE_STALE)
        :: m_generation != sl[S].generation -> goto refused
#if !defined(BUG_NO_EPOCH)
        :: m_epoch != epoch -> goto refused
#endif
#endif
#ifdef BUG_ANSWERED_TWICE
        :: else ->
#else
        :: sl[S].state != OPEN && sl[S].state != CANCELLED -> goto refused
        :: else ->
#endif
            How = (sl[S].state == CANCELLED -> NOTHING : How);
            sl[S].state = CLOSING
        fi
    }
#ifdef BUG_PUBLISH_BEFORE_REVOKE
    finish(S, How);
    sl[S].lent = false;
#else
    sl[S].lent = false; /* unmapped on every hart */
    finish(S, How);
#endif
refused:
    skip
}

inline send_flush(S, P)
{
    reserve(S);
    open_txn(S, P, FLUSH, pg[P].frame);
    pg[P].state = FLUSHING /* and its mappings are read-only from here */
}

/* --- clients -------------------------------------------------------------------------------- */

inline store(P)
{
    pg[P].newest++;
    contents[pg[P].frame] = pg[P].newest;
    if
    :: pg[P].state == CLEAN -> pg[P].state = DIRTY
#ifndef BUG_NO_WRITE_PROTECT
    :: pg[P].state == FLUSHING -> pg[P].state = REDIRTY
#endif
    :: else
    fi
}

proctype Client(byte c)
{
    byte p, s, f, entry, ops;
    bool write;
    for (ops : 1 .. OPS) {
        select(p : 0 .. PAGES - 1);
        if
        :: write = false; goto fault
        :: write = true; goto fault
        :: goto msync
        fi;

fault: /* vmo_get_page(): ends with data, or with a code */
        in_fault[c] = true;
look:
        atomic {
            if
            :: pg[p].gone || pg[p].state == FAILED -> goto done
            :: is_resident(p) ->
                assert(contents[pg[p].frame] == pg[p].newest);
                if
                :: write -> store(p)
                :: else
                fi;
                goto done
            :: pg[p].state == FILLING -> sleeps_on[c] = pg[p].slot
            :: else -> goto ask
            fi
        }
        sleeps_on[c] == NONE -> goto look;
ask: /* pager_fill() */
        atomic {
            if
            :: alive && slot_free -> reserve(s)
            :: alive && !slot_free -> goto done /* ETIMEDOUT: no slot by the deadline */
            :: no_successor -> goto done        /* EPAGERDEAD */
            fi
        }
        atomic {
            if
            :: alive && pg[p].state == ABSENT && !pg[p].gone ->
                f = 0;
                do /* a frame that no page and no transaction refers to */
                :: f == pg[0].frame || f == pg[PAGES - 1].frame || f == sl[0].frame ||
                   f == sl[1].frame -> f++
                :: else -> break
                od;
                contents[f] = 0;
                pg[p].frame = f;
                pg[p].state = FILLING;
                open_txn(s, p, FILL, f)
            :: else -> sl[s].state = FREE
            fi;
            s = 0; f = 0
        }
        goto look;

msync: /* ends when what was dirty at entry is durable, or with a code */
        entry = pg[p].newest;
sync_look:
        atomic {
            if
            :: pg[p].gone || timed_out[c] || no_successor -> goto done
            :: pg[p].error -> pg[p].error = false; goto done
            :: !pg[p].gone && !is_dirty(p) -> assert(pg[p].disk >= entry); goto done
            :: (pg[p].state == FLUSHING || pg[p].state == REDIRTY) -> in_msync[c] = true
            :: pg[p].state == DIRTY && alive && slot_free -> send_flush(s, p); in_msync[c] = true
            :: pg[p].state == DIRTY && alive && !slot_free -> in_msync[c] = true
            fi
        }
        !in_msync[c] -> goto sync_look;
done:
        atomic {
            in_fault[c] = false;
            timed_out[c] = false;
            write = false; entry = 0; s = 0; p = 0
        }
    }
}

/* --- time, memory, size --------------------------------------------------------------------- */

/* Time may pass at any point: deadlines are events, never numbers. */
#define overdue(s) (sl[s].state == OPEN && sl[s].op == FILL)
#define nobody_faults (!in_fault[0] && !in_fault[CLIENTS - 1])

active proctype Clock()
{
    byte s, i, p, c;
end:
    do
#ifndef BUG_NO_DEADLINE
    :: atomic {
            overdue(0) || overdue(1) ->
            if
            :: overdue(0) -> s = 0
            :: overdue(1) -> s = 1
            fi;
            sl[s].state = CANCELLED;
            if
            :: pg[sl[s].page].slot == s -> remove(sl[s].page, FAILED)
            :: else
            fi;
            wake_faulters(s);
            s = 0; i = 0
       }
#endif
#ifdef BUG_CANCEL_FLUSH
    :: atomic {
            (sl[0].state == OPEN && sl[0].op == FLUSH && pg[sl[0].page].slot == 0) ->
            sl[0].state = CANCELLED;
            pg[sl[0].page].state = DIRTY
       }
#endif
    /* a failure is forgotten, but not before those who waited have seen it */
    :: atomic { pg[0].state == FAILED && nobody_faults -> remove(0, ABSENT) }
    :: atomic { pg[PAGES - 1].state == FAILED && nobody_faults -> remove(PAGES - 1, ABSENT) }
    :: atomic { in_msync[0] -> in_msync[0] = false; timed_out[0] = true }
    :: atomic { in_msync[CLIENTS - 1] -> in_msync[CLIENTS - 1] = false;
                timed_out[CLIENTS - 1] = true }
    od
}

#ifdef BUG_EVICT_DIRTY
#define evictable(p) (pg[p].state == CLEAN || pg[p].state == DIRTY)
#else
#define evictable(p) (pg[p].state == CLEAN)
#endif

active proctype Memory()
{
    byte s, p;
end:
    do
    :: atomic { /* write-back; also the retry after a failure */
            alive && slot_free && (pg[0].state == DIRTY || pg[PAGES - 1].state == DIRTY) ->
            p = (pg[0].state == DIRTY -> 0 : PAGES - 1);
            send_flush(s, p); s = 0; p = 0
       }
    :: atomic { /* reclaim */
            trouble && (evictable(0) || evictable(PAGES - 1)) -> trouble--;
            p = (evictable(0) -> 0 : PAGES - 1);
            remove(p, ABSENT); p = 0
       }
    od
}

/* Page 0 is cut off at most once, transactions in flight keep their frame. */
active proctype Truncate()
{
    byte i, was;
end:
    atomic {
        trouble -> trouble--;
        pg[0].gone = true;
        was = pg[0].slot;
        remove(0, ABSENT);
        wake_faulters(was);
        i = 0; was = 0
    }
}

/* --- the pager ------------------------------------------------------------------------------ */

/* A thread of it works on any slot, sends what is done, or makes trouble. It may lie about what
 * it did before and in any order, but the contents it supplies are those of its store. */
/* The pager composes its answer; it may send the same again whenever it likes. */
inline take(S)
{
    m_epoch = epoch;
    m_generation = sl[S].generation;
    sl[S].old_epoch = m_epoch;
    sl[S].old_generation = m_generation;
    sl[S].work = IDLE;
    sl[S].copy = 0
}

#define can_act(s) \
    (sl[s].work == DONE || (sl[s].work != IDLE && sl[s].lent) || trouble)

proctype Thread()
{
    byte s, i, q, m_epoch, m_generation;
    mtype how = OK;
end:
    do
    :: atomic {
            alive && !mute && (can_act(0) || can_act(1)) ->
            if
            :: can_act(0) -> s = 0
            :: can_act(1) -> s = 1
            fi;
            if
            :: sl[s].work == ASKED && sl[s].lent -> /* from the store, or from the window */
                if
                :: sl[s].op == FILL -> sl[s].copy = pg[sl[s].page].disk
                :: else -> sl[s].copy = contents[sl[s].frame]
                fi;
                sl[s].work = COPIED
            :: sl[s].work == COPIED && sl[s].lent ->
                if
                :: sl[s].op == FILL -> contents[sl[s].frame] = sl[s].copy
                :: else ->
                    /* the file is shorter now, or must never go back in time */
                    assert(pg[sl[s].page].gone || sl[s].copy >= pg[sl[s].page].disk);
                    pg[sl[s].page].disk = sl[s].copy
                fi;
                sl[s].copy = 0;
                sl[s].work = DONE
            :: sl[s].work == DONE -> take(s); how = OK; goto deliver
            :: sl[s].work != IDLE && trouble -> trouble--; take(s); how = EIO; goto deliver
            :: sl[s].work != IDLE && trouble -> trouble--; take(s); how = NOTHING; goto deliver
            :: sl[s].old_generation && trouble -> /* once more, late: duplicate, wrong transaction */
                trouble--;
                m_epoch = sl[s].old_epoch; m_generation = sl[s].old_generation; how = OK;
                goto deliver
            :: trouble -> trouble--; mute = true
            fi;
            s = 0
       }
    od;
deliver:
    answer(s, m_epoch, m_generation, how);
    atomic {
        s = 0; m_epoch = 0; m_generation = 0; how = OK;
        goto end
    }
}

/* Death of the pager at any instant, what the kernel does then, and the successor, or none. */
active proctype Death()
{
    byte s, i, q;
end:
    do
    :: atomic {
            trouble -> trouble--;
            alive = false;
            for (s : 0 .. SLOTS - 1) { sl[s].work = IDLE; sl[s].copy = 0 }
            s = 0
       }
       for (s : 0 .. SLOTS - 1) {
            atomic {
                if
                :: sl[s].state == OPEN || sl[s].state == CANCELLED -> sl[s].state = CLOSING
                :: else -> goto next
                fi
            }
            sl[s].lent = false;
            finish(s, NOTHING);
next:       skip
       }
       sl[0].state == FREE && sl[1].state == FREE; /* fencing: nothing of the old one is left */
       if
       :: atomic {
            epoch++; /* TAKEOVER: waiters look again and ask the new one */
            for (s : 0 .. SLOTS - 1) { sl[s].generation = 0 }
            s = 0;
            mute = false;
            alive = true
          }
       :: atomic { no_successor = true; break }
       fi
    od
}

init
{
    byte i;
    atomic {
        for (i : 1 .. CLIENTS) { run Client(i - 1) }
        for (i : 1 .. THREADS) { run Thread() }
    }
}

#ifdef LIVE
/* every fault ends, with data or with a code */
ltl ends { [] (in_fault[0] -> <> !in_fault[0]) }
#endif
