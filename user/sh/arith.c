/*
 * arith.c - the value of $(( ... )): whole numbers, variables, C's operators, assignment.
 *
 * A parser by precedence: binary() takes operators that bind at least as tightly as `least`.
 * Both sides are always evaluated; only a division by zero is an error then.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sh.h"

struct arith {
    const char *p;
    int bad;
};

static const struct {
    const char *text;
    int level, code;
} operators[] = {
    {"||", 1, 'O'}, {"&&", 2, 'A'}, {"==", 6, 'E'}, {"!=", 6, 'N'}, {"<<", 8, 'L'}, {">>", 8, 'R'},
    {"<=", 7, 'l'}, {">=", 7, 'g'}, {"<", 7, '<'},  {">", 7, '>'},  {"|", 3, '|'},  {"^", 4, '^'},
    {"&", 5, '&'},  {"+", 9, '+'},  {"-", 9, '-'},  {"*", 10, '*'}, {"/", 10, '/'}, {"%", 10, '%'},
};

static long long conditional(struct arith *a);

static void blanks(struct arith *a)
{
    while (isspace((unsigned char)*a->p))
        a->p++;
}

static int take(struct arith *a, const char *text)
{
    blanks(a);
    if (strncmp(a->p, text, strlen(text)) != 0)
        return 0;
    a->p += strlen(text);
    return 1;
}

static long long named(struct arith *a)
{
    char name[64], text[24];
    const char *value;
    size_t len = 0;
    long long n;

    while (isalnum((unsigned char)a->p[len]) || a->p[len] == '_')
        len++;
    snprintf(name, sizeof(name), "%.*s", (int)len, a->p);
    a->p += len;
    blanks(a);
    if (*a->p == '=' && a->p[1] != '=') {
        a->p++;
        n = conditional(a);
        snprintf(text, sizeof(text), "%lld", n);
        variable_set(name, text);
        return n;
    }
    value = variable(name);
    return value ? strtoll(value, NULL, 0) : 0;
}

static long long unary(struct arith *a)
{
    long long n;
    char *end;

    if (take(a, "("))
        return n = conditional(a), a->bad |= !take(a, ")"), n;
    if (take(a, "-"))
        return -unary(a);
    if (take(a, "+"))
        return unary(a);
    if (take(a, "!"))
        return !unary(a);
    if (take(a, "~"))
        return ~unary(a);
    if (isalpha((unsigned char)*a->p) || *a->p == '_')
        return named(a);
    n = strtoll(a->p, &end, 0);
    a->bad |= end == a->p;
    a->p = end;
    return n;
}

static long long apply(struct arith *a, int code, long long x, long long y)
{
    if ((code == '/' || code == '%') && y == 0) {
        a->bad = 1;
        return 0;
    }
    switch (code) {
    case 'O':
        return x || y;
    case 'A':
        return x && y;
    case 'E':
        return x == y;
    case 'N':
        return x != y;
    case 'L':
        return (long long)((unsigned long long)x << (y & 63));
    case 'R':
        return x >> (y & 63);
    case 'l':
        return x <= y;
    case 'g':
        return x >= y;
    case '<':
        return x < y;
    case '>':
        return x > y;
    case '|':
        return x | y;
    case '^':
        return x ^ y;
    case '&':
        return x & y;
    case '+':
        return x + y;
    case '-':
        return x - y;
    case '*':
        return x * y;
    case '/':
        return x / y;
    default:
        return x % y;
    }
}

static long long binary(struct arith *a, int least)
{
    long long x = unary(a);

    for (;;) {
        size_t i, count = sizeof(operators) / sizeof(operators[0]);

        blanks(a);
        for (i = 0; i < count; i++)
            if (strncmp(a->p, operators[i].text, strlen(operators[i].text)) == 0)
                break;
        if (i == count || operators[i].level < least)
            return x;
        a->p += strlen(operators[i].text);
        x = apply(a, operators[i].code, x, binary(a, operators[i].level + 1));
    }
}

static long long conditional(struct arith *a)
{
    long long condition = binary(a, 1), x, y;

    if (!take(a, "?"))
        return condition;
    x = conditional(a);
    a->bad |= !take(a, ":");
    y = conditional(a);
    return condition ? x : y;
}

/* 0 and *value, or -1 if the text is no expression. */
int arith(const char *text, long long *value)
{
    struct arith a = {.p = text};

    *value = conditional(&a);
    blanks(&a);
    return a.bad || *a.p ? -1 : 0;
}
