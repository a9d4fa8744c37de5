/*
 * fdt_walk.c - reading a flattened device tree; fdt_walk.h has the contracts.
 *
 * Source: Devicetree Specification, chapter "Flattened Devicetree (DTB) Format". The blob comes
 * from the firmware, so a damaged one cannot be refused politely: there is no kernel without it.
 * Every offset is checked against the blob once, by fdt_walk(); fdt_prop() reads only nodes that it
 * has passed. No lock: used while one hart runs.
 */
#include "arch/riscv/fdt_walk.h"

#include "lib/assert.h"
#include "lib/string.h"

enum {
    FDT_MAGIC = 0xd00dfeed,
    FDT_BEGIN_NODE = 1,
    FDT_END_NODE = 2,
    FDT_PROP = 3,
    FDT_NOP = 4,
    FDT_END = 9,
    FDT_DEPTH = 12,
    FDT_SIZE_MAX = 1 << 20,
};

struct fdt_header { /* big endian */
    uint32_t magic, totalsize, off_struct, off_strings, off_reservations;
    uint32_t version, last_compatible, boot_cpu, size_strings, size_struct;
};

static const char *strings;
static uint32_t strings_size;

static bool inside(uint32_t total, uint32_t offset, uint32_t size)
{
    return offset <= total && size <= total - offset;
}

uint32_t fdt_check(const void *blob)
{
    const struct fdt_header *h = blob;
    if (fdt_be32(h->magic) != FDT_MAGIC)
        panic("no device tree at %p", blob);

    uint32_t total = fdt_be32(h->totalsize);
    if (total > FDT_SIZE_MAX || total < sizeof(*h) || fdt_be32(h->last_compatible) > 17 ||
        fdt_be32(h->version) < 17 ||
        !inside(total, fdt_be32(h->off_struct), fdt_be32(h->size_struct)) ||
        !inside(total, fdt_be32(h->off_strings), fdt_be32(h->size_strings)) ||
        !inside(total, fdt_be32(h->off_reservations), 16) || fdt_be32(h->off_struct) % 4 ||
        fdt_be32(h->off_reservations) % 8)
        panic("device tree: bad header");
    return total;
}

static uint64_t be64(const uint32_t *cell)
{
    return (uint64_t)fdt_be32(cell[0]) << 32 | fdt_be32(cell[1]);
}

void fdt_reservations(const void *blob, void (*fn)(uint64_t start, uint64_t size))
{
    const struct fdt_header *h = blob;
    uint32_t offset = fdt_be32(h->off_reservations);

    for (; inside(fdt_be32(h->totalsize), offset, 16); offset += 16) {
        const uint32_t *row = (const void *)((const char *)blob + offset);
        if (be64(row) == 0 && be64(row + 2) == 0)
            return;
        fn(be64(row), be64(row + 2));
    }
    panic("device tree: reservations do not end");
}

/* Words that the token at `p` takes; 0: it does not fit before `end` or is unknown. */
static uint32_t token_words(const uint32_t *p, const uint32_t *end)
{
    uint32_t left = (uint32_t)(end - p);

    switch (fdt_be32(p[0])) {
    case FDT_BEGIN_NODE: {
        size_t len = strnlen((const char *)(p + 1), (left - 1) * 4);
        return len < (left - 1) * 4 ? 1 + (uint32_t)(len / 4 + 1) : 0;
    }
    case FDT_PROP: {
        if (left < 3)
            return 0;
        uint32_t len = fdt_be32(p[1]), name = fdt_be32(p[2]);
        if (len > (left - 3) * 4 || name >= strings_size ||
            strnlen(strings + name, strings_size - name) == strings_size - name)
            return 0;
        return 3 + (len + 3) / 4;
    }
    case FDT_END_NODE:
    case FDT_NOP:
    case FDT_END:
        return 1;
    }
    return 0;
}

static const uint32_t *token_next(const uint32_t *p, const uint32_t *end)
{
    uint32_t words = p < end ? token_words(p, end) : 0;
    if (words == 0)
        panic("device tree: damaged structure");
    return p + words;
}

static bool is_prop(uint32_t token)
{
    return fdt_be32(token) == FDT_PROP || fdt_be32(token) == FDT_NOP;
}

void fdt_walk(const void *blob, void (*fn)(const struct fdt_node *n))
{
    const struct fdt_header *h = blob;
    const uint32_t *p = (const void *)((const char *)blob + fdt_be32(h->off_struct));
    const uint32_t *end = p + fdt_be32(h->size_struct) / 4;
    struct fdt_node node[FDT_DEPTH];
    int depth = 0;

    strings = (const char *)blob + fdt_be32(h->off_strings);
    strings_size = fdt_be32(h->size_strings);
    for (;;) {
        const uint32_t *token = p;
        p = token_next(p, end);
        switch (fdt_be32(*token)) {
        case FDT_BEGIN_NODE:
            if (depth == FDT_DEPTH)
                panic("device tree: deeper than %d", FDT_DEPTH);
            node[depth] = (struct fdt_node){
                .parent = depth ? &node[depth - 1] : NULL,
                .name = (const char *)(token + 1),
                .props = p,
                .address_cells = 2,
                .size_cells = 1,
            };
            while (p < end && is_prop(*p))
                p = token_next(p, end);
            fdt_u32(&node[depth], "#address-cells", &node[depth].address_cells);
            fdt_u32(&node[depth], "#size-cells", &node[depth].size_cells);
            fn(&node[depth++]);
            break;
        case FDT_END_NODE:
            if (depth-- == 0)
                panic("device tree: damaged structure");
            break;
        case FDT_END:
            if (depth != 0)
                panic("device tree: ends inside a node");
            return;
        }
    }
}

const void *fdt_prop(const struct fdt_node *n, const char *name, uint32_t *len)
{
    const uint32_t *p = n->props;

    for (; is_prop(*p); p += fdt_be32(*p) == FDT_PROP ? 3 + (fdt_be32(p[1]) + 3) / 4 : 1) {
        if (fdt_be32(*p) == FDT_PROP && strcmp(strings + fdt_be32(p[2]), name) == 0) {
            *len = fdt_be32(p[1]);
            return p + 3;
        }
    }
    return NULL;
}

bool fdt_u32(const struct fdt_node *n, const char *name, uint32_t *value)
{
    uint32_t len;
    const uint32_t *cell = fdt_prop(n, name, &len);
    if (!cell || len != 4)
        return false;
    *value = fdt_be32(*cell);
    return true;
}

bool fdt_has_string(const struct fdt_node *n, const char *name, const char *text)
{
    uint32_t len;
    const char *list = fdt_prop(n, name, &len);
    size_t want = strlen(text);

    while (list && len > 0) {
        size_t have = strnlen(list, len);
        if (have == len)
            return false; /* the last string lacks its end */
        if (have == want && memcmp(list, text, want) == 0)
            return true;
        list += have + 1;
        len -= (uint32_t)have + 1;
    }
    return false;
}

uint64_t fdt_cells(const uint32_t *cell, uint32_t count)
{
    return count == 2 ? be64(cell) : count == 1 ? fdt_be32(*cell) : 0;
}

bool fdt_reg(const struct fdt_node *n, uint32_t i, uint64_t *start, uint64_t *size)
{
    uint32_t len, ac = n->parent ? n->parent->address_cells : 2;
    uint32_t sc = n->parent ? n->parent->size_cells : 1;
    const uint32_t *cell = fdt_prop(n, "reg", &len);

    if (!cell || ac < 1 || ac > 2 || sc > 2 || len / 4 / (ac + sc) <= i)
        return false;
    cell += i * (ac + sc);
    *start = fdt_cells(cell, ac);
    *size = fdt_cells(cell + ac, sc);
    return true;
}
