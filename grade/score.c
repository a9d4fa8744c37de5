/*
 * score.c - results and their printing (see score.h).
 */
#include "score.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void score_add(struct score *score, const struct grade_case *c)
{
    score->entries = realloc(score->entries, (score->n + 1) * sizeof score->entries[0]);
    score->entries[score->n++] = (struct entry){.c = c};
}

static int points_of(const struct entry *e)
{
    return e->verdict == VERDICT_PASS ? e->c->points : 0;
}

void score_print_entry(const struct entry *e, const char *report)
{
    static const char *const words[] = {"ok  ", "FAIL", "skip"};
    bool known = e->verdict <= VERDICT_SKIP;

    printf("%s  %-32s %2d/%-2d %6.1fs  %s\n", words[known ? e->verdict : VERDICT_FAIL], e->c->name,
           points_of(e), e->c->points, e->seconds, e->c->title);
    if (e->verdict != VERDICT_PASS)
        printf("      %s", report);
    fflush(stdout);
}

void score_print_list(const struct score *score)
{
    for (int i = 0; i < score->n; i++)
        printf("%-32s %2d  %s\n", score->entries[i].c->name, score->entries[i].c->points,
               score->entries[i].c->title);
}

static void parts_print(const struct score *score)
{
    for (int i = 0; i < score->n; i++) {
        const char *part = score->entries[i].c->part;
        double seconds = 0;
        int points = 0, most = 0;
        bool seen = false;

        for (int k = 0; k < score->n; k++) {
            const struct entry *e = &score->entries[k];

            if (strcmp(e->c->part, part))
                continue;
            seen |= k < i;
            seconds += e->seconds;
            points += points_of(e);
            most += e->verdict == VERDICT_SKIP ? 0 : e->c->points;
        }
        if (!seen)
            printf("part  %-32s %2d/%-2d %6.1fs\n", part, points, most, seconds);
    }
}

bool score_print_total(const struct score *score, int bad)
{
    int count[3] = {0, bad, 0}, points = 0, most = 0;

    for (int i = 0; i < score->n; i++) {
        const struct entry *e = &score->entries[i];

        count[e->verdict <= VERDICT_SKIP ? e->verdict : VERDICT_FAIL]++;
        points += points_of(e);
        most += e->verdict == VERDICT_SKIP ? 0 : e->c->points;
    }
    parts_print(score);
    printf("total %d/%d points\n", points, most);
    printf("%d passed, %d failed", count[VERDICT_PASS], count[VERDICT_FAIL]);
    if (count[VERDICT_SKIP])
        printf(", %d skipped", count[VERDICT_SKIP]);
    printf("\n");
    return count[VERDICT_FAIL] == 0 && score->n > 0;
}
