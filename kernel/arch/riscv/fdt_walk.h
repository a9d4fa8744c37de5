/*
 * fdt_walk.h - reading a flattened device tree, node by node.
 */
#ifndef ARCH_FDT_WALK_H
#define ARCH_FDT_WALK_H

#include <stdbool.h>
#include <stdint.h>

struct fdt_node {
    const struct fdt_node *parent; /* NULL: the root */
    const char *name;              /* with unit address */
    const uint32_t *props;         /* for fdt_prop() */
    uint32_t address_cells;        /* of its children's reg */
    uint32_t size_cells;
};

/* Checks the blob's header: its size in bytes; panics if it is not a tree. */
uint32_t fdt_check(const void *blob);

/* Calls fn for every node of a checked tree, parents before children, once its properties are known
 * to be well-formed. Panics on a damaged tree. */
void fdt_walk(const void *blob, void (*fn)(const struct fdt_node *n));

/* Calls fn(address, size) for each row of the blob's memory reservation table. */
void fdt_reservations(const void *blob, void (*fn)(uint64_t start, uint64_t size));

/* A property's value and length in bytes; NULL: the node has none of that name. */
const void *fdt_prop(const struct fdt_node *n, const char *name, uint32_t *len);
/* A property of one 32-bit cell. False: not there. */
bool fdt_u32(const struct fdt_node *n, const char *name, uint32_t *value);
/* Property `name` holds `text` among its NUL-separated strings. */
bool fdt_has_string(const struct fdt_node *n, const char *name, const char *text);
/* Row `i` of the node's reg. False: there is none. */
bool fdt_reg(const struct fdt_node *n, uint32_t i, uint64_t *start, uint64_t *size);
/* One or two cells. */
uint64_t fdt_cells(const uint32_t *cell, uint32_t count);

static inline uint32_t fdt_be32(uint32_t v)
{
    return __builtin_bswap32(v);
}

#endif
