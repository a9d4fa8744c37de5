/*
 * report.c - host program: a profile by function, from the plugin's counts and `nm -n`.
 *
 *     profile-report COUNTS KERNEL.nm USER.nm [FUNCTION]
 *
 * Columns: instructions per sample, share, calls per sample (how often the function's first
 * instruction ran), name. User addresses are named by USER.nm, the benchmark's: several programs
 * live at the same addresses, so a name marked "user" is a guess when pagerd takes part. With
 * FUNCTION, the counts of its single instructions follow, to be read beside a disassembly.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SYMBOLS_MAX = 20000, PLACES_MAX = 200000, SHOWN = 45 };

struct symbol {
    uint64_t address, count, calls;
    char name[64];
    bool user;
};

struct place {
    uint64_t address, count;
};

static struct symbol symbols[SYMBOLS_MAX];
static int n_symbols;
static struct place places[PLACES_MAX];
static int n_places;
static uint64_t samples = 1;

static bool load_symbols(const char *path, bool user)
{
    FILE *f = fopen(path, "r");
    char type;

    if (!f) {
        perror(path);
        return false;
    }
    while (n_symbols < SYMBOLS_MAX) {
        struct symbol *s = &symbols[n_symbols];
        int got = fscanf(f, "%" SCNx64 " %c %63s", &s->address, &type, s->name);

        if (got == EOF)
            break;
        if (got != 3 || !strchr("tTwW", type) || s->name[0] == '.' || s->name[0] == '$')
            continue;
        s->user = user;
        n_symbols++;
    }
    fclose(f);
    return true;
}

static bool load_counts(const char *path)
{
    FILE *f = fopen(path, "r");

    if (!f || fscanf(f, "samples %" SCNu64, &samples) != 1) {
        perror(path);
        return false;
    }
    while (n_places < PLACES_MAX && fscanf(f, "%" SCNx64 " %" SCNu64, &places[n_places].address,
                                           &places[n_places].count) == 2)
        n_places++;
    fclose(f);
    return true;
}

static int by_address(const void *a, const void *b)
{
    const struct symbol *x = a, *y = b;

    return (x->address > y->address) - (x->address < y->address);
}

static int by_count(const void *a, const void *b)
{
    const struct symbol *x = a, *y = b;

    return (x->count < y->count) - (x->count > y->count);
}

static int place_by_address(const void *a, const void *b)
{
    const struct place *x = a, *y = b;

    return (x->address > y->address) - (x->address < y->address);
}

/* The symbol that an address belongs to: the last one not above it. */
static struct symbol *symbol_of(uint64_t address)
{
    int low = 0, high = n_symbols;

    while (high - low > 1) {
        int mid = (low + high) / 2;

        if (symbols[mid].address <= address)
            low = mid;
        else
            high = mid;
    }
    return &symbols[low];
}

static void show_function(const char *name)
{
    int i;

    qsort(places, (size_t)n_places, sizeof(places[0]), place_by_address);
    for (i = 0; i < n_places; i++)
        if (strcmp(symbol_of(places[i].address)->name, name) == 0)
            printf("%16" PRIx64 " %10.2f\n", places[i].address,
                   (double)places[i].count / (double)samples);
}

static void show_all(uint64_t total)
{
    double n = (double)samples;
    int i;

    qsort(symbols, (size_t)n_symbols, sizeof(symbols[0]), by_count);
    printf("%" PRIu64 " samples, %.1f instructions each\n", samples, (double)total / n);
    printf("%12s %7s %9s  %s\n", "per sample", "share", "calls", "function");
    for (i = 0; i < SHOWN && i < n_symbols && symbols[i].count; i++)
        printf("%12.1f %6.1f%% %9.2f  %s%s\n", (double)symbols[i].count / n,
               100.0 * (double)symbols[i].count / (double)total, (double)symbols[i].calls / n,
               symbols[i].name, symbols[i].user ? "  (user)" : "");
}

int main(int argc, char **argv)
{
    uint64_t total = 0;
    int i;

    if (argc < 4) {
        fprintf(stderr, "usage: profile-report COUNTS KERNEL.nm USER.nm [FUNCTION]\n");
        return 2;
    }
    if (!load_counts(argv[1]) || !load_symbols(argv[3], true) || !load_symbols(argv[2], false))
        return 1;
    qsort(symbols, (size_t)n_symbols, sizeof(symbols[0]), by_address);
    for (i = 0; i < n_places && n_symbols; i++) {
        struct symbol *s = symbol_of(places[i].address);

        total += places[i].count;
        s->count += places[i].count;
        if (s->address == places[i].address)
            s->calls += places[i].count;
    }
    if (!total || !samples) {
        fprintf(stderr, "profile-report: nothing was counted\n");
        return 1;
    }
    if (argc > 4)
        show_function(argv[4]);
    else
        show_all(total);
    return 0;
}
