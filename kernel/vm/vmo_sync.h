/*
 * vmo_sync.h - starting write-back of an object: for vm/ only (others: vmo_sync() in vmo.h).
 */
#ifndef VM_VMO_SYNC_H
#define VM_VMO_SYNC_H

#include <stdint.h>

#include "vm/vmo.h"

/* Writes the dirty pages of pages [first, end) through ops->flush; returns when the device has
 * taken them. 0 or the first error. No lock held. */
int vmo_flush_by_host(struct vmo *vmo, uint64_t first, uint64_t end);

/* Starts flushing by whoever is in charge. A bound object's FLUSHes are then under way; with
 * PAGER_FLUSH_SYNC a dead pager's successor is waited for. */
int vmo_flush_start(struct vmo *vmo, uint64_t first, uint64_t end, unsigned flush_flags,
                    uint64_t deadline_ns);

#endif
