/*
 * run.h - carries out one case, in a process of its own.
 */
#ifndef GRADE_RUN_H
#define GRADE_RUN_H

#include "case.h"

struct config {
    const char *build; /* kernel, mkfs, fs.list; logs go to build/grade */
    const char *qemu;
    int scale; /* every time limit is multiplied by it */
};

enum verdict { VERDICT_PASS = 0, VERDICT_FAIL = 1, VERDICT_SKIP = 2 };

/*
 * Runs the case and writes build/grade/NAME.report (one line why it failed or was skipped, then the
 * end of the output) and NAME.log (all of the output). The image is kept if the case failed.
 */
enum verdict case_run(const struct config *config, const struct grade_case *c);

#endif
