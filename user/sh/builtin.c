/*
 * builtin.c - commands that the shell runs itself: those that change the shell, and a few small
 * ones that are used often.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sh.h"

extern char **environ;

static int do_cd(int argc, char **argv)
{
    const char *to = argc > 1 ? argv[1] : variable("HOME");
    char cwd[PATH_MAX];

    if (!to || !*to)
        to = "/";
    if (strcmp(to, "-") == 0) {
        to = variable("OLDPWD");
        if (!to) {
            complain("cd: no directory before this one");
            return 1;
        }
        puts(to);
    }
    if (getcwd(cwd, sizeof(cwd)))
        variable_set("OLDPWD", cwd);
    if (chdir(to)) {
        complain("cd: %s: %s", to, strerror(errno));
        return 1;
    }
    if (getcwd(cwd, sizeof(cwd)))
        variable_set("PWD", cwd);
    return 0;
}

static int do_pwd(int argc, char **argv)
{
    char cwd[PATH_MAX];

    (void)argc;
    (void)argv;
    if (!getcwd(cwd, sizeof(cwd))) {
        complain("pwd: %s", strerror(errno));
        return 1;
    }
    puts(cwd);
    return 0;
}

static int do_exit(int argc, char **argv)
{
    leave(argc > 1 ? atoi(argv[1]) : last_status);
}

static int do_export(int argc, char **argv)
{
    if (argc == 1)
        for (char **e = environ; *e; e++)
            puts(*e);
    for (int i = 1; i < argc; i++) {
        char *equals = strchr(argv[i], '=');

        if (equals)
            *equals = '\0';
        if (!is_name(argv[i], strlen(argv[i]))) {
            complain("export: %s: not a name", argv[i]);
            return 1;
        }
        if (equals)
            variable_set(argv[i], equals + 1);
        variable_export(argv[i]);
    }
    return 0;
}

static int do_unset(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        variable_unset(argv[i]);
    return 0;
}

static int do_umask(int argc, char **argv)
{
    mode_t mask;

    if (argc > 1) {
        umask((mode_t)strtoul(argv[1], NULL, 8));
        return 0;
    }
    mask = umask(0);
    umask(mask);
    printf("%04o\n", (unsigned)mask);
    return 0;
}

static int do_wait(int argc, char **argv)
{
    int status = 0;

    if (argc == 1)
        job_wait_all();
    for (int i = 1; i < argc; i++)
        status = job_wait_pid(*argv[i] == '%' ? job_group(argv[i]) : atoi(argv[i]));
    return interrupted ? 128 + SIGINT : status;
}

static int do_jobs(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    job_list();
    return 0;
}

static int do_fg(int argc, char **argv)
{
    return job_resume(argc > 1 ? argv[1] : NULL, 1);
}

static int do_bg(int argc, char **argv)
{
    return job_resume(argc > 1 ? argv[1] : NULL, 0);
}

static int do_kill(int argc, char **argv)
{
    int sig = SIGTERM, i = 1, status = 0;

    if (argc == 2 && strcmp(argv[1], "-l") == 0)
        return system("/bin/kill -l");
    if (argc > 1 && *argv[1] == '-' && argv[1][1]) {
        if (str2sig(argv[1] + 1, &sig)) {
            complain("kill: %s: no such signal", argv[1] + 1);
            return 2;
        }
        i++;
    }
    if (i >= argc) {
        complain("usage: kill [-SIGNAL] PID|%%JOB ...");
        return 2;
    }
    for (; i < argc; i++) {
        pid_t group = *argv[i] == '%' ? job_group(argv[i]) : 0;

        if (*argv[i] == '%' && !group) {
            status = 1;
        } else if (group && sig == SIGCONT) { /* the job table must know */
            status |= job_resume(argv[i], 0);
        } else if (kill(group ? -group : atoi(argv[i]), sig)) {
            complain("kill: %s: %s", argv[i], strerror(errno));
            status = 1;
        }
    }
    return status;
}

static int do_echo(int argc, char **argv)
{
    int newline = argc < 2 || strcmp(argv[1], "-n") != 0;

    for (int i = newline ? 1 : 2; i < argc; i++)
        printf("%s%s", argv[i], i + 1 < argc ? " " : "");
    if (newline)
        putchar('\n');
    return fflush(stdout) ? 1 : 0;
}

static int do_true(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return 0;
}

static int do_false(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return 1;
}

static int do_shift(int argc, char **argv)
{
    int by = argc > 1 ? atoi(argv[1]) : 1;

    if (by < 0 || by > parameter_count)
        return 1;
    parameters[by] = parameters[0];
    parameters += by;
    parameter_count -= by;
    return 0;
}

static int do_break(int argc, char **argv)
{
    int levels = argc > 1 ? atoi(argv[1]) : 1;

    if (!loop_depth || levels < 1) {
        complain("%s: not in a loop", argv[0]);
        return 1;
    }
    if (levels > loop_depth)
        levels = loop_depth;
    *(*argv[0] == 'b' ? &breaking : &continuing) = levels;
    return 0;
}

static int do_eval(int argc, char **argv)
{
    char *text;
    size_t len = 1;
    int status;

    for (int i = 1; i < argc; i++)
        len += strlen(argv[i]) + 1;
    text = must_alloc(calloc(1, len));
    for (int i = 1; i < argc; i++) {
        strcat(text, argv[i]);
        strcat(text, i + 1 < argc ? " " : "");
    }
    status = run_text(text, "eval");
    free(text);
    return status;
}

static int do_source(int argc, char **argv)
{
    struct stat st;
    char *text;
    ssize_t n;
    int fd, status;

    if (argc < 2)
        return 2;
    fd = open(argv[1], O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st)) {
        complain("%s: %s", argv[1], strerror(errno));
        return 1;
    }
    text = must_alloc(calloc(1, (size_t)st.st_size + 1));
    n = read(fd, text, (size_t)st.st_size);
    close(fd);
    status = n < 0 ? 1 : run_text(text, argv[1]);
    free(text);
    return status;
}

static int do_set(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        int on = *argv[i] == '-';

        for (const char *p = argv[i] + 1; *p; p++) {
            if (*p == 'e')
                exit_on_error = on;
            else if (*p == 'x')
                trace_commands = on;
        }
    }
    return 0;
}

/* Byte by byte, so that what follows the line is left for the next reader. */
static int do_read(int argc, char **argv)
{
    char line[1024], c, *p = line;
    size_t len = 0;
    ssize_t n;

    while ((n = read(0, &c, 1)) == 1 && c != '\n')
        if (len + 1 < sizeof(line))
            line[len++] = c;
    line[len] = '\0';
    for (int i = 1; i < argc; i++) {
        char *end;

        while (isspace((unsigned char)*p))
            p++;
        end = i + 1 == argc ? p + strlen(p) : p + strcspn(p, " \t");
        if (*end)
            *end++ = '\0';
        variable_set(argv[i], p);
        p = end;
    }
    return n == 1 || len ? 0 : 1;
}

static int do_help(int argc, char **argv);
static int do_type(int argc, char **argv);

static const struct {
    const char *name;
    builtin_fn function;
} table[] = {
    {".", do_source},  {":", do_true},         {"bg", do_bg},       {"break", do_break},
    {"cd", do_cd},     {"continue", do_break}, {"echo", do_echo},   {"eval", do_eval},
    {"exit", do_exit}, {"export", do_export},  {"false", do_false}, {"fg", do_fg},
    {"help", do_help}, {"jobs", do_jobs},      {"kill", do_kill},   {"pwd", do_pwd},
    {"read", do_read}, {"set", do_set},        {"shift", do_shift}, {"source", do_source},
    {"true", do_true}, {"type", do_type},      {"umask", do_umask}, {"unset", do_unset},
    {"wait", do_wait},
};

builtin_fn builtin_find(const char *name)
{
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (strcmp(table[i].name, name) == 0)
            return table[i].function;
    return NULL;
}

static int do_help(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    printf("Programs are in /bin. The shell itself knows:\n ");
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        printf(" %s", table[i].name);
    printf(
        " exec\n  a | b   a && b   a || b   a; b   a &   ( a )   { a; }   ! a\n"
        "  < > >> 2> 2>&1 <<END   'x' \"$x\" \\x   $VAR ${VAR:-x} $? $$ $! $# $@ $(a) $((1 + x))\n"
        "  if while until for   * ? [a-z]\n");
    return 0;
}

static int do_type(int argc, char **argv)
{
    int status = 0;

    for (int i = 1; i < argc; i++) {
        char path[PATH_MAX];

        snprintf(path, sizeof(path), "%s%s", strchr(argv[i], '/') ? "" : "/bin/", argv[i]);
        if (builtin_find(argv[i])) {
            printf("%s: in the shell\n", argv[i]);
        } else if (access(path, X_OK) == 0) {
            printf("%s: %s\n", argv[i], path);
        } else {
            printf("%s: not found\n", argv[i]);
            status = 1;
        }
    }
    return status;
}
