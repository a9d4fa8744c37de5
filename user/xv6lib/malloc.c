/*
 * malloc.c - the heap of course programs.
 *
 * The heap is a row of blocks without gaps, from the first sbrk() of this file on (again from a new
 * place when the program has moved the break itself). A block begins with its size and that of its
 * left neighbour, so that freed ones join both neighbours at once. Free blocks are in one circular
 * list; the first that is large enough is taken, beginning where the last search ended. A row ends
 * with a header marked used.
 */
#include "user/user.h"

enum { UNIT = 16, GROW_BYTES = 65536, USED = 1 };

struct block {
    uint64 left;               /* bytes of the block before it, header included; 0: none */
    uint64 size;               /* bytes, header included, a multiple of UNIT; | USED */
    struct block *next, *prev; /* only in a free block */
};

enum { HEADER = 16, BLOCK_MIN = sizeof(struct block) };

static struct block list = {0, USED, &list, &list};
static struct block *hint = &list;
static struct block *last; /* header that ends the newest row */

static uint64 size_of(const struct block *b)
{
    return b->size & ~(uint64)USED;
}

static struct block *right_of(struct block *b)
{
    return (struct block *)((char *)b + size_of(b));
}

static void list_add(struct block *b)
{
    b->next = hint->next;
    b->prev = hint;
    b->next->prev = b;
    hint->next = b;
}

static void list_remove(struct block *b)
{
    if (hint == b)
        hint = b->prev;
    b->prev->next = b->next;
    b->next->prev = b->prev;
}

/* Makes b a free block of `size` bytes that knows and is known by its right neighbour. */
static void make_free(struct block *b, uint64 size)
{
    b->size = size;
    right_of(b)->left = size;
    list_add(b);
}

static void release(struct block *b)
{
    struct block *right = right_of(b);
    uint64 size = size_of(b);

    if (!(right->size & USED)) {
        list_remove(right);
        size += size_of(right);
    }
    if (b->left) {
        struct block *left = (struct block *)((char *)b - b->left);

        if (!(left->size & USED)) {
            list_remove(left);
            size += size_of(left);
            b = left;
        }
    }
    make_free(b, size);
}

/* A free block of at least `size` bytes more; 0: no memory. */
static int grow(uint64 size)
{
    uint64 need = size + HEADER + UNIT, bytes = need > GROW_BYTES ? need : GROW_BYTES;
    char *p;
    struct block *b;

    if (need > 0x7fffffff || need < size)
        return 0;
    p = sbrk((int)bytes);
    if (p == SBRK_ERROR && bytes > need)
        p = sbrk((int)(bytes = need));
    if (p == SBRK_ERROR)
        return 0;
    if (last && p == (char *)last + HEADER) {
        b = last; /* the row goes on: its end becomes a block */
        bytes += HEADER;
    } else {
        uint64 skip = -(uint64)p & (UNIT - 1);

        b = (struct block *)(p + skip);
        b->left = 0;
        bytes -= skip;
    }
    bytes &= ~(uint64)(UNIT - 1);
    b->size = (bytes - HEADER) | USED;
    last = right_of(b);
    last->size = HEADER | USED;
    last->left = size_of(b);
    release(b);
    return 1;
}

static struct block *find(uint64 size)
{
    struct block *b = hint;

    do {
        if (!(b->size & USED) && b->size >= size)
            return b;
        b = b->next;
    } while (b != hint);
    return NULL;
}

void *malloc(size_t n)
{
    uint64 size = (n + HEADER + UNIT - 1) & ~(uint64)(UNIT - 1), rest;
    struct block *b;

    if (size < n)
        return NULL;
    if (size < BLOCK_MIN)
        size = BLOCK_MIN;
    b = find(size);
    if (!b && grow(size))
        b = find(size);
    if (!b)
        return NULL;
    list_remove(b);
    rest = b->size - size;
    if (rest >= BLOCK_MIN) {
        struct block *tail = (struct block *)((char *)b + size);

        b->size = size;
        tail->left = size;
        make_free(tail, rest);
    }
    b->size |= USED;
    return (char *)b + HEADER;
}

void free(void *p)
{
    if (p)
        release((struct block *)((char *)p - HEADER));
}
