/*
 * main.c - make grade: reads the cases, runs a few at a time, prints the score.
 *
 * grade [-b BUILD] [-j JOBS] [-t SCALE] [-d CASES] [-l] [PATTERN...]
 *
 * Each case runs in a process of its own (case_run()), so that a fault of the grader is a failed
 * case and no more. One line a case as it ends, then points, time by part, and last
 * "N passed, N failed". Exit status 0 only if none failed.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "case.h"
#include "image.h"
#include "machine.h"
#include "run.h"
#include "score.h"

struct options {
    struct config config;
    const char *dir;
    int jobs;
    bool list;
    char **patterns;
    int npatterns;
};

static bool is_selected(const struct options *o, const struct grade_case *c)
{
    for (int i = 0; i < o->npatterns; i++)
        if (case_selected(c, o->patterns[i]))
            return true;
    return o->npatterns == 0;
}

static void case_add(const struct options *o, struct score *score, struct grade_case *c)
{
    if (!c->matrix_key) {
        if (is_selected(o, c))
            score_add(score, c);
        return;
    }
    for (int i = 0; i < c->nmatrix; i++) {
        struct grade_case *variant = case_variant(c, i);

        if (is_selected(o, variant))
            score_add(score, variant);
    }
}

static int is_case(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');

    return dot && dot != entry->d_name && strcmp(dot, ".case") == 0;
}

/* Reads every case; false if one cannot be understood. */
static bool cases_load(const struct options *o, struct score *score)
{
    struct dirent **entries;
    int n = scandir(o->dir, &entries, is_case, alphasort);
    bool good = n > 0;

    if (n <= 0)
        fprintf(stderr, "no cases in %s\n", o->dir);
    for (int i = 0; i < n; i++) {
        char path[1024], err[256], *text;
        size_t len;
        struct grade_case *c = NULL;

        snprintf(path, sizeof path, "%s/%s", o->dir, entries[i]->d_name);
        *strrchr(entries[i]->d_name, '.') = 0;
        if (host_read(path, &text, &len))
            c = case_parse(entries[i]->d_name, text, err, sizeof err);
        else
            snprintf(err, sizeof err, "%.100s: %s", path, strerror(errno));
        if (c) {
            case_add(o, score, c);
        } else {
            fprintf(stderr, "%s\n", err);
            good = false;
        }
    }
    return good;
}

static bool score_has(const struct score *score, const char *name)
{
    for (int i = 0; i < score->n; i++)
        if (strcmp(score->entries[i].c->name, name) == 0)
            return true;
    return false;
}

/*
 * Every program t_NAME of the image is a case t-NAME of its own, which runs it and wants status 0,
 * unless there is a file t-NAME.case: so a new test is one new file in user/tests.
 */
static void cases_from_programs(const struct options *o, struct score *score)
{
    char path[1024], *list, err[256];
    size_t len;

    snprintf(path, sizeof path, "%s/fs.list", o->config.build);
    if (!host_read(path, &list, &len))
        return;
    for (char *item = strtok(list, "\n"); item; item = strtok(NULL, "\n")) {
        char name[64], text[128], file[1200];

        if (sscanf(item, "/bin/t_%50[^=]", name) != 1)
            continue;
        snprintf(text, sizeof text, "title t_%.50s\nrun t_%.50s\n", name, name);
        memmove(name + 2, name, strlen(name) + 1);
        memcpy(name, "t-", 2);
        snprintf(file, sizeof file, "%.1000s/%s.case", o->dir, name);
        if (access(file, F_OK) && !score_has(score, name))
            case_add(o, score, case_parse(name, text, err, sizeof err));
    }
}

static pid_t case_fork(const struct options *o, const struct grade_case *c)
{
    pid_t pid;

    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        _exit(case_run(&o->config, c));
    }
    return pid;
}

static void entry_end(const struct options *o, struct score *score, pid_t pid, int status)
{
    for (int i = 0; i < score->n; i++) {
        struct entry *e = &score->entries[i];
        char path[1024], *text = NULL;
        size_t len;

        if (e->pid != pid)
            continue;
        e->pid = 0;
        e->seconds = (clock_ms() - e->start_ms) / 1000.0;
        e->verdict = WIFEXITED(status) ? WEXITSTATUS(status) : VERDICT_FAIL;
        snprintf(path, sizeof path, "%s/grade/%s.report", o->config.build, e->c->name);
        if (!host_read(path, &text, &len))
            text = "the grader itself failed\n";
        score_print_entry(e, text);
    }
}

static void cases_run(const struct options *o, struct score *score)
{
    int running = 0, next = 0;

    while (next < score->n || running > 0) {
        int status;

        if (next < score->n && running < o->jobs) {
            struct entry *e = &score->entries[next++];

            e->start_ms = clock_ms();
            e->pid = case_fork(o, e->c);
            running++;
            continue;
        }
        pid_t pid = wait(&status);

        entry_end(o, score, pid, status);
        running--;
    }
}

static bool options_parse(struct options *o, int argc, char **argv)
{
    int option;

    while ((option = getopt(argc, argv, "b:j:t:d:l")) != -1) {
        switch (option) {
        case 'b':
            o->config.build = optarg;
            break;
        case 'j':
            o->jobs = atoi(optarg);
            break;
        case 't':
            o->config.scale = atoi(optarg);
            break;
        case 'd':
            o->dir = optarg;
            break;
        case 'l':
            o->list = true;
            break;
        default:
            return false;
        }
    }
    o->patterns = argv + optind;
    o->npatterns = argc - optind;
    return o->jobs > 0 && o->config.scale > 0;
}

int main(int argc, char **argv)
{
    struct options o = {.config = {"build", getenv("QEMU"), 1}, .dir = "grade/cases", .jobs = 2};
    struct score score = {0};
    char dir[1024];
    bool good;

    if (!options_parse(&o, argc, argv)) {
        fprintf(stderr, "usage: grade [-b BUILD] [-j JOBS] [-t SCALE] [-d CASES] [-l] [PART...]\n");
        return 2;
    }
    if (!o.config.qemu || !*o.config.qemu)
        o.config.qemu = "qemu-system-riscv64";
    signal(SIGPIPE, SIG_IGN);
    snprintf(dir, sizeof dir, "%s:/usr/sbin:/sbin", getenv("PATH") ? getenv("PATH") : "/bin");
    setenv("PATH", dir, 1);
    snprintf(dir, sizeof dir, "%s/grade", o.config.build);
    mkdir(dir, 0777);
    good = cases_load(&o, &score);
    cases_from_programs(&o, &score);
    if (o.list)
        return score_print_list(&score), !good;
    cases_run(&o, &score);
    return score_print_total(&score, !good) ? 0 : 1;
}
