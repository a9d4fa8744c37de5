/*
 * job.c - jobs: the processes of one command line, their group, their end.
 *
 * All children except those of $() are in a job here, and all are waited for by waitpid(-1) in
 * one place, note(). With job control (a person types) every job is a process group and the
 * terminal belongs to the one in front. A child that a signal killed is reported, with the
 * pager's verdict where the kernel sent one in the wait status.
 */
#include <duality/errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sh.h"

enum job_state { JOB_RUNNING, JOB_STOPPED, JOB_DONE };

struct process {
    pid_t pid;
    int status; /* of waitpid() */
    int done;
};

struct job {
    struct job *next;
    int id;
    pid_t group;
    enum job_state state;
    int front, known; /* known: the user was told of it, and is told of its end */
    char *source;
    struct process *process;
    int count;
};

pid_t last_background;
static struct job *jobs;
static pid_t shell_group;

static const int job_signals[] = {SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU};
enum { JOB_SIGNALS = sizeof(job_signals) / sizeof(job_signals[0]) };

static void note_interrupt(int sig)
{
    (void)sig;
    interrupted = 1;
}

void job_control_start(void)
{
    struct sigaction act = {.sa_handler = note_interrupt};

    for (int i = 0; i < JOB_SIGNALS; i++)
        signal(job_signals[i], SIG_IGN);
    sigaction(SIGINT, &act, NULL);
    setpgid(0, 0);
    shell_group = getpgrp();
    tcsetpgrp(0, shell_group);
}

struct job *job_new(const char *source, size_t len)
{
    struct job *j = must_alloc(calloc(1, sizeof(*j))), *other;

    j->source = must_alloc(strndup(source, len));
    j->front = 1;
    j->id = 1;
    for (other = jobs; other; other = other->next)
        if (other->id >= j->id)
            j->id = other->id + 1;
    j->next = jobs;
    jobs = j;
    return j;
}

static void job_free(struct job *j)
{
    struct job **link;

    for (link = &jobs; *link != j; link = &(*link)->next)
        ;
    *link = j->next;
    free(j->source);
    free(j->process);
    free(j);
}

/* In a new child: its group and terminal, signals as a program expects them, no jobs. */
static void child_setup(struct job *j, int background)
{
    if (interactive) {
        setpgid(0, j->group);
        if (!background)
            tcsetpgrp(0, getpgrp());
        for (int i = 0; i < JOB_SIGNALS; i++)
            signal(job_signals[i], SIG_DFL);
    } else if (background) {
        int null = open("/dev/null", O_RDONLY);

        if (null > 0) {
            dup2(null, 0);
            close(null);
        }
        signal(SIGINT, SIG_IGN);
        signal(SIGQUIT, SIG_IGN);
    }
    interactive = 0;
    jobs = NULL;
}

/* Forks a process of the job. Returns 0 in the child, -1 (reported) if there is none. */
pid_t job_fork(struct job *j, int background)
{
    pid_t pid;

    fflush(NULL);
    pid = fork();
    if (pid == 0) {
        child_setup(j, background);
        return 0;
    }
    if (pid < 0) {
        complain("fork: %s", strerror(errno));
        return -1;
    }
    if (!j->group)
        j->group = pid;
    if (interactive) {
        setpgid(pid, j->group);
        if (!background)
            tcsetpgrp(0, j->group);
    }
    j->process = must_alloc(realloc(j->process, (size_t)(j->count + 1) * sizeof(*j->process)));
    j->process[j->count++] = (struct process){.pid = pid};
    return pid;
}

int job_status(int status)
{
    if (WIFEXITED(status))
        return WEXITSTATUS(status);
    return 128 + (WIFSTOPPED(status) ? WSTOPSIG(status) : WTERMSIG(status));
}

static void report_death(pid_t pid, int status)
{
    int sig = WTERMSIG(status), fault = WFAULTERR(status);
    const char *name = errno_name(fault);

    fflush(stdout);
    if (sig == SIGINT)
        fputc('\n', stderr);
    else if (fault)
        fprintf(stderr, "pid %d: %s: %s (%s)\n", pid, strsignal(sig), strerror(fault),
                name ? name : "?");
    else if (sig != SIGPIPE)
        fprintf(stderr, "pid %d: %s\n", pid, strsignal(sig));
}

static void update_state(struct job *j)
{
    int running = 0, stopped = 0;

    for (int i = 0; i < j->count; i++) {
        running += !j->process[i].done && !WIFSTOPPED(j->process[i].status);
        stopped += !j->process[i].done && WIFSTOPPED(j->process[i].status);
    }
    j->state = running ? JOB_RUNNING : stopped ? JOB_STOPPED : JOB_DONE;
}

/* What waitpid() said about a child goes into its job. */
static void note(pid_t pid, int status)
{
    for (struct job *j = jobs; j; j = j->next) {
        for (int i = 0; i < j->count; i++) {
            if (j->process[i].pid != pid || j->process[i].done)
                continue;
            j->process[i].status = status;
            j->process[i].done = !WIFSTOPPED(status);
            if (WIFSIGNALED(status)) {
                report_death(pid, status);
                if (j->front && interactive && WTERMSIG(status) == SIGINT)
                    interrupted = 1;
            }
            update_state(j);
            return;
        }
    }
}

static int wait_once(int options)
{
    int status;
    pid_t pid = waitpid(-1, &status, options);

    if (pid > 0)
        note(pid, status);
    return pid > 0 ? 1 : pid == 0 ? 0 : -errno;
}

static void say(const struct job *j, const char *state)
{
    fprintf(stderr, "[%d] %-8s %s\n", j->id, state, j->source);
}

static int result_of(const struct job *j)
{
    return j->count ? job_status(j->process[j->count - 1].status) : 1;
}

/* Waits until the job in front has ended or stopped, and takes the terminal back. */
int job_wait(struct job *j)
{
    int status;

    update_state(j);
    while (j->state == JOB_RUNNING) {
        if (wait_once(WUNTRACED) == -ECHILD) {
            for (int i = 0; i < j->count; i++)
                j->process[i].done = 1;
            update_state(j);
        }
    }
    if (interactive)
        tcsetpgrp(0, shell_group);
    status = result_of(j);
    if (j->state == JOB_STOPPED) {
        j->front = 0;
        j->known = 1;
        fputc('\n', stderr);
        say(j, "Stopped");
    } else {
        job_free(j);
    }
    return status;
}

void job_background(struct job *j)
{
    j->front = 0;
    if (interactive) {
        j->known = 1;
        fprintf(stderr, "[%d] %d\n", j->id, j->process[0].pid);
    }
}

/* Before a prompt: collects children that have ended and says which jobs are done. */
void job_report_changes(void)
{
    struct job *j, *next;

    while (wait_once(WNOHANG | WUNTRACED) > 0)
        ;
    for (j = jobs; j; j = next) {
        next = j->next;
        if (j->state != JOB_DONE)
            continue;
        if (j->known)
            say(j, result_of(j) ? "Failed" : "Done");
        job_free(j);
    }
}

/* `wait PID`: the status of that child; 127 if there is no such. */
int job_wait_pid(pid_t pid)
{
    for (struct job *j = jobs; j; j = j->next) {
        int status;

        if (j->count == 0 || j->process[j->count - 1].pid != pid)
            continue;
        while (j->state == JOB_RUNNING && !interrupted)
            if (wait_once(0) == -ECHILD)
                j->state = JOB_DONE;
        if (interrupted)
            return 128 + SIGINT;
        status = result_of(j);
        job_free(j);
        return status;
    }
    return 127;
}

static int any_running(void)
{
    for (struct job *j = jobs; j; j = j->next)
        if (j->state == JOB_RUNNING)
            return 1;
    return 0;
}

void job_wait_all(void)
{
    while (any_running() && !interrupted)
        if (wait_once(0) == -ECHILD)
            return;
}

void job_list(void)
{
    job_report_changes();
    for (struct job *j = jobs; j; j = j->next)
        printf("[%d] %-8s pid %d  %s\n", j->id, j->state == JOB_STOPPED ? "Stopped" : "Running",
               j->group, j->source);
}

/* "%2", "2" or, for NULL or "%", the newest. */
static struct job *find(const char *which)
{
    int id = which ? atoi(which + (*which == '%')) : 0;

    for (struct job *j = jobs; j; j = j->next)
        if (j->state != JOB_DONE && (id == 0 || j->id == id))
            return j;
    complain("%s: no such job", which ? which : "current");
    return NULL;
}

pid_t job_group(const char *which)
{
    struct job *j = find(which);

    return j ? j->group : 0;
}

int job_resume(const char *which, int foreground)
{
    struct job *j = find(which);

    if (!j)
        return 1;
    fprintf(stderr, "%s\n", j->source);
    for (int i = 0; i < j->count; i++)
        if (!j->process[i].done)
            j->process[i].status = 0;
    j->front = foreground;
    if (foreground && interactive)
        tcsetpgrp(0, j->group);
    kill(-j->group, SIGCONT);
    update_state(j);
    return foreground ? job_wait(j) : 0;
}
