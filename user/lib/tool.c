/*
 * tool.c - what the small programs have in common; see <duality/tool.h>.
 */
#include <duality/tool.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COPY_SIZE = 65536 };

int tool_errno(const char *what)
{
    int number = errno;

    fflush(stdout);
    fprintf(stderr, "%s: %s: %s\n", program_name, what, strerror(number));
    return 1;
}

int tool_warn(const char *format, ...)
{
    char text[512];
    va_list args;

    fflush(stdout);
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    fprintf(stderr, "%s: %s\n", program_name, text);
    return 1;
}

void tool_usage(const char *args)
{
    fprintf(stderr, "usage: %s %s\n", program_name, args);
    exit(2);
}

void tool_die(const char *what)
{
    exit(tool_errno(what));
}

int64_t tool_number(const char *text)
{
    char *end;
    int64_t n = strtoll(text, &end, 0);

    if (end != text && *end) {
        static const char units[] = "kmgKMG";
        const char *unit = strchr(units, *end);

        if (unit) {
            n <<= 10 * ((unit - units) % 3 + 1);
            end++;
        }
    }
    if (end == text || *end) {
        tool_warn("%s: not a number", text);
        exit(2);
    }
    return n;
}

int tool_write(int fd, const void *data, size_t len)
{
    const char *p = data;

    while (len) {
        ssize_t n = write(fd, p, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        p += n;
        len -= (size_t)n;
    }
    return 0;
}

int tool_copy(int from, int to, int *reading)
{
    static char buffer[COPY_SIZE];
    ssize_t n;

    for (;;) {
        *reading = 1;
        n = read(from, buffer, sizeof(buffer));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -1 : 0;
        *reading = 0;
        if (tool_write(to, buffer, (size_t)n))
            return -1;
    }
}

void tool_mode(mode_t mode, char text[11])
{
    static const char letters[] = "rwxrwxrwx";
    const char *type = "?pc?d?b?-?l?s???";

    text[0] = type[mode >> 12 & 15];
    for (int i = 0; i < 9; i++)
        text[i + 1] = mode >> (8 - i) & 1 ? letters[i] : '-';
    text[10] = '\0';
}

char *tool_join(const char *directory, const char *name)
{
    size_t len = strlen(directory);
    char *path = malloc(len + strlen(name) + 2);

    if (!path)
        tool_die("memory");
    sprintf(path, "%s%s%s", directory, len && directory[len - 1] == '/' ? "" : "/", name);
    return path;
}

const char *tool_base(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

int tool_flags(int argc, char **argv, const char *known, const char *usage, unsigned char opt[128])
{
    int i;

    memset(opt, 0, 128);
    for (i = 1; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
        if (strcmp(argv[i], "--") == 0)
            return i + 1;
        for (const char *p = argv[i] + 1; *p; p++) {
            if (!strchr(known, *p))
                tool_usage(usage);
            opt[*p & 127]++;
        }
    }
    return i;
}
