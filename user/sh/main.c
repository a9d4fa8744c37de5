/*
 * main.c - sh: a shell.
 *
 *   sh [-eix]                      commands from standard input
 *   sh [-ex] -c COMMAND [NAME ARG...]
 *   sh [-ex] FILE [ARG...]
 *
 * It is interactive when standard input is a terminal (or with -i): it prompts, gives every job
 * a process group, and outlives ^C. Standard input is read byte by byte, so that a command
 * in the middle of it can read what follows.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sh.h"

int interactive;
int parameter_count;
char **parameters;

void leave(int status)
{
    fflush(stdout);
    exit(status);
}

static void usage(void)
{
    fprintf(stderr, "usage: sh [-eix] [-c COMMAND [NAME ARG...] | FILE [ARG...]]\n");
    exit(2);
}

struct input {
    char *text;
    size_t len, room;
};

/* Adds a line to the text. Returns 0 at the end of input, -1 when ^C threw the line away. */
static int read_line(struct input *in)
{
    char c = 0;

    while (c != '\n') {
        ssize_t n = read(0, &c, 1);

        if (n < 0 && errno == EINTR) {
            if (interrupted)
                return -1;
            continue;
        }
        if (n <= 0)
            return in->len > 0;
        if (in->len + 2 > in->room) {
            in->room = in->room ? in->room * 2 : 256;
            in->text = must_alloc(realloc(in->text, in->room));
        }
        in->text[in->len++] = c;
        in->text[in->len] = '\0';
    }
    return 1;
}

static void prompt(int more)
{
    if (!interactive)
        return;
    if (!more)
        job_report_changes();
    fputs(more ? "> " : "$ ", stdout);
    fflush(stdout);
}

/* Runs one complete line, which may be several as typed. Returns 0 at the end of input. */
static int interact_once(struct input *in)
{
    char error[80];
    int more = 0, got;

    interrupted = 0;
    in->len = 0;
    for (;;) {
        struct arena arena = {0};
        struct node *tree;
        const char *text;
        enum parse_result result;
        size_t before = in->len;

        prompt(more);
        got = read_line(in);
        if (got < 0) {
            putchar('\n');
            return 1;
        }
        if (!got)
            return 0;
        text = in->text;
        result = parse(&text, &arena, &tree, error, sizeof(error));
        if (result == PARSE_OK)
            run(tree);
        arena_free(&arena);
        if (interrupted)
            last_status = 128 + SIGINT;
        if (result != PARSE_MORE || in->len == before) {
            if (result == PARSE_ERROR || result == PARSE_MORE) {
                complain("%s", error);
                last_status = 2;
            }
            breaking = continuing = 0;
            return 1;
        }
        more = 1;
    }
}

static int run_input(void)
{
    struct input in = {0};

    while (interact_once(&in))
        ;
    if (interactive)
        putchar('\n');
    free(in.text);
    return last_status;
}

static int run_file(const char *path)
{
    struct input in = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n;

    if (fd < 0) {
        complain("%s: %s", path, strerror(errno));
        return 127;
    }
    do {
        in.room += 4096;
        in.text = must_alloc(realloc(in.text, in.room));
        n = read(fd, in.text + in.len, in.room - in.len - 1);
        in.len += n > 0 ? (size_t)n : 0;
    } while (n > 0);
    close(fd);
    if (n < 0) {
        complain("%s: %s", path, strerror(errno));
        return 126;
    }
    in.text[in.len] = '\0';
    return run_text(in.text, path);
}

int main(int argc, char **argv)
{
    const char *command = NULL;
    int option;

    while ((option = getopt(argc, argv, "+c:eix")) != -1) {
        if (option == 'c')
            command = optarg;
        else if (option == 'e')
            exit_on_error = 1;
        else if (option == 'i')
            interactive = 1;
        else if (option == 'x')
            trace_commands = 1;
        else
            usage();
    }
    parameters = argv + (optind < argc ? optind : 0);
    parameter_count = optind < argc ? argc - optind - 1 : 0;
    if (!variable("PATH"))
        setenv("PATH", "/bin", 1);
    if (command)
        leave(run_text(command, "-c"));
    if (optind < argc)
        leave(run_file(argv[optind]));
    if (isatty(0))
        interactive = 1;
    if (interactive)
        job_control_start();
    leave(run_input());
}
