/*
 * session.c - typing and waiting (see session.h).
 *
 * One loop, session_wait(): test the condition, look for forbidden words, take more output, until
 * the deadline. A prompt is "$ " at the beginning of a line; "$ " elsewhere counts only if it is
 * the end of the output and nothing follows for a moment, because a command's last line may lack
 * its newline.
 */
#include "session.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { QUIET_MS = 300 };

static const char *const forbidden[] = {"panic",       "PANIC", "BUG",   "assertion failed",
                                        "lock report", "KASAN", "UBSAN", "runtime error"};

bool session_fail(struct session *s, const char *format, ...)
{
    va_list args;
    int used = 0;

    if (s->line > 0)
        used = snprintf(s->why, sizeof s->why, "line %d: ", s->line);
    va_start(args, format);
    vsnprintf(s->why + used, sizeof s->why - used, format, args);
    va_end(args);
    return false;
}

/* --- forbidden words --- */

static bool is_allowed(const struct grade_case *c, const char *word)
{
    for (int i = 0; i < c->nallow; i++)
        if (strcmp(c->allow[i], word) == 0)
            return true;
    return false;
}

bool session_reject(struct session *s, const char *text)
{
    if (s->nrejects == SESSION_REJECTS_MAX)
        return session_fail(s, "too many rejects");
    s->rejects[s->nrejects++] = (struct reject){text, s->sent};
    return true;
}

static void forbidden_add(struct session *s)
{
    for (size_t i = 0; i < sizeof forbidden / sizeof forbidden[0]; i++)
        if (!is_allowed(s->c, forbidden[i]))
            session_reject(s, forbidden[i]);
}

static bool output_is_good(struct session *s)
{
    for (int i = 0; i < s->nrejects; i++) {
        struct reject *r = &s->rejects[i];
        size_t len = strlen(r->text);

        if (s->out.len < r->scanned + len)
            continue;
        if (bytes_find(s->out.data + r->scanned, s->out.len - r->scanned, r->text, len)) {
            /* the rest of the report is worth reading: take what comes at once */
            while (machine_poll(&s->machine, QUIET_MS) == POLL_DATA && s->out.len < 1 << 26)
                ;
            return session_fail(s, "\"%s\" in the output", r->text);
        }
        r->scanned = s->out.len - len + 1;
    }
    return true;
}

/* --- waiting --- */

struct condition {
    bool (*holds)(struct session *s, const struct condition *c, bool quiet);
    const char *text;
    size_t len;
};

static bool ended_fail(struct session *s, const char *what)
{
    machine_reap(&s->machine);
    return session_fail(s, "%s: the machine ended with status %d", what, s->machine.status);
}

static bool session_wait(struct session *s, const struct condition *c, const char *what)
{
    long long wait_ms = s->wait_s * 1000LL * s->config->scale;
    long long deadline = clock_ms() + wait_ms;
    bool quiet = false;

    if (deadline > s->end_ms)
        deadline = s->end_ms;
    for (;;) {
        long long left = deadline - clock_ms();
        enum poll_result got;

        if (!output_is_good(s))
            return false;
        if (c->holds(s, c, quiet))
            return true;
        if (s->out.limit)
            return session_fail(s, "%s: not in the command's output", what);
        if (left <= 0)
            return session_fail(s, "%s: not seen in %lld s", what, wait_ms / 1000);
        got = machine_poll(&s->machine, left < QUIET_MS ? left : QUIET_MS);
        if (got == POLL_END)
            return output_is_good(s) && (c->holds(s, c, true) || ended_fail(s, what));
        quiet = got == POLL_QUIET;
    }
}

static bool holds_expect(struct session *s, const struct condition *c, bool quiet)
{
    (void)quiet;
    return stream_expect(&s->out, c->text, c->len);
}

static bool holds_match(struct session *s, const struct condition *c, bool quiet)
{
    (void)quiet;
    return stream_match(&s->out, c->text);
}

static bool holds_prompt(struct session *s, const struct condition *c, bool quiet)
{
    (void)c;
    return stream_prompt(&s->out, quiet);
}

static bool holds_never(struct session *s, const struct condition *c, bool quiet)
{
    (void)s;
    (void)c;
    (void)quiet;
    return false;
}

static const char *describe(const char *verb, const char *text)
{
    static char what[200];

    snprintf(what, sizeof what, "%s \"%.150s\"", verb, text);
    return what;
}

bool session_expect(struct session *s, const char *text, size_t len)
{
    struct condition c = {holds_expect, text, len};

    return session_wait(s, &c, describe("expect", text));
}

bool session_match(struct session *s, const char *regex)
{
    struct condition c = {holds_match, regex, 0};

    return session_wait(s, &c, describe("match", regex));
}

bool session_prompt(struct session *s)
{
    struct condition c = {holds_prompt, NULL, 0};

    s->out.limit = 0;
    s->out.pos = s->sent;
    s->at_prompt = session_wait(s, &c, "the prompt");
    return s->at_prompt;
}

bool session_wait_off(struct session *s)
{
    struct condition c = {holds_never, NULL, 0};
    char why[sizeof s->why];

    if (!s->machine.pid)
        return true;
    memcpy(why, s->why, sizeof why);
    s->out.limit = 0;
    session_wait(s, &c, "the end of the machine");
    if (s->machine.pid) /* a time-out or a forbidden word */
        return false;
    memcpy(s->why, why, sizeof why);
    return output_is_good(s);
}

/* --- typing --- */

bool session_type(struct session *s, const char *bytes, size_t n)
{
    if (!s->machine.pid)
        return session_fail(s, "the machine is off");
    while (machine_poll(&s->machine, 0) == POLL_DATA)
        ;
    s->out.limit = 0;
    s->out.pos = s->sent = s->out.len;
    s->at_prompt = false;
    return machine_type(&s->machine, bytes, n) || session_fail(s, "the machine takes no input");
}

bool session_line(struct session *s, const char *text)
{
    char *line;

    if (asprintf(&line, "%s\n", text) < 0)
        abort();
    return session_type(s, line, strlen(line));
}

/* Where the output of the last typed line begins: behind its echo. */
static size_t output_start(const struct session *s)
{
    const char *newline = strchr(s->out.data + s->sent, '\n');

    return newline ? (size_t)(newline + 1 - s->out.data) : s->out.len;
}

static bool status_ask(struct session *s, long *status)
{
    static const char regex[] = "\\[=-?[0-9]+=\\]";
    const char *text;

    if (!session_line(s, "echo \"[=$?=]\"") || !session_match(s, regex))
        return false;
    text = s->out.data + s->out.pos;
    while (*text != '[')
        text--;
    *status = strtol(text + 2, NULL, 10);
    return session_prompt(s);
}

static bool status_is(long status, long wanted)
{
    return wanted == STATUS_ANY || (wanted == STATUS_NONZERO ? status != 0 : status == wanted);
}

bool session_command(struct session *s, const char *command, long wanted)
{
    size_t start, end;
    long status;

    if (!s->at_prompt && !session_prompt(s))
        return false;
    if (!session_line(s, command) || !session_prompt(s))
        return false;
    start = output_start(s);
    end = s->out.pos;
    if (!status_ask(s, &status))
        return false;
    s->out.pos = start < end ? start : end;
    s->out.limit = end;
    return status_is(status, wanted) ||
           session_fail(s, "%s: status %ld", describe("command", command), status);
}

/* --- starting --- */

bool session_start(struct session *s)
{
    char *argv[40], smp[16], *kernel, *drive;
    int n = 0;

    snprintf(smp, sizeof smp, "%d", s->c->harts);
    if (asprintf(&kernel, "%s/kernel/kernel.elf", s->config->build) < 0 ||
        asprintf(&drive, "file=%s,if=none,format=raw,id=hd0,cache=unsafe", s->image) < 0)
        abort();
    const char *const fixed[] = {s->config->qemu,
                                 "-machine",
                                 "virt",
                                 "-display",
                                 "none",
                                 "-serial",
                                 "stdio",
                                 "-monitor",
                                 "none",
                                 "-global",
                                 "virtio-mmio.force-legacy=false",
                                 "-smp",
                                 smp,
                                 "-m",
                                 s->c->mem,
                                 "-kernel",
                                 kernel};
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
        argv[n++] = (char *)fixed[i];
    if (s->c->ram_disk) {
        argv[n++] = "-initrd";
        argv[n++] = s->image;
    } else {
        argv[n++] = "-drive";
        argv[n++] = drive;
        argv[n++] = "-device";
        argv[n++] = "virtio-blk-device,drive=hd0";
    }
    if (s->c->append) {
        argv[n++] = "-append";
        argv[n++] = s->c->append;
    }
    if (s->c->icount) {
        argv[n++] = "-icount";
        argv[n++] = "shift=0,sleep=off";
        argv[n++] = "-rtc";
        argv[n++] = "base=2020-01-01,clock=vm";
    }
    argv[n] = NULL;
    s->out.limit = 0;
    s->out.pos = s->sent = s->out.len;
    s->at_prompt = false;
    if (s->nrejects == 0)
        forbidden_add(s);
    return machine_start(&s->machine, argv) || session_fail(s, "cannot start %s", argv[0]);
}
