/*
 * xargs.c - runs a command (echo) with the words of standard input as further arguments; -n N at
 * most so many at once. Status 123 if a run failed, as users know it.
 */
#include <ctype.h>
#include <duality/tool.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORD_MAX = 4096, ARGS_MAX = 512 };

static char *command[ARGS_MAX + 2];
static int fixed, bad;

static void run(int count)
{
    int status;
    pid_t pid;

    command[count] = NULL;
    fflush(NULL);
    pid = fork();
    if (pid < 0)
        tool_die("fork");
    if (pid == 0) {
        execvp(command[0], command);
        tool_errno(command[0]);
        _exit(errno == ENOENT ? 127 : 126);
    }
    if (waitpid(pid, &status, 0) != pid || status != 0)
        bad = 123;
    while (count > fixed)
        free(command[--count]);
}

/* The next word of standard input, quotes removed; NULL at its end. */
static char *next_word(void)
{
    static char word[WORD_MAX];
    size_t len = 0;
    int c, quote = 0;

    do
        c = getchar();
    while (c != EOF && isspace(c));
    if (c == EOF)
        return NULL;
    for (; c != EOF && (quote || !isspace(c)); c = getchar()) {
        if (quote ? c == quote : c == '\'' || c == '"')
            quote = quote ? 0 : c;
        else if (len + 1 < sizeof(word))
            word[len++] = (char)c;
    }
    word[len] = '\0';
    return strdup(word);
}

int main(int argc, char **argv)
{
    int option, most = ARGS_MAX, count;
    char *word;

    while ((option = getopt(argc, argv, "+n:")) != -1) {
        if (option != 'n')
            tool_usage("[-n COUNT] [COMMAND [ARG...]]");
        most = (int)tool_number(optarg);
    }
    for (; optind < argc && fixed < ARGS_MAX / 2; optind++)
        command[fixed++] = argv[optind];
    if (fixed == 0)
        command[fixed++] = (char *)"echo";
    if (most < 1 || most > ARGS_MAX - fixed)
        most = ARGS_MAX - fixed;
    count = fixed;
    while ((word = next_word())) {
        command[count++] = word;
        if (count - fixed == most) {
            run(count);
            count = fixed;
        }
    }
    if (count > fixed)
        run(count);
    return bad;
}
