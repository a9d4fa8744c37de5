/*
 * run.c - walks the tree of a line and runs it.
 *
 * Builtins run in the shell, everything else in children that belong to a job (job.c). run()
 * sets last_status and returns it. A ^C or a break makes lists and loops return early.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sh.h"

int last_status, loop_depth, breaking, continuing, exit_on_error, trace_commands;
volatile int interrupted;

static int stopping(void)
{
    return interrupted || breaking || continuing;
}

static void assign(const struct word *w, int exported)
{
    for (; w; w = w->next) {
        char *equals = strchr(w->text, '='), *name, *value;

        name = must_alloc(strndup(w->text, (size_t)(equals - w->text)));
        value = expand_text(equals + 1);
        variable_set(name, value);
        if (exported)
            variable_export(name);
        free(value);
        free(name);
    }
}

static void trace(char **argv)
{
    if (!trace_commands)
        return;
    fputc('+', stderr);
    for (; *argv; argv++)
        fprintf(stderr, " %s", *argv);
    fputc('\n', stderr);
}

/* In a child: becomes the program. `[` is the program test, by its other name. */
static _Noreturn void exec_program(const struct node *n, char **argv)
{
    assign(n->assigns, 1);
    if (redirect(n->redirs, NULL))
        _exit(1);
    execvp(strcmp(argv[0], "[") == 0 ? "test" : argv[0], argv);
    complain("%s: %s", argv[0], errno == ENOENT ? "not found" : strerror(errno));
    _exit(errno == ENOENT ? 127 : 126);
}

static int run_builtin(const struct node *n, builtin_fn function, struct fields *f)
{
    struct saved_fds saved = {0};
    int status = 1;

    if (redirect(n->redirs, &saved) == 0) {
        assign(n->assigns, 0);
        status = function((int)f->count, f->item);
    }
    redirect_undo(&saved);
    return status;
}

/* "exec" alone makes its redirections stay; with a command it becomes that command. */
static int run_exec(const struct node *n, struct fields *f)
{
    if (f->count > 1)
        exec_program(n, f->item + 1);
    return redirect(n->redirs, NULL) ? 1 : 0;
}

static int run_nothing(const struct node *n)
{
    struct saved_fds saved = {0};
    int status;

    last_status = 0; /* a $() in an assignment may change it */
    assign(n->assigns, 0);
    status = redirect(n->redirs, &saved) ? 1 : last_status;
    redirect_undo(&saved);
    return status;
}

static int run_program(struct node *n, struct fields *f)
{
    struct job *j = job_new(n->source, n->source_len);
    pid_t pid = job_fork(j, 0);

    if (pid == 0)
        exec_program(n, f->item);
    return job_wait(j);
}

static int run_simple(struct node *n)
{
    struct fields f = {0};
    builtin_fn function;
    int status;

    expand_words(n->words, &f);
    if (f.count == 0) {
        status = run_nothing(n);
    } else {
        trace(f.item);
        function = builtin_find(f.item[0]);
        if (strcmp(f.item[0], "exec") == 0)
            status = run_exec(n, &f);
        else if (function)
            status = run_builtin(n, function, &f);
        else
            status = run_program(n, &f);
    }
    fields_free(&f);
    return status;
}

/* In a child that exists only for n: runs it without another fork where that is possible. */
void run_child(struct node *n)
{
    struct fields f = {0};

    for (; n->kind == NODE_SUB; n = n->left)
        if (redirect(n->redirs, NULL))
            leave(1);
    if (n->kind != NODE_SIMPLE)
        leave(run(n));
    expand_words(n->words, &f);
    if (f.count == 0)
        leave(run_nothing(n));
    if (strcmp(f.item[0], "exec") == 0)
        leave(run_exec(n, &f));
    if (builtin_find(f.item[0]))
        leave(run_builtin(n, builtin_find(f.item[0]), &f));
    trace(f.item);
    exec_program(n, f.item);
}

static void pipe_child(struct node *n, int in, const int out[2])
{
    if (in >= 0) {
        dup2(in, 0);
        close(in);
    }
    if (out) {
        dup2(out[1], 1);
        close(out[0]);
        close(out[1]);
    }
    run_child(n);
}

static int run_pipe(struct node *n)
{
    struct job *j = job_new(n->source, n->source_len);
    int in = -1, fds[2];

    for (; n->kind == NODE_PIPE; n = n->right) {
        if (pipe(fds)) {
            complain("pipe: %s", strerror(errno));
            break;
        }
        if (job_fork(j, 0) == 0)
            pipe_child(n->left, in, fds);
        if (in >= 0)
            close(in);
        close(fds[1]);
        in = fds[0];
    }
    if (n->kind != NODE_PIPE && job_fork(j, 0) == 0)
        pipe_child(n, in, NULL);
    if (in >= 0)
        close(in);
    return job_wait(j);
}

static int run_background(struct node *n)
{
    struct job *j = job_new(n->source, n->source_len);
    pid_t pid = job_fork(j, 1);

    if (pid == 0)
        run_child(n->left);
    if (pid < 0)
        return 1;
    last_background = pid;
    job_background(j);
    return 0;
}

static int run_subshell(struct node *n)
{
    struct job *j = job_new(n->source, n->source_len);

    if (job_fork(j, 0) == 0)
        run_child(n);
    return job_wait(j);
}

/* Ends one round of a loop; nonzero: the loop is over. */
static int loop_over(void)
{
    if (continuing && --continuing > 0)
        return 1;
    if (breaking) {
        breaking--;
        return 1;
    }
    return interrupted;
}

static int run_loop(struct node *n)
{
    int status = 0;

    loop_depth++;
    while (!interrupted) {
        int condition = run(n->left);

        if (stopping() || (condition == 0) != (n->kind == NODE_WHILE))
            break;
        status = run(n->right);
        if (loop_over())
            break;
    }
    loop_depth--;
    return status;
}

static int run_for(struct node *n)
{
    struct fields f = {0};
    int status = 0;

    if (n->has_in)
        expand_words(n->words, &f);
    else
        for (int i = 1; i <= parameter_count; i++)
            fields_add(&f, must_alloc(strdup(parameters[i])));
    loop_depth++;
    for (size_t i = 0; i < f.count; i++) {
        variable_set(n->name, f.item[i]);
        status = run(n->left);
        if (loop_over())
            break;
    }
    loop_depth--;
    fields_free(&f);
    return status;
}

static int run_compound(struct node *n)
{
    switch (n->kind) {
    case NODE_IF:
        if (run(n->left) == 0)
            return run(n->right);
        return n->other && !stopping() ? run(n->other) : 0;
    case NODE_WHILE:
    case NODE_UNTIL:
        return run_loop(n);
    case NODE_FOR:
        return run_for(n);
    default:
        return run(n->left);
    }
}

static int run_redirected(struct node *n)
{
    struct saved_fds saved = {0};
    int status = 1;

    if (redirect(n->redirs, &saved) == 0)
        status = run_compound(n);
    redirect_undo(&saved);
    return status;
}

static int run_node(struct node *n)
{
    int status;

    switch (n->kind) {
    case NODE_SIMPLE:
        return run_simple(n);
    case NODE_PIPE:
        return run_pipe(n);
    case NODE_BACK:
        return run_background(n);
    case NODE_SUB:
        return run_subshell(n);
    case NODE_NOT:
        return !run(n->left);
    case NODE_SEQ:
        status = run(n->left);
        return stopping() ? status : run(n->right);
    case NODE_AND:
        status = run(n->left);
        return status || stopping() ? status : run(n->right);
    case NODE_OR:
        status = run(n->left);
        return status == 0 || stopping() ? status : run(n->right);
    default:
        return run_redirected(n);
    }
}

int run(struct node *n)
{
    last_status = run_node(n);
    if (exit_on_error && last_status && n->kind == NODE_SIMPLE)
        leave(last_status);
    return last_status;
}

/* Runs every line of a text; `what` names it in a complaint about its syntax. */
int run_text(const char *text, const char *what)
{
    char error[80];
    int status = 0;

    for (;;) {
        struct arena arena = {0};
        struct node *tree;
        enum parse_result result = parse(&text, &arena, &tree, error, sizeof(error));

        if (result == PARSE_OK)
            status = run(tree);
        arena_free(&arena);
        if (result == PARSE_END || interrupted)
            return status;
        if (result != PARSE_OK) {
            complain("%s: %s", what, error);
            return last_status = 2;
        }
        if (stopping() && !loop_depth)
            breaking = continuing = 0;
    }
}
