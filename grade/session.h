/*
 * session.h - a conversation with the shell of one machine.
 *
 * Waiting is by what is printed, with a deadline, never by time alone. A `false` means that the
 * case has failed and `why` says why: one line, except where a tool's output follows.
 */
#ifndef GRADE_SESSION_H
#define GRADE_SESSION_H

#include "machine.h"
#include "run.h"
#include "stream.h"

enum { SESSION_REJECTS_MAX = 64 };

struct reject {
    const char *text;
    size_t scanned; /* no such text before here */
};

struct session {
    const struct config *config;
    const struct grade_case *c;
    struct machine machine;
    struct stream out;
    char *image;
    int line;         /* of the step at work; 0: the end of the case */
    int wait_s;       /* for each wait */
    long long end_ms; /* for the whole case */
    size_t sent;      /* where the output of what was typed last begins */
    bool at_prompt;
    long baseline; /* free frames; -1: not known */
    struct reject rejects[SESSION_REJECTS_MAX];
    int nrejects;
    char why[4096];
};

/* Sets `why`; always false. */
bool session_fail(struct session *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

bool session_start(struct session *s);
bool session_type(struct session *s, const char *bytes, size_t n);
bool session_line(struct session *s, const char *text);
bool session_expect(struct session *s, const char *text, size_t len);
bool session_match(struct session *s, const char *regex);
bool session_reject(struct session *s, const char *text);
bool session_prompt(struct session *s);
bool session_wait_off(struct session *s);

/*
 * Types a command, waits for the prompt, asks for its status and compares it with `status` (a
 * number or enum status_wanted). Afterwards expect and match look at what the command printed.
 */
bool session_command(struct session *s, const char *command, long status);

#endif
