/*
 * writeback.h - dirty pages to their backing store: for vm/ only (the rest sees pageout.h, vmo.h).
 *
 * Objects with work (dirty pages, or a binding to end) stand on one list, each with one pin, until
 * the writeback threads find nothing left to do for them.
 */
#ifndef VM_WRITEBACK_H
#define VM_WRITEBACK_H

#include <stdbool.h>
#include <stdint.h>

struct vmo;

/* Puts the object on the work list; `now`: do not wait for it to age. vmo->lock may be held. */
void writeback_note(struct vmo *vmo, bool now);

/* Takes it off: the object is being destroyed. */
void writeback_forget(struct vmo *vmo);

/* Memory is short: everything dirty is to be written now. Any lock below RANK_PAGEOUT. */
void writeback_pressure(void);

void writeback_init(void);

#endif
