/*
 * expand.c - from words as typed to arguments: variables, command output, splitting, patterns.
 *
 * A field is built with every quoted pattern character behind a backslash, so that what is left
 * bare is a pattern; glob.c takes the backslashes out again. Only what an unquoted $ or ` gave
 * is split at blanks.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sh.h"

struct field {
    char *text;
    size_t len, room;
    int started; /* something was there, if only "" */
    int pattern; /* an unquoted * ? or [ is in it */
    int whole;   /* no splitting, no patterns */
    struct fields *out;
};

static void put(struct field *f, char c)
{
    if (f->len + 2 > f->room) {
        f->room = f->room ? f->room * 2 : 64;
        f->text = must_alloc(realloc(f->text, f->room));
    }
    f->text[f->len++] = c;
    f->text[f->len] = '\0';
    f->started = 1;
}

static void put_char(struct field *f, char c, int quoted)
{
    if (!f->whole && strchr("*?[\\", c)) {
        if (quoted || c == '\\')
            put(f, '\\');
        else
            f->pattern = 1;
    }
    put(f, c);
}

static void end_field(struct field *f)
{
    if (!f->started)
        return;
    if (!f->text) {
        put(f, '\0');
        f->len = 0;
    }
    if (!f->pattern || glob_expand(f->text, f->out) == 0) {
        if (!f->whole)
            glob_unescape(f->text);
        fields_add(f->out, must_alloc(strdup(f->text)));
    }
    f->len = 0;
    f->started = f->pattern = 0;
    f->text[0] = '\0';
}

static void put_value(struct field *f, const char *value, int quoted)
{
    if (quoted)
        f->started = 1;
    for (; *value; value++) {
        if (!quoted && !f->whole && isspace((unsigned char)*value))
            end_field(f);
        else
            put_char(f, *value, quoted);
    }
}

/* Runs `text` in a child and puts what it prints, without trailing newlines. */
static void put_output(struct field *f, const char *text, size_t len, int quoted)
{
    char *command = must_alloc(strndup(text, len)), *output = NULL;
    size_t room = 0, used = 0;
    int fds[2], status;
    pid_t pid;

    fflush(NULL);
    if (pipe(fds) || (pid = fork()) < 0) {
        complain("cannot run `%s`", command);
        free(command);
        return;
    }
    if (pid == 0) {
        interactive = 0;
        dup2(fds[1], 1);
        close(fds[0]);
        close(fds[1]);
        leave(run_text(command, "$()"));
    }
    close(fds[1]);
    for (;;) {
        ssize_t n;

        if (used + 512 > room)
            output = must_alloc(realloc(output, room += 4096));
        n = read(fds[0], output + used, room - used - 1);
        if (n <= 0)
            break;
        used += (size_t)n;
    }
    close(fds[0]);
    if (waitpid(pid, &status, 0) == pid)
        last_status = job_status(status);
    while (used && output[used - 1] == '\n')
        used--;
    output[used] = '\0';
    put_value(f, output, quoted);
    free(output);
    free(command);
}

/* "$@" gives one field each; $* one, joined by blanks; unquoted both are split anyway. */
static void put_parameters(struct field *f, char which, int quoted)
{
    for (int i = 1; i <= parameter_count; i++) {
        if (i > 1) {
            if (which == '@' && !f->whole)
                end_field(f);
            else
                put_value(f, " ", quoted);
        }
        put_value(f, parameters[i], quoted);
    }
}

static const char *special(const char *name, char *space, size_t size)
{
    switch (*name) {
    case '?':
        snprintf(space, size, "%d", last_status);
        return space;
    case '$':
        snprintf(space, size, "%d", getpid());
        return space;
    case '!':
        snprintf(space, size, "%d", last_background);
        return last_background ? space : "";
    case '#':
        snprintf(space, size, "%d", parameter_count);
        return space;
    default:
        return *name - '0' <= parameter_count ? parameters[*name - '0'] : NULL;
    }
}

static const char *lookup(const char *name, char *space, size_t size)
{
    return strchr("?$!#", *name) || isdigit((unsigned char)*name) ? special(name, space, size)
                                                                  : variable(name);
}

/* ${name}, ${name:-word}, ${name:=word}, ${name:+word}, ${#name}; p is behind the brace. */
static const char *put_braces(struct field *f, const char *p, int quoted)
{
    const char *end = skip_substitution(p, '}');
    int want_length = *p == '#' && p[1] != '}';
    char name[64], space[24], how = 0;
    const char *value;
    size_t len;

    if (!end)
        return p + strlen(p);
    p += want_length;
    len = strcspn(p, ":-=+}");
    if (len == 0)
        len = 1;
    snprintf(name, sizeof(name), "%.*s", (int)len, p);
    p += len;
    if (*p == ':')
        p++;
    if (p < end - 1)
        how = *p++;
    value = lookup(name, space, sizeof(space));
    if (want_length) {
        snprintf(space, sizeof(space), "%zu", value ? strlen(value) : 0);
        value = space;
    }
    if (how && (how == '+') == (value && *value)) {
        char *raw = must_alloc(strndup(p, (size_t)(end - 1 - p))), *other = expand_text(raw);

        if (how == '=')
            variable_set(name, other);
        put_value(f, other, quoted);
        free(other);
        free(raw);
    } else if (value && how != '+') {
        put_value(f, value, quoted);
    }
    return end;
}

/* The expression between $(( and )), its variables with or without a $. */
static void put_arith(struct field *f, const char *text, size_t len, int quoted)
{
    char *raw = must_alloc(strndup(text, len)), *plain = expand_text(raw), number[24];
    long long value;

    if (arith(plain, &value)) {
        complain("%s: not an expression", plain);
        last_status = 1;
    } else {
        snprintf(number, sizeof(number), "%lld", value);
        put_value(f, number, quoted);
    }
    free(plain);
    free(raw);
}

/* p is at the '$'; returns behind what it names. */
static const char *put_dollar(struct field *f, const char *p, int quoted)
{
    char name[64], space[24];
    const char *value, *end;
    size_t len = 0;

    p++;
    if (*p == '(') {
        end = skip_substitution(p + 1, ')');
        if (!end)
            return p + strlen(p);
        if (p[1] == '(' && end[-2] == ')')
            put_arith(f, p + 2, (size_t)(end - p - 4), quoted);
        else
            put_output(f, p + 1, (size_t)(end - p - 2), quoted);
        return end;
    }
    if (*p == '{')
        return put_braces(f, p + 1, quoted);
    if (*p == '@' || *p == '*') {
        put_parameters(f, quoted ? *p : '@', quoted);
        return p + 1;
    }
    if (*p && (strchr("?$!#", *p) || isdigit((unsigned char)*p)))
        len = 1;
    else if (isalpha((unsigned char)*p) || *p == '_')
        while (isalnum((unsigned char)p[len]) || p[len] == '_')
            len++;
    if (len == 0) {
        put_char(f, '$', quoted);
        return p;
    }
    snprintf(name, sizeof(name), "%.*s", (int)len, p);
    value = lookup(name, space, sizeof(space));
    put_value(f, value ? value : "", quoted);
    return p + len;
}

static const char *put_backquotes(struct field *f, const char *p, int quoted)
{
    const char *end = skip_substitution(p + 1, '`');

    if (!end)
        return p + strlen(p);
    put_output(f, p + 1, (size_t)(end - p - 2), quoted);
    return end;
}

/* p is behind the opening quote, or at the start of a here-document, which ends at the NUL. */
static const char *put_double_quoted(struct field *f, const char *p, char close)
{
    f->started = 1;
    while (*p && *p != close) {
        if (*p == '\\' && p[1] && strchr(close ? "\\\"$`\n" : "\\$`\n", p[1])) {
            if (p[1] != '\n')
                put_char(f, p[1], 1);
            p += 2;
        } else if (*p == '$') {
            p = put_dollar(f, p, 1);
        } else if (*p == '`') {
            p = put_backquotes(f, p, 1);
        } else {
            put_char(f, *p++, 1);
        }
    }
    return *p ? p + 1 : p;
}

static void expand_into(struct field *f, const char *p)
{
    if (*p == '~' && (p[1] == '\0' || p[1] == '/')) {
        const char *home = variable("HOME");

        put_value(f, home ? home : "/", 1);
        p++;
    }
    while (*p) {
        if (*p == '\'') {
            f->started = 1;
            for (p++; *p && *p != '\''; p++)
                put_char(f, *p, 1);
            p += *p == '\'';
        } else if (*p == '"') {
            p = put_double_quoted(f, p + 1, '"');
        } else if (*p == '\\' && p[1]) {
            if (p[1] != '\n')
                put_char(f, p[1], 1);
            p += 2;
        } else if (*p == '$') {
            p = put_dollar(f, p, 0);
        } else if (*p == '`') {
            p = put_backquotes(f, p, 0);
        } else {
            put_char(f, *p++, 0);
        }
    }
}

int expand_words(const struct word *words, struct fields *out)
{
    struct field f = {.out = out};

    for (; words; words = words->next) {
        expand_into(&f, words->text);
        end_field(&f);
    }
    free(f.text);
    return 0;
}

char *expand_text(const char *text)
{
    struct field f = {.whole = 1};

    expand_into(&f, text);
    return f.text ? f.text : must_alloc(strdup(""));
}

char *expand_here(const char *text)
{
    struct field f = {.whole = 1};

    put_double_quoted(&f, text, '\0');
    return f.text ? f.text : must_alloc(strdup(""));
}
