/*
 * score.h - the cases of this run with their results, and how they are printed.
 */
#ifndef GRADE_SCORE_H
#define GRADE_SCORE_H

#include <sys/types.h>

#include "case.h"
#include "run.h"

struct entry {
    const struct grade_case *c;
    pid_t pid; /* of the process that runs it; 0: none */
    long long start_ms;
    double seconds;
    enum verdict verdict;
};

struct score {
    struct entry *entries;
    int n;
};

void score_add(struct score *score, const struct grade_case *c);
void score_print_entry(const struct entry *e, const char *report);
void score_print_list(const struct score *score);

/* The end of the output. `bad` counts as that many failures more. True if nothing failed. */
bool score_print_total(const struct score *score, int bad);

#endif
