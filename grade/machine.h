/*
 * machine.h - one QEMU process: its console on two pipes, its output in a stream and in a log.
 *
 * The process dies with the grader (parent-death signal), so that no QEMU outlives an interrupted
 * run. Time is the host's monotonic clock in milliseconds.
 */
#ifndef GRADE_MACHINE_H
#define GRADE_MACHINE_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include "stream.h"

struct machine {
    pid_t pid; /* 0: off */
    int to, from;
    int status; /* of the last run, once off: exit status, or 128 + signal */
    struct stream *out;
    FILE *log;
};

enum poll_result { POLL_DATA, POLL_QUIET, POLL_END };

/* Milliseconds since some fixed point. */
long long clock_ms(void);

/* Starts argv[0]; the machine must be off. False: the program could not be started. */
bool machine_start(struct machine *m, char *const argv[]);

/* Types the bytes. False: the machine takes none any more. */
bool machine_type(struct machine *m, const char *bytes, size_t n);

/* Takes what the machine has printed, waiting up to wait_ms for the first of it. */
enum poll_result machine_poll(struct machine *m, int wait_ms);

/* After POLL_END: collects the exit status. */
void machine_reap(struct machine *m);

/* Pulls the plug, if it is on. */
void machine_kill(struct machine *m);

#endif
