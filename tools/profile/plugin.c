/*
 * plugin.c - QEMU plugin: how often each instruction ran while the benchmark was taking samples.
 *
 *     -plugin plugin.so,out=FILE
 *
 * The benchmark marks its samples with two instructions that do nothing (slti zero, zero, N, see
 * user/bench/bench.h). Between them every retired instruction is counted by its address; at the
 * end FILE gets a line "samples N" and a line "ADDRESS COUNT" for each address. QEMU does not
 * install its plugin header everywhere, so the few declarations needed (interface version 1) are
 * here.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MARK_BEGIN = 0x3e902013, MARK_END = 0x3ea02013, CHAINS = 1 << 14 };

struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef uint64_t qemu_plugin_id_t;

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
                                           void (*cb)(qemu_plugin_id_t, struct qemu_plugin_tb *));
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, void (*cb)(qemu_plugin_id_t, void *),
                                    void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
                                            void (*cb)(unsigned, void *), int flags, void *data);
int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv);

__attribute__((visibility("default"))) extern int qemu_plugin_version;
int qemu_plugin_version = 1;

struct place {
    struct place *next;
    uint64_t address, count;
};

static struct place *chains[CHAINS];
static bool counting;
static uint64_t samples;
static char path[512] = "profile.counts";

static struct place *place_of(uint64_t address)
{
    struct place **chain = &chains[(address >> 1) % CHAINS], *p;

    for (p = *chain; p; p = p->next)
        if (p->address == address)
            return p;
    p = calloc(1, sizeof(*p));
    if (!p)
        abort();
    p->address = address;
    p->next = *chain;
    *chain = p;
    return p;
}

static void on_insn(unsigned hart, void *data)
{
    struct place *p = data;

    (void)hart;
    if (counting)
        p->count++;
}

static void on_begin(unsigned hart, void *data)
{
    (void)hart;
    (void)data;
    counting = true;
    samples++;
}

static void on_end(unsigned hart, void *data)
{
    (void)hart;
    (void)data;
    counting = false;
}

static void on_translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    size_t i, n = qemu_plugin_tb_n_insns(tb);

    (void)id;
    for (i = 0; i < n; i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        uint32_t word = 0;

        if (qemu_plugin_insn_size(insn) == 4)
            memcpy(&word, qemu_plugin_insn_data(insn), 4);
        if (word == MARK_BEGIN)
            qemu_plugin_register_vcpu_insn_exec_cb(insn, on_begin, 0, NULL);
        else if (word == MARK_END)
            qemu_plugin_register_vcpu_insn_exec_cb(insn, on_end, 0, NULL);
        else
            qemu_plugin_register_vcpu_insn_exec_cb(insn, on_insn, 0,
                                                   place_of(qemu_plugin_insn_vaddr(insn)));
    }
}

static void on_exit_machine(qemu_plugin_id_t id, void *data)
{
    FILE *f = fopen(path, "w");
    struct place *p;
    int i;

    (void)id;
    (void)data;
    if (!f)
        return;
    fprintf(f, "samples %" PRIu64 "\n", samples);
    for (i = 0; i < CHAINS; i++)
        for (p = chains[i]; p; p = p->next)
            if (p->count)
                fprintf(f, "%" PRIx64 " %" PRIu64 "\n", p->address, p->count);
    fclose(f);
}

__attribute__((visibility("default"))) int
qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv)
{
    int i;

    (void)info;
    for (i = 0; i < argc; i++)
        if (strncmp(argv[i], "out=", 4) == 0)
            snprintf(path, sizeof(path), "%s", argv[i] + 4);
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
    qemu_plugin_register_atexit_cb(id, on_exit_machine, NULL);
    return 0;
}
