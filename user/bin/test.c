/*
 * test.c - tells by its exit status whether a condition holds; the shell runs it as `[` too.
 *
 *   expr   and { -o and }        and   not { -a not }        not   [!] primary
 *   primary  ( expr )  -e -f -d -L -c -p -r -w -x -s PATH  -t FD  -n -z TEXT  TEXT
 *            A = B  A != B  A -eq -ne -lt -le -gt -ge B  A -nt -ot B
 *
 * Status 0 true, 1 false, 2 not a condition.
 */
#include <duality/tool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char **arg, **arg_end;

static int expression(void);

static void not_a_condition(void)
{
    tool_warn("not a condition%s%s", arg < arg_end ? " at " : "", arg < arg_end ? *arg : "");
    exit(2);
}

static const char *take(void)
{
    if (arg >= arg_end)
        not_a_condition();
    return *arg++;
}

static int about_file(char what, const char *path)
{
    struct stat st;

    if (what == 'L' || what == 'h')
        return lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
    if (stat(path, &st))
        return 0;
    switch (what) {
    case 'f':
        return S_ISREG(st.st_mode);
    case 'd':
        return S_ISDIR(st.st_mode);
    case 'c':
        return S_ISCHR(st.st_mode);
    case 'b':
        return S_ISBLK(st.st_mode);
    case 'p':
        return S_ISFIFO(st.st_mode);
    case 's':
        return st.st_size > 0;
    case 'r':
        return access(path, R_OK) == 0;
    case 'w':
        return access(path, W_OK) == 0;
    case 'x':
        return access(path, X_OK) == 0;
    default:
        return 1;
    }
}

static int about_one(char what, const char *text)
{
    if (what == 'n')
        return *text != '\0';
    if (what == 'z')
        return *text == '\0';
    if (what == 't')
        return isatty((int)tool_number(text));
    return about_file(what, text);
}

static int newer(const char *a, const char *b)
{
    struct stat x, y;

    if (stat(a, &x))
        return 0;
    if (stat(b, &y))
        return 1;
    return x.st_mtim.tv_sec > y.st_mtim.tv_sec ||
           (x.st_mtim.tv_sec == y.st_mtim.tv_sec && x.st_mtim.tv_nsec > y.st_mtim.tv_nsec);
}

static int is_binary(const char *op)
{
    static const char *const ops[] = {"=",   "==",  "!=",  "-eq", "-ne", "-lt",
                                      "-le", "-gt", "-ge", "-nt", "-ot"};

    for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
        if (strcmp(op, ops[i]) == 0)
            return 1;
    return 0;
}

static int about_two(const char *a, const char *op, const char *b)
{
    int64_t x, y;

    if (*op == '=')
        return strcmp(a, b) == 0;
    if (*op == '!')
        return strcmp(a, b) != 0;
    if (strcmp(op, "-nt") == 0)
        return newer(a, b);
    if (strcmp(op, "-ot") == 0)
        return newer(b, a);
    x = tool_number(a);
    y = tool_number(b);
    switch (op[1] << 8 | op[2]) {
    case 'e' << 8 | 'q':
        return x == y;
    case 'n' << 8 | 'e':
        return x != y;
    case 'l' << 8 | 't':
        return x < y;
    case 'l' << 8 | 'e':
        return x <= y;
    case 'g' << 8 | 't':
        return x > y;
    default:
        return x >= y;
    }
}

static int primary(void)
{
    const char *first = take();

    if (arg + 1 < arg_end && is_binary(*arg)) {
        const char *op = take();

        return about_two(first, op, take());
    }
    if (strcmp(first, "(") == 0) {
        int value = expression();

        if (strcmp(take(), ")") != 0)
            not_a_condition();
        return value;
    }
    if (first[0] == '-' && first[1] && !first[2] && strchr("efdLhcbprwxsntz", first[1]) &&
        arg < arg_end)
        return about_one(first[1], take());
    return *first != '\0';
}

static int negation(void)
{
    if (arg + 1 < arg_end && strcmp(*arg, "!") == 0) {
        arg++;
        return !negation();
    }
    return primary();
}

static int conjunction(void)
{
    int value = negation();

    while (arg < arg_end && strcmp(*arg, "-a") == 0) {
        arg++;
        value &= negation();
    }
    return value;
}

static int expression(void)
{
    int value = conjunction();

    while (arg < arg_end && strcmp(*arg, "-o") == 0) {
        arg++;
        value |= conjunction();
    }
    return value;
}

int main(int argc, char **argv)
{
    int value;

    if (strcmp(program_name, "[") == 0) {
        if (strcmp(argv[argc - 1], "]") != 0) {
            tool_warn("no closing ]");
            return 2;
        }
        argc--;
    }
    arg = argv + 1;
    arg_end = argv + argc;
    if (arg == arg_end)
        return 1;
    value = expression();
    if (arg != arg_end)
        not_a_condition();
    return !value;
}
