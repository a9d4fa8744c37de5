/*
 * parse.c - from text to a tree. No words are expanded here and nothing is run.
 *
 *   line      list up to a newline
 *   list      andor { (; | &) andor }          (newlines separate too, inside compounds)
 *   andor     pipeline { (&& | ||) pipeline }
 *   pipeline  [!] command { | command }
 *   command   simple | ( list ) | { list } | if | while | until | for, each with redirections
 *
 * The scanner looks one token ahead. Text that ends inside a quote or a compound command is not
 * an error but PARSE_MORE: the caller may add a line and start again.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sh.h"

enum token {
    TOKEN_END,
    TOKEN_NEWLINE,
    TOKEN_WORD,
    TOKEN_SEMI,
    TOKEN_AND, /* & */
    TOKEN_AND_IF,
    TOKEN_OR_IF,
    TOKEN_PIPE,
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_REDIR,
    TOKEN_BAD,
};

struct parser {
    const char *p;        /* behind the token */
    const char *start;    /* of the token */
    const char *last_end; /* of the token taken last */
    enum token token;
    enum redir_kind redir_kind;
    int redir_fd;
    struct arena *arena;
    struct redir *here[8]; /* whose bodies follow the next newline */
    int here_count;
    int more; /* the text ended too early */
    const char *wrong;
};

static struct node *list(struct parser *s, int stop_at_newline);

/* p is behind "$(" or "`": returns behind the closing character, or NULL if there is none. */
const char *skip_substitution(const char *p, char close)
{
    int depth = 1;

    for (; *p; p++) {
        if (*p == '\\' && p[1])
            p++;
        else if (*p == '\'' && close == ')') {
            p = strchr(p + 1, '\'');
            if (!p)
                return NULL;
        } else if (*p == close && --depth == 0)
            return p + 1;
        else if (*p == '(' && close == ')')
            depth++;
        else if (*p == '{' && close == '}')
            depth++;
    }
    return NULL;
}

static const char *skip_dollar(const char *p)
{
    if (p[1] == '(')
        return skip_substitution(p + 2, ')');
    if (p[1] == '{')
        return skip_substitution(p + 2, '}');
    return p + 1;
}

static const char *skip_double_quotes(const char *p)
{
    for (p++; p && *p && *p != '"';) {
        if (*p == '\\' && p[1])
            p += 2;
        else if (*p == '$')
            p = skip_dollar(p);
        else if (*p == '`')
            p = skip_substitution(p + 1, '`');
        else
            p++;
    }
    return p && *p ? p + 1 : NULL;
}

/* Returns behind the word at p, or NULL if the text ends inside it. */
static const char *skip_word(const char *p)
{
    while (p && *p && !strchr(" \t\n;&|()<>", *p)) {
        if (*p == '\'') {
            p = strchr(p + 1, '\'');
            p = p ? p + 1 : NULL;
        } else if (*p == '"') {
            p = skip_double_quotes(p);
        } else if (*p == '\\') {
            p = p[1] ? p + 2 : NULL;
        } else if (*p == '$') {
            p = skip_dollar(p);
        } else if (*p == '`') {
            p = skip_substitution(p + 1, '`');
        } else {
            p++;
        }
    }
    return p;
}

static const char *skip_blanks(const char *p)
{
    for (;;) {
        if (*p == ' ' || *p == '\t' || *p == '\r')
            p++;
        else if (*p == '\\' && p[1] == '\n')
            p += 2;
        else if (*p == '#')
            p += strcspn(p, "\n");
        else
            return p;
    }
}

/* Reads the lines of waiting here-documents; p is behind the newline. */
static const char *here_bodies(struct parser *s, const char *p)
{
    for (int i = 0; i < s->here_count; i++) {
        const char *start = p, *end = NULL;
        size_t len = strlen(s->here[i]->text);

        while (*p && !end) {
            size_t line = strcspn(p, "\n");

            if (line == len && strncmp(p, s->here[i]->text, len) == 0)
                end = p;
            p += line + (p[line] == '\n');
        }
        if (!end)
            s->more = 1;
        s->here[i]->body = arena_text(s->arena, start, (size_t)((end ? end : p) - start));
    }
    s->here_count = 0;
    return p;
}

static enum token redirection(struct parser *s, const char *p)
{
    char c = *p++;

    if (s->redir_fd < 0)
        s->redir_fd = c == '>';
    s->redir_kind = c == '<' ? REDIR_IN : REDIR_OUT;
    if (*p == '&') {
        s->redir_kind = REDIR_DUP;
        p++;
    } else if (c == '<' && *p == '<') {
        s->redir_kind = REDIR_HERE;
        p++;
    } else if (*p == '>') {
        s->redir_kind = c == '<' ? REDIR_BOTH : REDIR_APPEND;
        p++;
    }
    s->p = p;
    return TOKEN_REDIR;
}

static enum token operator_token(struct parser *s, const char *p)
{
    int twice = p[0] == p[1];

    s->p = p + 1;
    switch (*p) {
    case '\n':
        s->p = here_bodies(s, p + 1);
        return TOKEN_NEWLINE;
    case ';':
        return TOKEN_SEMI;
    case '(':
        return TOKEN_OPEN;
    case ')':
        return TOKEN_CLOSE;
    case '&':
        s->p += twice;
        return twice ? TOKEN_AND_IF : TOKEN_AND;
    case '|':
        s->p += twice;
        return twice ? TOKEN_OR_IF : TOKEN_PIPE;
    default:
        s->redir_fd = -1;
        return redirection(s, p);
    }
}

static void advance(struct parser *s)
{
    const char *p;

    s->last_end = s->p;
    p = skip_blanks(s->p);
    s->start = p;
    if (!*p) {
        s->p = p;
        s->token = TOKEN_END;
        return;
    }
    if (isdigit((unsigned char)*p) && (p[1] == '<' || p[1] == '>')) {
        s->redir_fd = *p - '0';
        s->token = redirection(s, p + 1);
        return;
    }
    if (strchr("\n;&|()<>", *p)) {
        s->token = operator_token(s, p);
        return;
    }
    s->p = skip_word(p);
    s->token = TOKEN_WORD;
    if (!s->p) {
        s->more = 1;
        s->p = p + strlen(p);
        s->token = TOKEN_END;
    }
}

static int at_word(struct parser *s, const char *text)
{
    size_t len = strlen(text);

    return s->token == TOKEN_WORD && (size_t)(s->p - s->start) == len &&
           strncmp(s->start, text, len) == 0;
}

static int at_any(struct parser *s, const char *const *words)
{
    for (; *words; words++)
        if (at_word(s, *words))
            return 1;
    return 0;
}

static void wrong(struct parser *s)
{
    if (s->token == TOKEN_END)
        s->more = 1;
    if (!s->wrong)
        s->wrong = s->start;
    s->token = TOKEN_BAD;
}

static void need_word(struct parser *s, const char *text)
{
    if (at_word(s, text))
        advance(s);
    else
        wrong(s);
}

static void skip_newlines(struct parser *s)
{
    while (s->token == TOKEN_NEWLINE)
        advance(s);
}

static struct node *node_new(struct parser *s, enum node_kind kind, struct node *left,
                             struct node *right)
{
    struct node *n = arena_alloc(s->arena, sizeof(*n));

    n->kind = kind;
    n->left = left;
    n->right = right;
    n->source = left ? left->source : s->start;
    return n;
}

static struct node *node_close(struct parser *s, struct node *n)
{
    n->source_len = (size_t)(s->last_end - n->source);
    return n;
}

static char *take_word(struct parser *s)
{
    char *text = arena_text(s->arena, s->start, (size_t)(s->p - s->start));

    advance(s);
    return text;
}

static void take_redirection(struct parser *s, struct redir ***tail)
{
    struct redir *r = arena_alloc(s->arena, sizeof(*r));

    r->kind = s->redir_kind;
    r->fd = s->redir_fd;
    **tail = r;
    *tail = &r->next;
    advance(s);
    if (s->token != TOKEN_WORD) {
        wrong(s);
        return;
    }
    r->text = arena_text(s->arena, s->start, (size_t)(s->p - s->start));
    if (r->kind == REDIR_HERE && s->here_count < 8) {
        s->here[s->here_count++] = r;
        r->body = (char *)"";
    }
    advance(s);
}

static int is_assignment(const struct parser *s)
{
    const char *equals = memchr(s->start, '=', (size_t)(s->p - s->start));

    return equals && is_name(s->start, (size_t)(equals - s->start));
}

static struct node *simple(struct parser *s)
{
    struct node *n = node_new(s, NODE_SIMPLE, NULL, NULL);
    struct word **words = &n->words, **assigns = &n->assigns;
    struct redir **redirs = &n->redirs;

    while (s->token == TOKEN_WORD || s->token == TOKEN_REDIR) {
        struct word *w;

        if (s->token == TOKEN_REDIR) {
            take_redirection(s, &redirs);
            continue;
        }
        w = arena_alloc(s->arena, sizeof(*w));
        if (!n->words && is_assignment(s)) {
            *assigns = w;
            assigns = &w->next;
        } else {
            *words = w;
            words = &w->next;
        }
        w->text = take_word(s);
    }
    if (!n->words && !n->assigns && !n->redirs)
        wrong(s);
    return n;
}

/* The rest of an if behind "if" or "elif". */
static struct node *if_rest(struct parser *s, struct node *n)
{
    n->left = list(s, 0);
    need_word(s, "then");
    n->right = list(s, 0);
    if (at_word(s, "elif")) {
        advance(s);
        n->other = if_rest(s, node_new(s, NODE_IF, NULL, NULL));
        return n;
    }
    if (at_word(s, "else")) {
        advance(s);
        n->other = list(s, 0);
    }
    need_word(s, "fi");
    return n;
}

static struct node *loop(struct parser *s, struct node *n)
{
    n->left = list(s, 0);
    need_word(s, "do");
    n->right = list(s, 0);
    need_word(s, "done");
    return n;
}

static struct node *for_loop(struct parser *s, struct node *n)
{
    struct word **tail = &n->words;

    if (s->token != TOKEN_WORD || !is_name(s->start, (size_t)(s->p - s->start))) {
        wrong(s);
        return n;
    }
    n->name = take_word(s);
    skip_newlines(s);
    if (at_word(s, "in")) {
        n->has_in = 1;
        for (advance(s); s->token == TOKEN_WORD;) {
            struct word *w = arena_alloc(s->arena, sizeof(*w));

            *tail = w;
            tail = &w->next;
            w->text = take_word(s);
        }
    }
    if (s->token == TOKEN_SEMI)
        advance(s);
    skip_newlines(s);
    need_word(s, "do");
    n->left = list(s, 0);
    need_word(s, "done");
    return n;
}

static struct node *compound(struct parser *s, struct node *n)
{
    struct redir **redirs = &n->redirs;

    switch (n->kind) {
    case NODE_SUB:
        n->left = list(s, 0);
        if (s->token == TOKEN_CLOSE)
            advance(s);
        else
            wrong(s);
        break;
    case NODE_GROUP:
        n->left = list(s, 0);
        need_word(s, "}");
        break;
    case NODE_IF:
        if_rest(s, n);
        break;
    case NODE_FOR:
        for_loop(s, n);
        break;
    default:
        loop(s, n);
        break;
    }
    while (s->token == TOKEN_REDIR)
        take_redirection(s, &redirs);
    return n;
}

static struct node *command(struct parser *s)
{
    static const struct {
        const char *word;
        enum node_kind kind;
    } table[] = {{"{", NODE_GROUP},
                 {"if", NODE_IF},
                 {"while", NODE_WHILE},
                 {"until", NODE_UNTIL},
                 {"for", NODE_FOR}};
    static const char *const closing[] = {"}", "then", "else", "elif", "fi", "do", "done", NULL};
    struct node *n = NULL;

    if (s->token == TOKEN_OPEN)
        n = node_new(s, NODE_SUB, NULL, NULL);
    for (size_t i = 0; !n && i < sizeof(table) / sizeof(table[0]); i++)
        if (at_word(s, table[i].word))
            n = node_new(s, table[i].kind, NULL, NULL);
    if (n) {
        advance(s);
        return node_close(s, compound(s, n));
    }
    if ((s->token != TOKEN_WORD && s->token != TOKEN_REDIR) || at_any(s, closing)) {
        wrong(s);
        return node_new(s, NODE_SIMPLE, NULL, NULL);
    }
    return node_close(s, simple(s));
}

static struct node *pipeline(struct parser *s)
{
    struct node *n;

    if (at_word(s, "!")) {
        const char *start = s->start;

        advance(s);
        n = node_new(s, NODE_NOT, pipeline(s), NULL);
        n->source = start;
        return node_close(s, n);
    }
    n = command(s);
    if (s->token == TOKEN_PIPE) {
        advance(s);
        skip_newlines(s);
        n = node_new(s, NODE_PIPE, n, pipeline(s));
    }
    return node_close(s, n);
}

static struct node *andor(struct parser *s)
{
    struct node *n = pipeline(s);

    while (s->token == TOKEN_AND_IF || s->token == TOKEN_OR_IF) {
        enum node_kind kind = s->token == TOKEN_AND_IF ? NODE_AND : NODE_OR;

        advance(s);
        skip_newlines(s);
        n = node_close(s, node_new(s, kind, n, pipeline(s)));
    }
    return n;
}

/* Up to a word that closes a compound, or, at the top, up to the end of the line. */
static struct node *list(struct parser *s, int stop_at_newline)
{
    static const char *const closing[] = {"}", "then", "else", "elif", "fi", "do", "done", NULL};
    struct node *all = NULL;

    for (;;) {
        struct node *n;

        if (!stop_at_newline)
            skip_newlines(s);
        if (all && (s->token == TOKEN_END || s->token == TOKEN_NEWLINE || s->token == TOKEN_CLOSE ||
                    at_any(s, closing)))
            return all;
        n = andor(s);
        if (s->token == TOKEN_AND)
            n = node_close(s, node_new(s, NODE_BACK, n, NULL));
        all = all ? node_close(s, node_new(s, NODE_SEQ, all, n)) : n;
        if (s->token == TOKEN_SEMI || s->token == TOKEN_AND)
            advance(s);
        else if (stop_at_newline || s->token != TOKEN_NEWLINE)
            return all;
    }
}

/*
 * Parses the next line of *text that holds a command and moves *text behind it. On an error
 * *text is behind the line with the error, and `error` says what was not expected.
 */
enum parse_result parse(const char **text, struct arena *arena, struct node **tree, char *error,
                        size_t error_size)
{
    struct parser s = {.p = *text, .arena = arena};

    advance(&s);
    skip_newlines(&s);
    if (s.token == TOKEN_END && !s.more) {
        *text = s.p;
        return PARSE_END;
    }
    *tree = list(&s, 1);
    if (!s.more && !s.wrong && s.token != TOKEN_END && s.token != TOKEN_NEWLINE)
        wrong(&s);
    if (s.more || (s.here_count && s.token == TOKEN_END)) {
        snprintf(error, error_size, "syntax error: unexpected end");
        return PARSE_MORE;
    }
    if (s.wrong) {
        size_t len = *s.wrong == '\n' ? 0 : strcspn(s.wrong, " \t\n");

        snprintf(error, error_size, "syntax error near '%.*s'", (int)(len ? len : 7),
                 len ? s.wrong : "newline");
        *text = s.p + strcspn(s.p, "\n");
        return PARSE_ERROR;
    }
    *text = s.p;
    return PARSE_OK;
}
