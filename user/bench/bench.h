/*
 * bench.h - rows of the benchmark, and how one is counted.
 *
 * A row is a function that takes samples: sample_begin(), the operation, sample_end(). What is
 * between the two is counted in retired instructions of user and kernel together, without the
 * hart's idle waiting and without the cost of the two calls. sample_end(k) says that the operation
 * was done k times. A row whose function is NULL is not there yet; `counts` says why.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PAGE = 4096, ROUNDS = 200 };

struct row {
    const char *name;
    int (*run)(void);   /* 0, or -1 with errno */
    const char *counts; /* what one count includes */
};

/* Each area's rows; the end has no name. */
extern const struct row call_rows[], ipc_rows[], fault_rows[], pager_rows[], space_rows[],
    process_rows[];

/* --- measure.c --- */

extern uint64_t sample_start;

static inline uint64_t instret(void)
{
    uint64_t n;

    __asm__ volatile("rdinstret %0" : "=r"(n) : : "memory");
    return n;
}

/* Rows that may wait for a device or for memory of another process: idle time is looked up. */
void sample_idle(bool may_idle);
void sample_before(void);
void sample_after(uint64_t end, unsigned operations);
int measure(const struct row *row);

/* Instructions that do nothing tell the profiler (tools/profile) where a sample begins and ends. */
static inline void sample_begin(void)
{
    sample_before();
    __asm__ volatile("slti zero, zero, 1001");
    sample_start = instret();
}

static inline void sample_end(unsigned operations)
{
    uint64_t end = instret();

    __asm__ volatile("slti zero, zero, 1002");
    sample_after(end, operations);
}

/* --- files.c --- */

/* A new file of `pages` pages, all on disk and none in memory, at `path`. Descriptor, or -1. */
int file_make(const char *path, unsigned pages);
/* The same without contents: one hole. */
int file_make_hole(const char *path, unsigned pages);
void touch(const char *page);

/* --- role.c --- */

/* No pager of files, or pagerd. 0 or -1. */
int role_vacant(void);
int role_pagerd(void);
void role_restore(void);

#endif
