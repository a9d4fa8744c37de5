/*
 * sh.h - what the shell's files share: the tree of a command line, variables, jobs.
 *
 * A line is parsed (parse.c) into a tree whose words are still as typed; run.c walks the tree and
 * expands words (expand.c) when a command is about to run. job.c knows every child process.
 * Everything of a tree lies in one arena and goes with it.
 */
#ifndef SH_H
#define SH_H

#include <stddef.h>
#include <sys/types.h>

struct arena {
    struct arena_block *blocks;
};

enum node_kind {
    NODE_SIMPLE,
    NODE_PIPE,  /* left | right */
    NODE_AND,   /* left && right */
    NODE_OR,    /* left || right */
    NODE_SEQ,   /* left ; right */
    NODE_BACK,  /* left & */
    NODE_NOT,   /* ! left */
    NODE_SUB,   /* ( left ) */
    NODE_GROUP, /* { left } */
    NODE_IF,    /* if left then right else other */
    NODE_WHILE, /* while left do right */
    NODE_UNTIL, /* until left do right */
    NODE_FOR,   /* for name in words do left */
};

struct word {
    struct word *next;
    char *text; /* as typed, quotes and all */
};

enum redir_kind { REDIR_IN, REDIR_OUT, REDIR_APPEND, REDIR_BOTH, REDIR_DUP, REDIR_HERE };

struct redir {
    struct redir *next;
    enum redir_kind kind;
    int fd;
    char *text; /* file name as typed, descriptor of DUP, or delimiter of HERE */
    char *body; /* of HERE */
};

struct node {
    enum node_kind kind;
    struct node *left, *right, *other;
    struct word *words, *assigns; /* NODE_SIMPLE; NODE_FOR: the values */
    struct redir *redirs;
    char *name;         /* NODE_FOR */
    int has_in;         /* NODE_FOR: "in" was there */
    const char *source; /* text of the command, for job reports */
    size_t source_len;
};

enum { SAVED_MAX = 16, SAVED_FD = 32 };

struct saved_fds { /* descriptors that a redirection replaced; copy -1: was not open */
    int count;
    struct {
        int fd, copy;
    } item[SAVED_MAX];
};

struct fields { /* a growing, NULL-terminated argument vector */
    char **item;
    size_t count, room;
};

/* state of the shell */
extern int last_status;          /* $? */
extern pid_t last_background;    /* $! */
extern int interactive;          /* a person types: prompts and job control */
extern volatile int interrupted; /* ^C came: leave loops and lists */
extern int loop_depth, breaking, continuing;
extern int exit_on_error, trace_commands;
extern int parameter_count; /* $# */
extern char **parameters;   /* $0, $1 ... */

/* util.c */
void *arena_alloc(struct arena *a, size_t size);
char *arena_text(struct arena *a, const char *from, size_t len);
void arena_free(struct arena *a);
void *must_alloc(void *memory);
void complain(const char *format, ...) __attribute__((__format__(__printf__, 1, 2)));
void fields_add(struct fields *f, char *item);
void fields_free(struct fields *f);
const char *variable(const char *name);
void variable_set(const char *name, const char *value);
void variable_export(const char *name);
void variable_unset(const char *name);
int is_name(const char *text, size_t len);

/* parse.c */
enum parse_result { PARSE_END, PARSE_OK, PARSE_MORE, PARSE_ERROR };
enum parse_result parse(const char **text, struct arena *arena, struct node **tree, char *error,
                        size_t error_size);
const char *skip_substitution(const char *p, char close);

/* expand.c */
int expand_words(const struct word *words, struct fields *out);
char *expand_text(const char *text); /* one field: no splitting, no patterns; caller frees */
char *expand_here(const char *text);

/* arith.c */
int arith(const char *text, long long *value);

/* glob.c */
int glob_expand(const char *pattern, struct fields *out);
void glob_unescape(char *pattern);

/* run.c */
int run(struct node *n);
int run_text(const char *text, const char *what);
_Noreturn void run_child(struct node *n);
int redirect(const struct redir *r, struct saved_fds *saved);
void redirect_undo(struct saved_fds *saved);

/* job.c */
struct job;
void job_control_start(void);
struct job *job_new(const char *source, size_t len);
pid_t job_fork(struct job *j, int background);
int job_wait(struct job *j);
void job_background(struct job *j);
void job_report_changes(void);
int job_status(int wait_status);
int job_wait_pid(pid_t pid);
void job_wait_all(void);
void job_list(void);
int job_resume(const char *which, int foreground);
pid_t job_group(const char *which);

/* builtin.c */
typedef int (*builtin_fn)(int argc, char **argv);
builtin_fn builtin_find(const char *name);

/* main.c */
void leave(int status) __attribute__((__noreturn__));

#endif
