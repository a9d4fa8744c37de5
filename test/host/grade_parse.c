/*
 * grade_parse.c - host test: the grader's parser of case files.
 * sources: grade/case.c
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grade/case.h"

#define CHECK(what)                                                                                \
    do {                                                                                           \
        if (!(what)) {                                                                             \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #what);                             \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

/* The parser never frees: the grader is a short-lived program. */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
    return "detect_leaks=0";
}

static char err[256];

static struct grade_case *good(const char *text)
{
    struct grade_case *c = case_parse("part-name", text, err, sizeof err);

    if (!c)
        fprintf(stderr, "%s\n", err);
    CHECK(c);
    return c;
}

static void bad(const char *text, const char *message)
{
    CHECK(!case_parse("x", text, err, sizeof err));
    if (!strstr(err, message))
        fprintf(stderr, "%s\n", err);
    CHECK(strstr(err, message));
}

static void test_head(void)
{
    struct grade_case *c = good("# a comment\n\ntitle  two words \npoints 3\nharts 4\nmem 32M\n"
                                "disk ram\nslack 0\nput /a=b\nneeds cat\nicount\nrun true\n");

    CHECK(!strcmp(c->title, "two words") && !strcmp(c->part, "part"));
    CHECK(c->points == 3 && c->harts == 4 && !strcmp(c->mem, "32M") && c->slack == 0);
    CHECK(c->ram_disk && c->icount && !strcmp(c->fs_size, "16M"));
    CHECK(c->nputs == 1 && c->nneeds == 1);
    CHECK(c->nsteps == 2 && c->steps[0].kind == STEP_BOOT && c->steps[1].line == 12);
    CHECK(case_selected(c, "name") && case_selected(c, "par") && !case_selected(c, "other"));
}

static void test_steps(void)
{
    struct grade_case *c = good("run a; b | c &\nstatus 3 x y\nfails q\nany z\ntype a\\n\\x00b\n"
                                "expect \\\\d\nmatch ^\\d$\nfile /f is a\\n\nfile /g absent\n");

    CHECK(!strcmp(c->steps[1].text, "a; b | c &") && c->steps[1].number == 0);
    CHECK(c->steps[2].number == 3 && !strcmp(c->steps[2].text, "x y"));
    CHECK(c->steps[3].number == STATUS_NONZERO && c->steps[4].number == STATUS_ANY);
    CHECK(c->steps[5].text_len == 4 && !memcmp(c->steps[5].text, "a\n\0b", 4));
    CHECK(!strcmp(c->steps[6].text, "\\d") && !strcmp(c->steps[7].text, "^\\d$"));
    CHECK(c->steps[8].kind == STEP_FILE_IS && c->steps[8].text_len == 2);
    CHECK(c->steps[9].kind == STEP_FILE_ABSENT && !strcmp(c->steps[9].arg, "/g"));
}

static void test_boot_where_wanted(void)
{
    CHECK(good("host true\nboot\nrun x\n")->nsteps == 3);
    CHECK(good("host true\nrun x\npoweroff\nboot\n")->nsteps == 5);
    CHECK(good("timeout 5\nstart\nexits 0\n")->steps[0].kind == STEP_START);
}

static void test_matrix(void)
{
    struct grade_case *c = good("matrix harts 1 2 8\nrun x\n");
    struct grade_case *v = case_variant(c, 2);

    CHECK(c->nmatrix == 3 && c->harts == 2);
    CHECK(v->harts == 8 && !strcmp(v->name, "part-name[harts=8]"));
}

static void test_bad(void)
{
    bad("", "no steps");
    bad("runn x\n", "x:1: unknown statement");
    bad("run x\npoints 2\n", "x:2: unknown step, or a head statement");
    bad("points many\nrun x\n", "number");
    bad("points 0\nrun x\n", "number");
    bad("disk floppy\nrun x\n", "disk");
    bad("expect \\q\n", "bad escape");
    bad("expect\n", "wants a text");
    bad("boot now\n", "takes nothing");
    bad("status x y\n", "number");
    bad("file /a like b\n", "file PATH");
    bad("matrix harts\nrun x\n", "matrix");
    bad("matrix harts 1 none\nrun x\n", "number");
}

int main(void)
{
    test_head();
    test_steps();
    test_boot_where_wanted();
    test_matrix();
    test_bad();
    printf("grade_parse: ok\n");
    return 0;
}
