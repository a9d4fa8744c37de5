/*
 * run.c - the judge: one case, step by step, on its own image and machine.
 *
 * Every wait has a deadline, every wait looks for forbidden words, and nothing ever sleeps for a
 * fixed time. A failing step leaves one line in `why` and ends the case. session.c knows how to
 * talk to the shell; this file knows the steps and what is looked at when the machine is off.
 */
#include "run.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "image.h"
#include "session.h"

static bool image_judge_fsck(struct session *s)
{
    char *out;

    if (image_fsck(s->image, &out))
        return true;
    return session_fail(s, "e2fsck -fn finds faults:\n%s", out);
}

/* After an orderly end the file system must be clean. */
static bool machine_off_judge(struct session *s, long status)
{
    if (!session_wait_off(s))
        return false;
    if (status >= 0 && s->machine.status != status)
        return session_fail(s, "the machine ended with status %d, not %ld", s->machine.status,
                            status);
    return !s->c->fsck || s->c->ram_disk || image_judge_fsck(s);
}

static bool step_poweroff(struct session *s)
{
    return session_line(s, "poweroff") && machine_off_judge(s, 0);
}

static bool step_file(struct session *s, const struct step *step)
{
    char *have, *want = step->text;
    size_t have_len, want_len = step->text_len;

    if (s->machine.pid)
        return session_fail(s, "the machine is still on");
    if (step->kind == STEP_FILE_ABSENT)
        return !image_exists(s->image, step->arg) ||
               session_fail(s, "%s is in the image", step->arg);
    if (!image_exists(s->image, step->arg))
        return session_fail(s, "%s is not in the image", step->arg);
    if (step->kind == STEP_FILE_SAME && !host_read(step->text, &want, &want_len))
        return session_fail(s, "cannot read %s", step->text);
    image_read(s->image, step->arg, &have, &have_len);
    for (size_t i = 0; i < have_len && i < want_len; i++)
        if (have[i] != want[i])
            return session_fail(s, "%s: byte %zu is 0x%02x, not 0x%02x", step->arg, i,
                                (unsigned char)have[i], (unsigned char)want[i]);
    return have_len == want_len ||
           session_fail(s, "%s has %zu bytes, not %zu", step->arg, have_len, want_len);
}

static bool step_host(struct session *s, const struct step *step)
{
    char *argv[] = {"sh", "-c", step->text, NULL};
    char *out;
    size_t len;
    int status;

    setenv("IMG", s->image, 1);
    setenv("BUILD", s->config->build, 1);
    status = host_run(argv, true, &out, &len);
    return status == 0 || session_fail(s, "host command ended with status %d:\n%s", status, out);
}

/* kcheck prints "kcheck: ok free=N"; without such a program in the image nothing is checked. */
static bool frames_check(struct session *s, long *frames)
{
    const char *found;

    *frames = -1;
    if (!s->c->check || !image_has_program(s->config->build, "kcheck"))
        return true;
    if (!session_command(s, "kcheck -m", 0))
        return false;
    found = strstr(s->out.data + s->out.pos, "kcheck: ok free=");
    if (!found)
        return session_fail(s, "kcheck says no \"kcheck: ok free=N\"");
    *frames = strtol(strchr(found, '=') + 1, NULL, 10);
    return true;
}

static bool step_baseline(struct session *s)
{
    return frames_check(s, &s->baseline);
}

static bool step_boot(struct session *s)
{
    if (s->machine.pid)
        return session_fail(s, "the machine is already on");
    return session_start(s) && session_prompt(s) && step_baseline(s);
}

static bool step_crash(struct session *s)
{
    machine_kill(&s->machine);
    return true;
}

static bool step_ctrl(struct session *s, const struct step *step)
{
    char c = step->text[0] & 0x1f;

    return session_type(s, &c, 1);
}

static bool step_do(struct session *s, const struct step *step)
{
    switch (step->kind) {
    case STEP_BOOT:
        return step_boot(s);
    case STEP_START:
        return session_start(s);
    case STEP_RUN:
        return session_command(s, step->text, step->number);
    case STEP_SEND:
        return session_line(s, step->text);
    case STEP_TYPE:
        return session_type(s, step->text, step->text_len);
    case STEP_CTRL:
        return step_ctrl(s, step);
    case STEP_EXPECT:
        return session_expect(s, step->text, step->text_len);
    case STEP_MATCH:
        return session_match(s, step->text);
    case STEP_REJECT:
        return session_reject(s, step->text);
    case STEP_PROMPT:
        return session_prompt(s);
    case STEP_TIMEOUT:
        s->wait_s = step->number;
        return true;
    case STEP_BASELINE:
        return step_baseline(s);
    case STEP_POWEROFF:
        return step_poweroff(s);
    case STEP_CRASH:
        return step_crash(s);
    case STEP_EXITS:
        return machine_off_judge(s, step->number);
    case STEP_FSCK:
        return image_judge_fsck(s);
    case STEP_HOST:
        return step_host(s, step);
    default:
        return step_file(s, step);
    }
}

/* What every case must leave behind: a sound kernel, its frames, and a clean file system. */
static bool case_end(struct session *s)
{
    long frames;

    s->line = 0;
    if (!s->machine.pid)
        return true;
    if (!frames_check(s, &frames))
        return false;
    if (frames >= 0 && s->baseline >= 0 && frames + s->c->slack < s->baseline)
        return session_fail(s, "%ld frames not given back (%ld free, %ld before)",
                            s->baseline - frames, frames, s->baseline);
    return step_poweroff(s);
}

/* All steps; the starting ones only the first time when the steps are repeated. */
static bool steps_do(struct session *s, int round)
{
    for (int i = 0; i < s->c->nsteps; i++) {
        const struct step *step = &s->c->steps[i];

        s->line = step->line;
        if (round > 0 && step->kind == STEP_BOOT && s->machine.pid)
            continue;
        if (!step_do(s, step))
            return false;
    }
    return true;
}

static bool case_do(struct session *s)
{
    char *out;

    if (!image_make(s->config->build, s->c, s->image, &out))
        return session_fail(s, "mkfs failed: %s", out);
    for (int round = 0; round < s->c->repeat; round++) {
        if (!steps_do(s, round))
            return false;
        /* with repetition the first round warms the caches, and the rest must cost nothing */
        if (round == 0 && s->c->repeat > 1 && s->machine.pid && !step_baseline(s))
            return false;
    }
    return case_end(s);
}

static enum verdict report(const char *path, enum verdict verdict, const char *why,
                           const char *tail)
{
    FILE *file = fopen(path, "w");

    if (file) {
        fprintf(file, "%s\n", why);
        for (const char *line = tail; *line;) {
            size_t len = strcspn(line, "\n");

            fprintf(file, "      | %.*s\n", (int)len, line);
            line += len + (line[len] == '\n');
        }
        fclose(file);
    }
    return verdict;
}

enum verdict case_run(const struct config *config, const struct grade_case *c)
{
    struct session s = {.config = config, .c = c, .wait_s = c->timeout_s, .baseline = -1};
    char *base, *path, *log;
    bool passed;

    if (asprintf(&base, "%s/grade/%s", config->build, c->name) < 0 ||
        asprintf(&s.image, "%s.img", base) < 0 || asprintf(&path, "%s.report", base) < 0 ||
        asprintf(&log, "%s.log", base) < 0)
        abort();
    for (int i = 0; i < c->nneeds; i++)
        if (!image_has_program(config->build, c->needs[i])) {
            snprintf(s.why, sizeof s.why, "there is no program %s", c->needs[i]);
            return report(path, VERDICT_SKIP, s.why, "");
        }
    s.machine.out = &s.out;
    s.machine.log = fopen(log, "w");
    s.end_ms = clock_ms() + c->limit_s * 1000LL * config->scale;
    passed = case_do(&s);
    machine_kill(&s.machine);
    if (s.machine.log)
        fclose(s.machine.log);
    if (!passed)
        return report(path, VERDICT_FAIL, s.why, stream_tail(&s.out, 30));
    unlink(s.image);
    return report(path, VERDICT_PASS, "", "");
}
