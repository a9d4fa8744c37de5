/*
 * case.c - the parser of case files: one statement a line, first word decides.
 *
 * Two tables say what there is: `heads` sets a value of the case, `verbs` adds a step. Head
 * statements stand before the first step, so that a reader knows the machine before it runs.
 * Everything is allocated and never freed: the grader is a short-lived program.
 */
#include "case.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct parser {
    struct grade_case *c;
    int line;
    char *err;
    size_t err_len;
};

static bool fail(struct parser *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool fail(struct parser *p, const char *format, ...)
{
    va_list args;
    int used = snprintf(p->err, p->err_len, "%s:%d: ", p->c->name, p->line);

    va_start(args, format);
    if (used >= 0 && (size_t)used < p->err_len)
        vsnprintf(p->err + used, p->err_len - used, format, args);
    va_end(args);
    return false;
}

static int hex_digit(char c)
{
    if (isdigit((unsigned char)c))
        return c - '0';
    c = tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

long text_unescape(char *text)
{
    static const char letters[] = "nrt0e\\", values[] = "\n\r\t\0\033\\";
    char *out = text;

    for (const char *in = text; *in; in++) {
        const char *letter;

        if (*in != '\\') {
            *out++ = *in;
            continue;
        }
        in++;
        if (*in == 'x' && hex_digit(in[1]) >= 0 && hex_digit(in[2]) >= 0) {
            *out++ = hex_digit(in[1]) * 16 + hex_digit(in[2]);
            in += 2;
        } else if (*in && (letter = strchr(letters, *in))) {
            *out++ = values[letter - letters];
        } else {
            return -1;
        }
    }
    *out = 0;
    return out - text;
}

/* A whole decimal number from 0 to max, else false. */
static bool number_parse(const char *text, long max, long *out)
{
    char *end;
    long value = strtol(text, &end, 10);

    if (end == text || *end || value < 0 || value > max)
        return false;
    *out = value;
    return true;
}

/* Cuts the first word off *text and returns it; *text is left at the next one. */
static char *word_cut(char **text)
{
    char *word = *text;
    char *end = word + strcspn(word, " \t");

    *text = end + strspn(end, " \t");
    *end = 0;
    return word;
}

static bool list_add(struct parser *p, char **list, int *count, const char *text)
{
    if (*count == CASE_LIST_MAX)
        return fail(p, "more than %d", CASE_LIST_MAX);
    list[(*count)++] = strdup(text);
    return true;
}

/* --- head statements --- */

static bool head_set(struct parser *p, struct grade_case *c, const char *key, const char *value);

static bool head_matrix(struct parser *p, struct grade_case *c, const char *text)
{
    char *rest = strdup(text);
    struct grade_case probe = *c;

    if (c->matrix_key)
        return fail(p, "a second matrix");
    c->matrix_key = word_cut(&rest);
    while (*rest) {
        char *value = word_cut(&rest);

        if (!head_set(p, &probe, c->matrix_key, value) ||
            !list_add(p, c->matrix, &c->nmatrix, value))
            return false;
    }
    return c->nmatrix > 0 || fail(p, "matrix needs a key and values");
}

static bool head_disk(struct parser *p, struct grade_case *c, const char *text)
{
    c->ram_disk = strcmp(text, "ram") == 0;
    return c->ram_disk || strcmp(text, "virtio") == 0 || fail(p, "disk is ram or virtio");
}

static bool head_yes_no(struct parser *p, bool *flag, const char *text)
{
    *flag = strcmp(text, "yes") == 0 || !*text;
    return *flag || strcmp(text, "no") == 0 || fail(p, "yes or no");
}

/* 1: key known and value good; 0: value bad (error is set); -1: no such key */
static int head_number(struct parser *p, struct grade_case *c, const char *key, const char *value)
{
    const struct {
        const char *key;
        int *field;
        long max;
    } heads[] = {
        {"points", &c->points, 1000},     {"harts", &c->harts, 64},
        {"timeout", &c->timeout_s, 3600}, {"limit", &c->limit_s, 7200},
        {"repeat", &c->repeat, 1000},
    };
    long number;

    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        if (strcmp(key, heads[i].key))
            continue;
        if (!number_parse(value, heads[i].max, &number) || number == 0)
            return fail(p, "%s wants a number from 1 to %ld", key, heads[i].max);
        *heads[i].field = number;
        return 1;
    }
    if (strcmp(key, "slack") == 0)
        return number_parse(value, 1 << 30, &c->slack) || fail(p, "slack wants a number");
    return -1;
}

static int head_text(struct grade_case *c, const char *key, const char *value)
{
    const struct {
        const char *key;
        char **field;
    } heads[] = {
        {"title", &c->title},     {"part", &c->part},   {"mem", &c->mem},
        {"fs_size", &c->fs_size}, {"block", &c->block}, {"append", &c->append},
    };

    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        if (strcmp(key, heads[i].key) == 0 && *value) {
            *heads[i].field = strdup(value);
            return 1;
        }
    }
    return -1;
}

static bool head_set(struct parser *p, struct grade_case *c, const char *key, const char *value)
{
    int done = head_number(p, c, key, value);

    if (done < 0)
        done = head_text(c, key, value);
    if (done >= 0)
        return done;
    if (strcmp(key, "disk") == 0)
        return head_disk(p, c, value);
    if (strcmp(key, "icount") == 0)
        return head_yes_no(p, &c->icount, value);
    if (strcmp(key, "check") == 0)
        return head_yes_no(p, &c->check, value);
    if (strcmp(key, "autofsck") == 0)
        return head_yes_no(p, &c->fsck, value);
    if (strcmp(key, "matrix") == 0)
        return head_matrix(p, c, value);
    if (strcmp(key, "needs") == 0)
        return list_add(p, c->needs, &c->nneeds, value);
    if (strcmp(key, "put") == 0)
        return list_add(p, c->puts, &c->nputs, value);
    if (strcmp(key, "allow") == 0)
        return list_add(p, c->allow, &c->nallow, value);
    return fail(p, "unknown statement, or no value: %s", key);
}

/* --- steps --- */

enum verb_form { FORM_NONE, FORM_TEXT, FORM_RAW, FORM_NUMBER, FORM_NUMBER_RAW };

static const struct verb {
    const char *name;
    enum step_kind kind;
    enum verb_form form; /* TEXT: with escapes; RAW: as it stands */
    long number;
} verbs[] = {
    {"boot", STEP_BOOT, FORM_NONE, 0},
    {"start", STEP_START, FORM_NONE, 0},
    {"run", STEP_RUN, FORM_RAW, 0},
    {"any", STEP_RUN, FORM_RAW, STATUS_ANY},
    {"fails", STEP_RUN, FORM_RAW, STATUS_NONZERO},
    {"status", STEP_RUN, FORM_NUMBER_RAW, 0},
    {"send", STEP_SEND, FORM_RAW, 0},
    {"type", STEP_TYPE, FORM_TEXT, 0},
    {"ctrl", STEP_CTRL, FORM_RAW, 0},
    {"expect", STEP_EXPECT, FORM_TEXT, 0},
    {"match", STEP_MATCH, FORM_RAW, 0},
    {"reject", STEP_REJECT, FORM_TEXT, 0},
    {"prompt", STEP_PROMPT, FORM_NONE, 0},
    {"timeout", STEP_TIMEOUT, FORM_NUMBER, 0},
    {"baseline", STEP_BASELINE, FORM_NONE, 0},
    {"poweroff", STEP_POWEROFF, FORM_NONE, 0},
    {"crash", STEP_CRASH, FORM_NONE, 0},
    {"exits", STEP_EXITS, FORM_NUMBER, 0},
    {"fsck", STEP_FSCK, FORM_NONE, 0},
    {"host", STEP_HOST, FORM_RAW, 0},
};

static bool step_number(struct parser *p, struct step *s, char **text)
{
    return number_parse(word_cut(text), 86400, &s->number) || fail(p, "a number is wanted");
}

/* file PATH is TEXT | file PATH same HOSTFILE | file PATH absent */
static bool step_file(struct parser *p, struct step *s, char *text)
{
    char *how;

    s->arg = word_cut(&text);
    how = word_cut(&text);
    s->text = text;
    if (strcmp(how, "is") == 0)
        s->kind = STEP_FILE_IS;
    else if (strcmp(how, "same") == 0)
        s->kind = STEP_FILE_SAME;
    else if (strcmp(how, "absent") == 0)
        s->kind = STEP_FILE_ABSENT;
    else
        return fail(p, "file PATH is|same|absent");
    if (s->kind == STEP_FILE_IS) {
        long len = text_unescape(s->text);

        if (len < 0)
            return fail(p, "bad escape");
        s->text_len = len;
    }
    return true;
}

static bool step_fill(struct parser *p, struct step *s, const struct verb *verb, char *text)
{
    s->kind = verb->kind;
    s->number = verb->number;
    if (verb->form == FORM_NONE)
        return !*text || fail(p, "%s takes nothing", verb->name);
    if ((verb->form == FORM_NUMBER || verb->form == FORM_NUMBER_RAW) && !step_number(p, s, &text))
        return false;
    if (verb->form == FORM_NUMBER)
        return !*text || fail(p, "%s takes one number", verb->name);
    if (!*text)
        return fail(p, "%s wants a text", verb->name);
    s->text = text;
    if (verb->form == FORM_TEXT) {
        long len = text_unescape(text);

        if (len < 0)
            return fail(p, "bad escape");
        s->text_len = len;
    } else {
        s->text_len = strlen(text);
    }
    return true;
}

static struct step *step_new(struct parser *p)
{
    struct grade_case *c = p->c;
    struct step *s;

    c->steps = realloc(c->steps, (c->nsteps + 1) * sizeof *s);
    s = &c->steps[c->nsteps++];
    *s = (struct step){.line = p->line};
    return s;
}

static bool statement_parse(struct parser *p, char *line)
{
    char *text = line;
    char *word = word_cut(&text);

    if (strcmp(word, "timeout") == 0 && p->c->nsteps == 0)
        return head_set(p, p->c, word, text);
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        if (strcmp(word, verbs[i].name) == 0)
            return step_fill(p, step_new(p), &verbs[i], text);
    if (strcmp(word, "file") == 0)
        return step_file(p, step_new(p), text);
    if (p->c->nsteps > 0)
        return fail(p, "unknown step, or a head statement after the first step: %s", word);
    return head_set(p, p->c, word, text);
}

static struct grade_case *case_new(const char *name)
{
    struct grade_case *c = calloc(1, sizeof *c);

    c->name = strdup(name);
    c->part = strndup(name, strcspn(name, "-"));
    c->title = "";
    c->points = 1;
    c->harts = 2;
    c->timeout_s = 60;
    c->limit_s = 300;
    c->repeat = 1;
    c->slack = 256;
    c->fsck = c->check = true;
    c->mem = "128M";
    c->block = "4096";
    return c;
}

/* Steps that may come before the machine is started. */
static bool step_is_offline(enum step_kind kind)
{
    return kind == STEP_HOST || kind == STEP_TIMEOUT || kind == STEP_REJECT || kind == STEP_FSCK ||
           kind == STEP_FILE_IS || kind == STEP_FILE_SAME || kind == STEP_FILE_ABSENT;
}

/* A case whose first step for a machine does not start it starts it first of all. */
static void case_boot_first(struct grade_case *c)
{
    int i = 0;

    while (i < c->nsteps && step_is_offline(c->steps[i].kind))
        i++;
    if (i < c->nsteps && (c->steps[i].kind == STEP_BOOT || c->steps[i].kind == STEP_START))
        return;
    c->steps = realloc(c->steps, (c->nsteps + 1) * sizeof c->steps[0]);
    memmove(c->steps + 1, c->steps, c->nsteps * sizeof c->steps[0]);
    c->steps[0] = (struct step){.kind = STEP_BOOT};
    c->nsteps++;
}

struct grade_case *case_parse(const char *name, const char *text, char *err, size_t err_len)
{
    struct parser p = {.c = case_new(name), .err = err, .err_len = err_len};

    while (*text) {
        size_t len = strcspn(text, "\n");
        char *line = strndup(text, len);
        size_t end = strlen(line);

        text += len + (text[len] == '\n');
        p.line++;
        while (end > 0 && isspace((unsigned char)line[end - 1]))
            line[--end] = 0;
        line += strspn(line, " \t");
        if (*line && *line != '#' && !statement_parse(&p, line))
            return NULL;
    }
    if (p.c->nsteps == 0) {
        fail(&p, "no steps");
        return NULL;
    }
    case_boot_first(p.c);
    if (!p.c->fs_size)
        p.c->fs_size = p.c->ram_disk ? "16M" : "64M";
    return p.c;
}

struct grade_case *case_variant(const struct grade_case *c, int i)
{
    struct grade_case *v = malloc(sizeof *v);
    char err[64];
    struct parser p = {.c = v, .err = err, .err_len = sizeof err};

    *v = *c;
    if (asprintf(&v->name, "%s[%s=%s]", c->name, c->matrix_key, c->matrix[i]) < 0)
        abort();
    head_set(&p, v, c->matrix_key, c->matrix[i]);
    return v;
}

bool case_selected(const struct grade_case *c, const char *pattern)
{
    return strstr(c->name, pattern) || strstr(c->part, pattern);
}
