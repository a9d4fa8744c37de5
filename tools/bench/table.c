/*
 * table.c - host program: from bench's lines to a table, a .tsv, and a verdict.
 *
 *     bench-table LOG OUT.tsv [-p PEERS.tsv] [-b BASELINE.tsv]
 *
 * LOG is what the machine printed. OUT gets name, median, min, mean, n. With -p the table on the
 * screen has the peers' figures and the targets beside ours. With -b every measured row is
 * compared with the baseline: more than TOLERANCE per thousand worse is a failure, as is a row of
 * the baseline that failed to be measured. Exit status: 0 well, 1 worse or failed, 2 wrong usage.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_MAX = 256, FIELDS_MAX = 8, LINE_MAX_BYTES = 1024, TOLERANCE = 20 };

struct record {
    char line[LINE_MAX_BYTES];
    char *field[FIELDS_MAX];
    int fields;
};

struct table {
    struct record *rows;
    int count;
};

/* Splits at tabs, in place. */
static void split(struct record *r)
{
    char *p = r->line;

    p[strcspn(p, "\r\n")] = '\0';
    for (r->fields = 0; p && r->fields < FIELDS_MAX;) {
        r->field[r->fields++] = p;
        p = strchr(p, '\t');
        if (p)
            *p++ = '\0';
    }
}

/* The lines of a file that begin with `prefix` (which is cut off) and are no comment. */
static bool load(const char *path, const char *prefix, struct table *t)
{
    FILE *f = fopen(path, "r");
    struct record *r;

    t->count = 0;
    t->rows = calloc(ROWS_MAX, sizeof(*t->rows));
    if (!f || !t->rows) {
        fprintf(stderr, "bench-table: %s: %s\n", path, strerror(errno));
        if (f)
            fclose(f);
        return false;
    }
    while (t->count < ROWS_MAX && fgets(t->rows[t->count].line, LINE_MAX_BYTES, f)) {
        r = &t->rows[t->count];
        if (r->line[0] == '#' || strncmp(r->line, prefix, strlen(prefix)) != 0)
            continue;
        memmove(r->line, r->line + strlen(prefix), strlen(r->line + strlen(prefix)) + 1);
        split(r);
        t->count++;
    }
    fclose(f);
    return true;
}

static const struct record *find(const struct table *t, const char *name)
{
    int i;

    for (i = 0; i < t->count; i++)
        if (strcmp(t->rows[i].field[0], name) == 0)
            return &t->rows[i];
    return NULL;
}

static const char *field(const struct record *r, int i)
{
    return r && i < r->fields && r->field[i][0] ? r->field[i] : "-";
}

static bool is_number(const char *s)
{
    return *s >= '0' && *s <= '9';
}

static const char *verdict(const char *median, const struct record *peer)
{
    if (!is_number(median) || !is_number(field(peer, 4)))
        return "";
    if (atoll(median) <= atoll(field(peer, 5)))
        return "aim met";
    if (atoll(median) <= atoll(field(peer, 4)))
        return "met";
    return "MISSED";
}

static int write_tsv(const char *path, const struct table *ours)
{
    FILE *f = fopen(path, "w");
    int i;

    if (!f) {
        fprintf(stderr, "bench-table: %s: %s\n", path, strerror(errno));
        return 1;
    }
    fprintf(f, "# name\tmedian\tmin\tmean\tn\n");
    for (i = 0; i < ours->count; i++)
        fprintf(f, "%s\t%s\t%s\t%s\t%s\n", field(&ours->rows[i], 0), field(&ours->rows[i], 1),
                field(&ours->rows[i], 2), field(&ours->rows[i], 3), field(&ours->rows[i], 4));
    return fclose(f) != 0;
}

static void print(const struct table *ours, const struct table *peers)
{
    int i;

    printf("%-18s %9s %9s %9s %5s | %9s %9s | %7s %7s %-8s %s\n", "row", "median", "min", "mean",
           "n", "Linux", "xv6 fast", "must", "aim", "", "what one count includes");
    for (i = 0; i < ours->count; i++) {
        const struct record *r = &ours->rows[i], *p = find(peers, field(r, 0));

        printf("%-18s %9s %9s %9s %5s | %9s %9s | %7s %7s %-8s %s\n", field(r, 0), field(r, 1),
               field(r, 2), field(r, 3), field(r, 4), field(p, 1), field(p, 3), field(p, 4),
               field(p, 5), verdict(field(r, 1), p), field(r, 5));
    }
}

/* Rows that got worse. */
static int compare(const struct table *ours, const struct table *base)
{
    int i, worse = 0, better = 0;

    for (i = 0; i < ours->count; i++) {
        const struct record *r = &ours->rows[i], *b = find(base, field(r, 0));
        long long old = atoll(field(b, 1)), now = atoll(field(r, 1));

        if (!is_number(field(b, 1)))
            continue;
        if (!is_number(field(r, 1)) || now * 1000 > old * (1000 + TOLERANCE)) {
            printf("WORSE  %s: %s, the baseline is %lld\n", field(r, 0), field(r, 1), old);
            worse++;
        } else if (now * (1000 + TOLERANCE) < old * 1000) {
            printf("better %s: %lld, the baseline is %lld\n", field(r, 0), now, old);
            better++;
        }
    }
    printf("compared with the baseline: %d rows, %d worse, %d better\n", ours->count, worse,
           better);
    return worse;
}

int main(int argc, char **argv)
{
    struct table ours, peers = {0}, base = {0};
    const char *peers_path = NULL, *base_path = NULL;
    int i, failed = 0;

    for (i = 3; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "-p") == 0)
            peers_path = argv[i + 1];
        else if (strcmp(argv[i], "-b") == 0)
            base_path = argv[i + 1];
    }
    if (argc < 3 || argc % 2 == 0) {
        fprintf(stderr, "usage: bench-table LOG OUT.tsv [-p PEERS.tsv] [-b BASELINE.tsv]\n");
        return 2;
    }
    if (!load(argv[1], "row\t", &ours) || (peers_path && !load(peers_path, "", &peers)) ||
        (base_path && !load(base_path, "", &base)))
        return 1;
    print(&ours, &peers);
    failed = write_tsv(argv[2], &ours);
    for (i = 0; i < ours.count; i++)
        failed += strncmp(field(&ours.rows[i], 5), "failed", 6) == 0;
    if (base_path)
        failed += compare(&ours, &base);
    return failed != 0 || ours.count == 0;
}
