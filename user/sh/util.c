/*
 * util.c - memory of trees, argument vectors, variables, error messages.
 *
 * Exported variables live in environ and nowhere else; the others in a list here. Memory that
 * cannot be had ends the shell.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sh.h"

struct arena_block {
    struct arena_block *next;
    char data[];
};

struct variable {
    struct variable *next;
    char *name, *value;
};

static struct variable *variables;

void *must_alloc(void *memory)
{
    if (!memory) {
        complain("out of memory");
        _exit(2);
    }
    return memory;
}

void *arena_alloc(struct arena *a, size_t size)
{
    struct arena_block *b = must_alloc(calloc(1, sizeof(*b) + size));

    b->next = a->blocks;
    a->blocks = b;
    return b->data;
}

char *arena_text(struct arena *a, const char *from, size_t len)
{
    char *text = arena_alloc(a, len + 1);

    memcpy(text, from, len);
    return text;
}

void arena_free(struct arena *a)
{
    while (a->blocks) {
        struct arena_block *b = a->blocks;

        a->blocks = b->next;
        free(b);
    }
}

void complain(const char *format, ...)
{
    va_list args;

    fflush(stdout);
    fputs("sh: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}

/* Takes over `item`; the vector stays NULL-terminated. */
void fields_add(struct fields *f, char *item)
{
    if (f->count + 2 > f->room) {
        f->room = f->room ? f->room * 2 : 16;
        f->item = must_alloc(realloc(f->item, f->room * sizeof(*f->item)));
    }
    f->item[f->count++] = item;
    f->item[f->count] = NULL;
}

void fields_free(struct fields *f)
{
    for (size_t i = 0; i < f->count; i++)
        free(f->item[i]);
    free(f->item);
    *f = (struct fields){0};
}

int is_name(const char *text, size_t len)
{
    if (len == 0 || isdigit((unsigned char)*text))
        return 0;
    for (size_t i = 0; i < len; i++)
        if (!isalnum((unsigned char)text[i]) && text[i] != '_')
            return 0;
    return 1;
}

static struct variable **find(const char *name)
{
    struct variable **link = &variables;

    while (*link && strcmp((*link)->name, name) != 0)
        link = &(*link)->next;
    return link;
}

const char *variable(const char *name)
{
    struct variable *v = *find(name);

    return v ? v->value : getenv(name);
}

void variable_set(const char *name, const char *value)
{
    struct variable **link = find(name), *v = *link;

    if (!v && getenv(name)) {
        setenv(name, value, 1);
        return;
    }
    if (!v) {
        v = must_alloc(calloc(1, sizeof(*v)));
        v->name = must_alloc(strdup(name));
        *link = v;
    }
    free(v->value);
    v->value = must_alloc(strdup(value));
}

void variable_unset(const char *name)
{
    struct variable **link = find(name), *v = *link;

    if (v) {
        *link = v->next;
        free(v->name);
        free(v->value);
        free(v);
    }
    unsetenv(name);
}

void variable_export(const char *name)
{
    const char *value = variable(name);
    char *copy = must_alloc(strdup(value ? value : ""));

    variable_unset(name);
    setenv(name, copy, 1);
    free(copy);
}
