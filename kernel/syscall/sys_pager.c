/*
 * sys_pager.c - sessions with pagers as descriptors, and the call that moves their messages.
 *
 * The session itself is vm/pager.h; here it gets a descriptor that a child of fork does not inherit
 * and exec closes, a window to map, and a way to put handles into its process. Nothing is taken
 * from the session before the user's buffer was touched, so a bad address loses no request.
 */
#include "abi/errno.h"
#include "abi/msg.h"
#include "abi/pager.h"
#include "lib/types.h"
#include "mem/kalloc.h"
#include "proc/process.h"
#include "syscall/syscall.h"
#include "vm/aspace.h"
#include "vm/pager.h"
#include "vm/uaccess.h"

enum { SMALL_BATCH = 4 }; /* messages that fit on the stack; a pager's usual call has one or two */

/* --- the session as a file --- */

static const struct file_ops session_ops;

static int session_poll(struct file *f, struct poll_table *pt)
{
    (void)pt; /* seen by the next look only: a pager waits in channel_call() */
    return pager_session_pending(f->data) ? ABI_POLLIN : 0;
}

static int session_mmap(struct file *f, struct map_request *req)
{
    struct pager_session *s = f->data;

    if ((req->flags & ABI_MAP_TYPE) != ABI_MAP_SHARED || req->offset != 0)
        return -EINVAL;
    if (ALIGN_UP(req->len, PAGE_SIZE) != pager_session_window_bytes(s))
        return -EINVAL;
    req->window = s;
    req->prot_max = ABI_PROT_READ | ABI_PROT_WRITE;
    return 0;
}

static void session_close(struct file *f)
{
    pager_session_close(f->data);
}

static const struct file_ops session_ops = {
    .poll = session_poll,
    .mmap = session_mmap,
    .close = session_close,
};

/* The session's process lives as long as the session: the descriptor goes before the process. */
static int install_handle(void *proc, struct vmo *vmo, bool writable)
{
    struct process *p = proc;
    struct file *f = vnode_direct_file(vmo, writable);
    int fd;

    if (!f)
        return -ENOMEM;
    fd = fdtable_install(&p->fds, f, 0, true);
    if (fd < 0)
        file_put(f);
    return fd;
}

static const struct pager_host_ops host_ops = {.install_handle = install_handle};

static int64_t session_install(struct process *p, struct pager_session *s)
{
    struct file *f = file_create(&session_ops, s, ABI_O_RDWR);
    int fd;

    if (!f) {
        pager_session_close(s);
        return -ENOMEM;
    }
    f->close_on_fork = true;
    fd = fdtable_install(&p->fds, f, 0, true);
    if (fd < 0)
        file_put(f);
    return fd;
}

int64_t sys_pager_open(const struct sysargs *a)
{
    struct process *p = current_process();
    struct pager_session *s;
    int err;

    if (a->v[1] > PAGER_SLOTS_MAX || a->v[0] > UINT32_MAX)
        return -EINVAL;
    err = pager_session_open(p->as, p, (uint32_t)p->pid, (uint32_t)a->v[0], (uint32_t)a->v[1],
                             &host_ops, &s);
    return err ? err : session_install(p, s);
}

/* --- channel_call --- */

struct call {
    uint64_t uout, uin;
    unsigned nout, nin;
    uint64_t deadline_ns;
};

static long call_with(struct pager_session *s, const struct call *c, struct abi_msg *buf)
{
    struct abi_msg *in = buf + c->nout;
    long n = c->nout ? copy_from_user(buf, c->uout, c->nout * sizeof(*buf)) : 0;

    if (!n && c->nin)
        n = user_prefault(c->uin, c->nin * sizeof(*in), true);
    if (!n)
        n = pager_session_call(s, buf, c->nout, in, c->nin, c->deadline_ns);
    if (n > 0) {
        int err = copy_to_user(c->uin, in, (size_t)n * sizeof(*in));
        if (err)
            return err;
    }
    return n;
}

static long session_call(struct pager_session *s, const struct call *c)
{
    struct abi_msg small[SMALL_BATCH], *buf = small;
    long n;

    if (c->nout + c->nin > SMALL_BATCH)
        buf = kalloc((c->nout + c->nin) * sizeof(*buf));
    if (!buf)
        return -ENOMEM;
    n = call_with(s, c, buf);
    if (buf != small)
        kfree(buf);
    return n;
}

int64_t sys_channel_call(const struct sysargs *a)
{
    int64_t timeout = (int64_t)a->v[5];
    struct call c = {
        .uout = a->v[1],
        .nout = (unsigned)a->v[2],
        .uin = a->v[3],
        .nin = (unsigned)a->v[4],
        .deadline_ns = timeout < 0 ? TIME_NEVER : time_after_ns((uint64_t)timeout),
    };
    struct file *f;
    long result = -EINVAL;

    if (a->v[2] > ABI_MSG_BATCH_MAX || a->v[4] > ABI_MSG_BATCH_MAX)
        return -EINVAL;
    f = fdtable_get(&current_process()->fds, (int)a->v[0]);
    if (!f)
        return -EBADF;
    if (f->ops == &session_ops) /* never another process's: fork leaves it out */
        result = session_call(f->data, &c);
    file_put(f);
    return result;
}
