/*
 * exec.c - a new program in an old process.
 *
 * Three steps. Build: a whole new address space (segments, stack, arguments) beside the old one,
 * with the calling thread looking at the new; any failure drops it and the old program goes on.
 * Commit: the other threads are told to leave, and waited for; the only failure left is that this
 * thread is told so itself. Replace: descriptors marked close-on-exec are closed, the session of a
 * pager among them, while the old address space (its window) still stands; then that is dropped,
 * handlers are reset, and the frame becomes the new program's.
 *
 * The stack at entry, from the stack pointer up (16-byte aligned; a0 a1 a2 hold argc argv envp):
 *
 *     argc | argv[0] ... argv[argc-1] NULL | envp[0] ... NULL | strings
 *
 * A file that begins with "#!" names its interpreter: one level, one optional argument.
 */
#include "abi/errno.h"
#include "core/counter.h"
#include "lib/string.h"
#include "lib/types.h"
#include "mem/kalloc.h"
#include "proc/internal.h"
#include "proc/layout.h"
#include "sched/sched.h"
#include "vm/uaccess.h"
#include "vm/vmo.h"

enum { SCRIPT_LINE_MAX = 256 };

struct exec_image {
    struct aspace *as;
    struct elf_image elf;
    uint64_t sp, argv, envp;
};

/* --- the stack --- */

static int map_anon(struct aspace *as, uint64_t start, uint64_t len, int prot, unsigned flags)
{
    vaddr_t at;
    struct map_request req = {
        .addr = start,
        .len = len,
        .prot = prot,
        .prot_max = ABI_PROT_READ | ABI_PROT_WRITE | ABI_PROT_EXEC,
        .flags = ABI_MAP_PRIVATE | ABI_MAP_FIXED | ABI_MAP_ANON | ABI_MAP_NORESERVE,
        .region_flags = flags,
    };

    return aspace_map(as, &req, &at);
}

static int stack_map(struct aspace *as)
{
    int err = map_anon(as, USER_STACK_BASE - USER_GUARD_BYTES, USER_GUARD_BYTES, ABI_PROT_NONE, 0);

    if (!err)
        err = map_anon(as, USER_STACK_BASE, USER_STACK_BYTES, ABI_PROT_READ | ABI_PROT_WRITE,
                       REGION_STACK);
    return err;
}

/* Stores `count` pointers to consecutive strings and a NULL from *slot on; moves *slot and *string,
 * the address of the first of them, behind. `text`: the same strings in the kernel. */
static int stack_pointers(uint64_t *slot, uint64_t *string, const char **text, uint32_t count)
{
    int err = 0;

    for (; count && !err; count--) {
        size_t len = strlen(*text) + 1;
        err = put_user_u64(*slot, *string);
        *slot += sizeof(uint64_t);
        *string += len;
        *text += len;
    }
    if (!err)
        err = put_user_u64(*slot, 0);
    *slot += sizeof(uint64_t);
    return err;
}

static int stack_fill(const struct exec_args *ea, struct exec_image *im)
{
    uint64_t string = ALIGN_DOWN(USER_STACK_TOP - ea->len, 8);
    uint64_t slot = string - (ea->argc + ea->envc + 3) * sizeof(uint64_t);
    const char *text = ea->buf;
    int err;

    im->sp = slot = ALIGN_DOWN(slot, 16);
    err = ea->len ? copy_to_user(string, ea->buf, ea->len) : 0;
    if (!err)
        err = put_user_u64(slot, ea->argc);
    slot += sizeof(uint64_t);
    im->argv = slot;
    if (!err)
        err = stack_pointers(&slot, &string, &text, ea->argc);
    im->envp = slot;
    if (!err)
        err = stack_pointers(&slot, &string, &text, ea->envc);
    return err;
}

/* --- building --- */

/* Fills im->as, at which the calling thread looks already. */
static int image_fill(struct vmo *file, const struct exec_args *ea, struct exec_image *im)
{
    int err = elf_load(im->as, file, &im->elf);

    if (err)
        return err;
    aspace_init_brk(im->as, im->elf.end);
    err = stack_map(im->as);
    if (!err)
        err = stack_fill(ea, im);
    return err == -EFAULT || err == -EEXIST ? -ENOEXEC : err;
}

/* On success the thread looks at the new space; the caller owns im->as. */
static int image_build(struct vmo *file, const struct exec_args *ea, struct exec_image *im)
{
    struct pmap *old = current_thread()->pmap;
    int err;

    im->as = aspace_create();
    if (!im->as)
        return -ENOMEM;
    sched_set_pmap(&im->as->pmap);
    err = image_fill(file, ea, im);
    if (err) {
        sched_set_pmap(old);
        aspace_put(im->as);
    }
    return err;
}

/* --- scripts --- */

static bool blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Cuts the next word out of *line; NULL: none. */
static char *next_word(char **line)
{
    char *word;

    while (blank(**line))
        ++*line;
    if (!**line)
        return NULL;
    word = *line;
    while (**line && !blank(**line))
        ++*line;
    if (**line)
        *(*line)++ = '\0';
    return word;
}

/* The first line of the file without "#!" and line end, in `line`: 1; 0: it is no script. */
static int script_line(struct vmo *file, char *line)
{
    size_t len = MIN(vmo_size(file), (uint64_t)SCRIPT_LINE_MAX - 1);
    char *end;
    int err = elf_read(file, 0, line, len);

    if (err)
        return err;
    if (len < 2 || line[0] != '#' || line[1] != '!')
        return 0;
    line[len] = '\0';
    end = strchr(line, '\n');
    if (!end)
        return -ENOEXEC;
    *end = '\0';
    line[0] = line[1] = ' ';
    return 1;
}

/* argv of a script: interpreter, its argument if any, the script's path, argv[1] and so on. */
static int script_args(const struct exec_args *ea, const char *interpreter, const char *option,
                       const char *path, struct exec_args *out)
{
    const char *string = ea->buf;
    int err = exec_args_add(out, interpreter, &out->argc);

    if (!err && option)
        err = exec_args_add(out, option, &out->argc);
    if (!err)
        err = exec_args_add(out, path, &out->argc);
    for (uint32_t i = 0; i < ea->argc + ea->envc && !err; i++) {
        if (i > 0 || ea->argc == 0)
            err = exec_args_add(out, string, i < ea->argc ? &out->argc : &out->envc);
        string += strlen(string) + 1;
    }
    return err;
}

/* If *file is a script, makes *file and *ea those of its interpreter. */
static int script_resolve(struct process *p, const char *path, struct vmo **file,
                          struct exec_args *ea)
{
    char line[SCRIPT_LINE_MAX];
    struct exec_args args;
    struct vmo *program;
    char *rest = line, *interpreter, *option;
    int err = script_line(*file, line);

    if (err <= 0)
        return err;
    interpreter = next_word(&rest);
    option = next_word(&rest);
    if (!interpreter)
        return -ENOEXEC;
    exec_args_init(&args);
    err = script_args(ea, interpreter, option, path, &args);
    if (!err)
        err = fs_open_exec(&p->fs, interpreter, &program);
    if (err) {
        exec_args_drop(&args);
        return err;
    }
    vmo_put(*file);
    *file = program;
    exec_args_drop(ea);
    *ea = args;
    return 0;
}

/* --- replacing --- */

static void frame_reset(struct thread *t, const struct exec_image *im, uint32_t argc)
{
    t->frame_written = 1;
    for (unsigned i = 1; i < 32; i++)
        t->tf.x[i] = 0;
    t->tf.sepc = im->elf.entry;
    t->tf.x[2] = im->sp;
    t->tf.x[10] = argc;
    t->tf.x[11] = im->argv;
    t->tf.x[12] = im->envp;
    memset(&t->fp, 0, sizeof(t->fp));
    t->fp_used = false;
    sched_fp_reload(t);
}

static void set_name(struct process *p, struct thread *t, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash && slash[1] ? slash + 1 : path;

    spin_lock(&p->lock);
    strlcpy(p->name, name, sizeof(p->name));
    strlcpy(t->name, name, sizeof(t->name));
    spin_unlock(&p->lock);
}

/* Past the point of no return: `t` is the only thread, im->as is complete. */
static void replace(struct process *p, struct thread *t, const struct exec_image *im,
                    const char *path, uint32_t argc)
{
    struct aspace *old;

    fdtable_close_exec(&p->fds);
    spin_lock(&p->lock);
    old = p->as;
    p->as = im->as;
    signal_exec_locked(p, t);
    p->exec_thread = NULL;
    spin_unlock(&p->lock);
    aspace_put(old);

    spin_lock(&process_tree_lock);
    p->did_exec = true;
    spin_unlock(&process_tree_lock);
    set_name(p, t, path);
    frame_reset(t, im, argc);
    t->tid = p->pid;
    memset(t->fault_record, 0, sizeof(t->fault_record));
    counter_inc(COUNTER_execs);
}

long process_exec(const char *path, struct exec_args *ea)
{
    struct thread *t = current_thread();
    struct process *p = t->proc;
    struct pmap *old_pmap = t->pmap;
    struct exec_image im;
    struct vmo *file;
    int err = fs_open_exec(&p->fs, path, &file);

    if (err)
        return err;
    err = script_resolve(p, path, &file, ea);
    if (!err)
        err = image_build(file, ea, &im);
    vmo_put(file);
    if (err)
        return err;
    err = process_kill_others(p, t);
    if (err) {
        sched_set_pmap(old_pmap);
        aspace_put(im.as);
        return err;
    }
    replace(p, t, &im, path, ea->argc);
    return ea->argc;
}
