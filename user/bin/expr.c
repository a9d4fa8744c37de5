/*
 * expr.c - calculates: numbers with + - * / %, comparisons = != < <= > >=, | and &, ( ). Status 0
 * if the result is neither empty nor 0, 1 if it is, 2 if it is not an expression.
 */
#include <duality/tool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char **arg;

static char *level(int depth);

static const char *const operators[][7] = {
    {"|"}, {"&"}, {"=", "!=", "<", "<=", ">", ">="}, {"+", "-"}, {"*", "/", "%"}};
enum { LEVELS = 5 };

static void wrong(void)
{
    tool_warn("not an expression%s%s", *arg ? " at " : "", *arg ? *arg : "");
    exit(2);
}

static char *number_text(long long n)
{
    char *text = malloc(24);

    if (!text)
        tool_die("memory");
    snprintf(text, 24, "%lld", n);
    return text;
}

static int is_number(const char *text, long long *n)
{
    char *end;

    *n = strtoll(text, &end, 10);
    return *text && !*end;
}

static int is_true(const char *text)
{
    long long n;

    return *text && (!is_number(text, &n) || n != 0);
}

static char *primary(void)
{
    char *value;

    if (!*arg)
        wrong();
    if (strcmp(*arg, "(") != 0)
        return *arg++;
    arg++;
    value = level(0);
    if (!*arg || strcmp(*arg, ")") != 0)
        wrong();
    arg++;
    return value;
}

static char *compare(const char *a, const char *op, const char *b)
{
    long long x, y;
    int order = strcmp(a, b);

    if (is_number(a, &x) && is_number(b, &y))
        order = (x > y) - (x < y);
    if (*op == '=')
        order = order == 0;
    else if (*op == '!')
        order = order != 0;
    else if (*op == '<')
        order = op[1] ? order <= 0 : order < 0;
    else
        order = op[1] ? order >= 0 : order > 0;
    return number_text(order);
}

static char *calculate(const char *a, char op, const char *b)
{
    long long x, y;

    if (!is_number(a, &x) || !is_number(b, &y)) {
        tool_warn("not a number: %s", is_number(a, &x) ? b : a);
        exit(2);
    }
    if ((op == '/' || op == '%') && y == 0) {
        tool_warn("division by zero");
        exit(2);
    }
    switch (op) {
    case '+':
        return number_text(x + y);
    case '-':
        return number_text(x - y);
    case '*':
        return number_text(x * y);
    case '/':
        return number_text(x / y);
    default:
        return number_text(x % y);
    }
}

static const char *operator_at(int depth)
{
    for (int i = 0; *arg && i < 7 && operators[depth][i]; i++)
        if (strcmp(*arg, operators[depth][i]) == 0)
            return operators[depth][i];
    return NULL;
}

static char *level(int depth)
{
    char *a, *b;
    const char *op;

    if (depth == LEVELS)
        return primary();
    a = level(depth + 1);
    while ((op = operator_at(depth))) {
        arg++;
        b = level(depth + 1);
        if (depth == 0)
            a = is_true(a) ? a : b;
        else if (depth == 1)
            a = is_true(a) && is_true(b) ? a : number_text(0);
        else
            a = depth == 2 ? compare(a, op, b) : calculate(a, *op, b);
    }
    return a;
}

int main(int argc, char **argv)
{
    char *value;

    if (argc < 2)
        tool_usage("EXPRESSION");
    arg = argv + 1;
    value = level(0);
    if (*arg)
        wrong();
    puts(value);
    return !is_true(value);
}
