/*
 * dd.c - copies blocks: if=FILE of=FILE bs=N count=N skip=N seek=N, conv=notrunc,fsync
 *
 * Numbers may end in k, M or G. Says at the end how much it moved, unless status=none.
 */
#include <duality/tool.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct job {
    const char *input, *output;
    int64_t block, count, skip, seek;
    int keep, flush, quiet;
};

static void read_argument(struct job *j, char *text)
{
    char *value = strchr(text, '=');

    if (!value)
        tool_usage("if=FILE of=FILE bs=N count=N skip=N seek=N conv=notrunc,fsync status=none");
    *value++ = '\0';
    if (strcmp(text, "if") == 0)
        j->input = value;
    else if (strcmp(text, "of") == 0)
        j->output = value;
    else if (strcmp(text, "bs") == 0)
        j->block = tool_number(value);
    else if (strcmp(text, "count") == 0)
        j->count = tool_number(value);
    else if (strcmp(text, "skip") == 0)
        j->skip = tool_number(value);
    else if (strcmp(text, "seek") == 0)
        j->seek = tool_number(value);
    else if (strcmp(text, "conv") == 0) {
        j->keep = strstr(value, "notrunc") != NULL;
        j->flush = strstr(value, "fsync") != NULL;
    } else if (strcmp(text, "status") == 0)
        j->quiet = strcmp(value, "none") == 0;
    else
        tool_usage("if=FILE of=FILE bs=N count=N skip=N seek=N conv=notrunc,fsync status=none");
}

static int open_input(const struct job *j)
{
    int fd = j->input ? open(j->input, O_RDONLY) : 0;

    if (fd < 0)
        tool_die(j->input);
    if (j->skip && lseek(fd, j->skip * j->block, SEEK_SET) < 0)
        tool_die("skip");
    return fd;
}

static int open_output(const struct job *j)
{
    int truncating = j->keep || j->seek ? 0 : O_TRUNC;
    int fd = j->output ? open(j->output, O_WRONLY | O_CREAT | truncating, 0666) : 1;

    if (fd < 0)
        tool_die(j->output);
    if (j->seek && lseek(fd, j->seek * j->block, SEEK_SET) < 0)
        tool_die("seek");
    return fd;
}

static ssize_t read_block(int fd, char *buffer, size_t size)
{
    ssize_t n;

    do
        n = read(fd, buffer, size);
    while (n < 0 && errno == EINTR);
    return n;
}

int main(int argc, char **argv)
{
    struct job j = {.block = 512, .count = -1};
    struct timespec before, after;
    long long blocks = 0, bytes = 0, us;
    int in, out, bad = 0;
    char *buffer;

    for (int i = 1; i < argc; i++)
        read_argument(&j, argv[i]);
    buffer = j.block > 0 ? malloc((size_t)j.block) : NULL;
    if (!buffer)
        return tool_warn("no memory for blocks of %lld", (long long)j.block);
    in = open_input(&j);
    out = open_output(&j);
    clock_gettime(CLOCK_MONOTONIC, &before);
    while (j.count < 0 || blocks < j.count) {
        ssize_t n = read_block(in, buffer, (size_t)j.block);

        if (n < 0)
            bad = tool_errno(j.input ? j.input : "standard input");
        if (n <= 0)
            break;
        if (tool_write(out, buffer, (size_t)n)) {
            bad = tool_errno(j.output ? j.output : "standard output");
            break;
        }
        blocks++;
        bytes += n;
    }
    if (j.flush && fsync(out))
        bad = tool_errno("fsync");
    clock_gettime(CLOCK_MONOTONIC, &after);
    us = (after.tv_sec - before.tv_sec) * 1000000LL + (after.tv_nsec - before.tv_nsec) / 1000;
    if (!j.quiet)
        fprintf(stderr, "%lld blocks, %lld bytes in %lld.%06lld s, %lld KiB/s\n", blocks, bytes,
                us / 1000000, us % 1000000, us ? bytes * 1000000 / 1024 / us : 0);
    return bad;
}
