/*
 * check.h - the memory part of kcheck(): walks structures and counts what does not agree.
 *
 * Meant for a quiet system (the grader runs it after each case). Each fault found is printed with
 * "kcheck: " in front.
 */
#ifndef VM_CHECK_H
#define VM_CHECK_H

struct aspace;

/* All memory objects: states against counts, tags, references, mappings. Number of faults. */
int vmo_check_all(void);

/* One address space: order of regions, gaps, entries against regions and objects. */
int aspace_check(struct aspace *as);

/* Sessions: slots against lists, lends of idle sessions. */
int pager_check_all(void);

#endif
