/*
 * exercise.h - random use of a mounted file system without knowing what is on it (exercise.c).
 *
 * For tests that break things: every call may fail, none may crash, hang or leak.
 */
#ifndef SHIM_EXERCISE_H
#define SHIM_EXERCISE_H

#include "fs/ext2.h"

uint64_t rnd(void);
void rnd_seed(uint64_t seed);
/* True n times out of m. */
bool chance(unsigned n, unsigned m);

/* Some inode reached by a random way down from the root, with a reference; NULL: none. */
struct inode *exercise_pick(struct ext2_fs *fs);
/* Lists, reads maps and links of everything reachable, at most `limit` entries. */
void exercise_walk(struct ext2_fs *fs, unsigned limit);
/* `ops` random changes. */
void exercise_change(struct ext2_fs *fs, unsigned ops);

#endif
