/*
 * grade_stream.c - host test: the grader's search in what a machine prints.
 * sources: grade/stream.c
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grade/stream.h"

#define CHECK(what)                                                                                \
    do {                                                                                           \
        if (!(what)) {                                                                             \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #what);                             \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

static void append(struct stream *s, const char *text)
{
    stream_append(s, text, strlen(text));
}

static void test_expect(void)
{
    struct stream s = {0};

    CHECK(!stream_expect(&s, "a", 1));
    append(&s, "one\r\ntw");
    CHECK(!strcmp(s.data, "one\ntw"));
    CHECK(stream_expect(&s, "one", 3) && s.pos == 3);
    CHECK(!stream_expect(&s, "one", 3) && !stream_expect(&s, "two", 3));
    append(&s, "o\n");
    CHECK(stream_expect(&s, "two", 3));
    s.pos = 0;
    s.limit = 4;
    CHECK(!stream_expect(&s, "two", 3) && stream_expect(&s, "one\n", 4));
    free(s.data);
}

static void test_match(void)
{
    struct stream s = {0};

    append(&s, "x: 12 passed\ny: 3 failed\n");
    CHECK(stream_match(&s, "[0-9]+ passed") && stream_match(&s, "^y: [0-9] failed$"));
    CHECK(!stream_match(&s, "passed"));
    CHECK(!stream_match(&s, "("));
    free(s.data);
}

static void test_prompt(void)
{
    struct stream s = {0};

    CHECK(!stream_prompt(&s, true));
    append(&s, "Duality\n$ ");
    CHECK(stream_prompt(&s, false) && s.pos == s.len);
    append(&s, "echo cost: 5$ a\ncost: 5$ a\nno newline$ ");
    CHECK(!stream_prompt(&s, false));
    CHECK(stream_prompt(&s, true) && s.pos == s.len);
    append(&s, "x\n$ late output of a job\n");
    CHECK(stream_prompt(&s, false));
    free(s.data);
}

static void test_tail(void)
{
    struct stream s = {0};

    CHECK(!strcmp(stream_tail(&s, 3), ""));
    append(&s, "1\n2\n3\n4\n");
    CHECK(!strcmp(stream_tail(&s, 2), "3\n4\n") && !strcmp(stream_tail(&s, 9), "1\n2\n3\n4\n"));
    free(s.data);
}

int main(void)
{
    test_expect();
    test_match();
    test_prompt();
    test_tail();
    printf("grade_stream: ok\n");
    return 0;
}
