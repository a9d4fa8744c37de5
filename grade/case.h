/*
 * case.h - one graded case as read from grade/cases/NAME.case.
 *
 * A case is a head (how many points, which machine) and a list of steps. The statements and what
 * they mean are described in docs/testing.md; case.c parses them, run.c carries them out. A
 * `matrix` statement makes several runs of one case, each with one value replaced: case_variant().
 */
#ifndef GRADE_CASE_H
#define GRADE_CASE_H

#include <stdbool.h>
#include <stddef.h>

enum step_kind {
    STEP_BOOT,      /* start the machine and wait for the prompt */
    STEP_START,     /* start the machine */
    STEP_RUN,       /* a command; its exit status must be `number`, see enum status_wanted */
    STEP_SEND,      /* a line */
    STEP_TYPE,      /* text without a newline */
    STEP_CTRL,      /* a control character */
    STEP_EXPECT,    /* literal text */
    STEP_MATCH,     /* extended regular expression */
    STEP_REJECT,    /* literal text that must not appear from here on */
    STEP_PROMPT,    /* wait for the shell's prompt */
    STEP_TIMEOUT,   /* seconds for each wait from here on */
    STEP_BASELINE,  /* count the free frames that the end of the case is compared with */
    STEP_POWEROFF,  /* power off in order, then check the image */
    STEP_CRASH,     /* pull the plug */
    STEP_EXITS,     /* wait for the machine to end with status `number` */
    STEP_FSCK,      /* e2fsck -fn on the image of a machine that is off */
    STEP_FILE_IS,   /* file `arg` of the image holds exactly `text` */
    STEP_FILE_SAME, /* file `arg` of the image equals the host's file `text` */
    STEP_FILE_ABSENT,
    STEP_HOST, /* a shell command on the host, with $IMG */
};

enum status_wanted { STATUS_ANY = -1, STATUS_NONZERO = -2 }; /* else the very number */

struct step {
    enum step_kind kind;
    int line; /* in the case file */
    long number;
    char *arg;
    char *text;
    size_t text_len; /* text may hold NUL bytes */
};

enum { CASE_LIST_MAX = 32 };

struct grade_case {
    char *name; /* file name without .case, with [key=value] for a variant */
    char *part; /* times are added up by part */
    char *title;
    int points;
    int harts;
    int timeout_s; /* of one wait */
    int limit_s;   /* of the whole case */
    int repeat;    /* times the steps run, in one boot */
    long slack;    /* frames that may be fewer at the end */
    bool ram_disk;
    bool icount;
    bool fsck;  /* check the image after every power-off */
    bool check; /* kcheck and frames at the end */
    char *mem, *fs_size, *block, *append;
    char *matrix_key;
    char *matrix[CASE_LIST_MAX];
    int nmatrix;
    char *needs[CASE_LIST_MAX]; /* programs that must be in the image, or the case is skipped */
    int nneeds;
    char *puts[CASE_LIST_MAX]; /* DEST=SOURCE for mkfs */
    int nputs;
    char *allow[CASE_LIST_MAX]; /* words of the forbidden ones that are all right here */
    int nallow;
    struct step *steps;
    int nsteps;
};

/*
 * Parses `text` (NUL-terminated). Returns a new case, or NULL with a one-line message "NAME:LINE:
 * what" in err.
 */
struct grade_case *case_parse(const char *name, const char *text, char *err, size_t err_len);

/* A copy of c for its matrix value number i; shares the steps with c. */
struct grade_case *case_variant(const struct grade_case *c, int i);

/* True if c's name, or its part, contains `pattern`. */
bool case_selected(const struct grade_case *c, const char *pattern);

/* Undoes \n \r \t \0 \e \\ \xHH in place; returns the new length, or -1 for a bad escape. */
long text_unescape(char *text);

#endif
