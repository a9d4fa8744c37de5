/*
 * vnode_io.h - file data between the disk and frames: for vnode*.c only.
 *
 * Whole pages of a regular file, by DMA straight into or out of the frames. No lock may be held.
 */
#ifndef FS_VNODE_IO_H
#define FS_VNODE_IO_H

#include <stdint.h>

struct inode;
struct page;

/* Fills n frames with pages [index, index + n) of the file; zeros in holes and beyond the end. 0,
 * -EIO. */
int vnode_read_pages(struct inode *inode, uint64_t index, struct page **pages, unsigned n);

/*
 * Writes the first `valid_bytes` of n frames to pages [index, index + n), as far as they lie below
 * the file's end, and only pages that the object is flushing now: late writes of a pager, of pages
 * that were truncated away meanwhile, are dropped. What is left of the last block becomes zeros on
 * the disk. Frames are not changed. Holes get blocks unless their bytes are all zero.
 * If `generation` is not NULL the frames are copies made when the object's generation was that; if
 * it is no longer: -ESTALE, make them again. 0, -EIO, -ENOSPC, -EROFS.
 */
int vnode_write_pages(struct inode *inode, uint64_t index, struct page **pages, unsigned n,
                      uint64_t valid_bytes, const uint64_t *generation);

/* Allocates the holes among the file's blocks of n pages and makes them zeros on the disk at once,
 * so that they may be read before they are written. 0, -ENOSPC, -EROFS, -EIO. */
int vnode_reserve_pages(struct inode *inode, uint64_t index, unsigned n);

/* The file was just cut to `size` bytes: zeroes the rest of its last block on the disk. inode->lock
 * held. 0 or -EIO. */
int vnode_zero_block_tail_locked(struct inode *inode, uint64_t size);

#endif
