/*
 * elf.c - reading a program file and mapping its segments.
 *
 * Nothing in the file is trusted: every field is checked before it is used, and what is wrong is
 * -ENOEXEC. Accepted: 64-bit little-endian RISC-V, ET_EXEC, statically linked; segments that rise,
 * share no page, lie in the user half below the stack, and whose file offset agrees with their
 * address modulo the page size. Each is mapped privately from the file's object and paged by the
 * kernel itself; memory beyond the file's bytes is anonymous, and the tail of the last page of the
 * file is zeroed here.
 *
 * Source: System V ABI, chapter "Object files"; RISC-V ELF psABI for the machine number.
 */
#include "abi/errno.h"
#include "lib/string.h"
#include "lib/types.h"
#include "proc/internal.h"
#include "proc/layout.h"
#include "vm/uaccess.h"
#include "vm/vmo.h"

enum {
    ELF_CLASS_64 = 2,
    ELF_DATA_LITTLE = 1,
    ELF_VERSION = 1,
    ELF_TYPE_EXEC = 2,
    ELF_MACHINE_RISCV = 243,
    ELF_SEGMENTS_MAX = 64,

    SEGMENT_LOAD = 1,
    SEGMENT_INTERP = 3,
    SEGMENT_X = 1,
    SEGMENT_W = 2,
    SEGMENT_R = 4,
};

struct elf_header {
    uint8_t magic[4];
    uint8_t class, data, ident_version, abi;
    uint8_t pad[8];
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, phoff, shoff;
    uint32_t flags;
    uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};
_Static_assert(sizeof(struct elf_header) == 64, "ELF header");

struct elf_segment {
    uint32_t type, flags;
    uint64_t offset, vaddr, paddr, filesz, memsz, align;
};
_Static_assert(sizeof(struct elf_segment) == 56, "ELF program header");

int elf_read(struct vmo *file, uint64_t offset, void *buf, size_t len)
{
    uint64_t size = vmo_size(file);

    if (offset > size || len > size - offset)
        return -ENOEXEC;
    while (len) {
        struct page *page;
        size_t in_page = offset & PAGE_MASK;
        size_t n = MIN(len, PAGE_SIZE - in_page);
        int err =
            vmo_get_page(file, offset >> PAGE_SHIFT, VMO_GET_KERNEL | VMO_GET_KILLABLE, &page);

        if (err)
            return err == -EBOUNDS ? -ENOEXEC : err;
        memcpy(buf, (char *)page_kva(page) + in_page, n);
        page_put(page);
        buf = (char *)buf + n;
        offset += n;
        len -= n;
    }
    return 0;
}

static bool header_ok(const struct elf_header *h)
{
    return memcmp(h->magic, "\177ELF", 4) == 0 && h->class == ELF_CLASS_64 &&
           h->data == ELF_DATA_LITTLE && h->ident_version == ELF_VERSION &&
           h->type == ELF_TYPE_EXEC && h->machine == ELF_MACHINE_RISCV &&
           h->version == ELF_VERSION && h->phentsize == sizeof(struct elf_segment) &&
           h->phnum >= 1 && h->phnum <= ELF_SEGMENTS_MAX && h->phoff <= INT64_MAX &&
           (h->entry & 1) == 0;
}

/* `floor`: end of the segment before. */
static bool segment_ok(const struct elf_segment *s, uint64_t floor, uint64_t file_size)
{
    if (s->filesz > s->memsz || s->offset > file_size || s->filesz > file_size - s->offset)
        return false;
    if (s->vaddr >= USER_IMAGE_END || s->memsz > USER_IMAGE_END - s->vaddr)
        return false;
    if (ALIGN_DOWN(s->vaddr, PAGE_SIZE) < floor || ((s->vaddr ^ s->offset) & PAGE_MASK))
        return false;
    return s->filesz == s->memsz || (s->flags & SEGMENT_W);
}

static int segment_prot(const struct elf_segment *s)
{
    return (s->flags & SEGMENT_R ? ABI_PROT_READ : 0) |
           (s->flags & SEGMENT_W ? ABI_PROT_WRITE : 0) | (s->flags & SEGMENT_X ? ABI_PROT_EXEC : 0);
}

static int map_piece(struct aspace *as, const struct elf_segment *s, struct vmo *file,
                     uint64_t start, uint64_t end)
{
    vaddr_t at;
    struct map_request req = {
        .addr = start,
        .len = end - start,
        .prot = segment_prot(s),
        .prot_max = ABI_PROT_READ | ABI_PROT_WRITE | ABI_PROT_EXEC,
        .flags = ABI_MAP_PRIVATE | ABI_MAP_FIXED | (file ? 0 : ABI_MAP_ANON),
        .region_flags = file ? REGION_KERNEL_PAGED : 0,
        .vmo = file,
        .offset = file ? ALIGN_DOWN(s->offset, PAGE_SIZE) : 0,
    };

    return start < end ? aspace_map(as, &req, &at) : 0;
}

static int segment_map(struct aspace *as, const struct elf_segment *s, struct vmo *file)
{
    uint64_t file_end = s->vaddr + s->filesz;
    uint64_t pages_end =
        s->filesz ? ALIGN_UP(file_end, PAGE_SIZE) : ALIGN_DOWN(s->vaddr, PAGE_SIZE);
    int err = 0;

    if (s->filesz)
        err = map_piece(as, s, file, ALIGN_DOWN(s->vaddr, PAGE_SIZE), pages_end);
    if (!err)
        err = map_piece(as, s, NULL, pages_end, ALIGN_UP(s->vaddr + s->memsz, PAGE_SIZE));
    if (!err && s->memsz > s->filesz && file_end < pages_end)
        err = clear_user(file_end, pages_end - file_end);
    return err;
}

static bool entry_inside(const struct elf_segment *s, uint64_t entry)
{
    return (s->flags & SEGMENT_X) && entry >= s->vaddr && entry - s->vaddr < s->filesz;
}

int elf_load(struct aspace *as, struct vmo *file, struct elf_image *out)
{
    struct elf_header h;
    struct elf_segment s;
    uint64_t file_size = vmo_size(file);
    uint64_t end = USER_BASE;
    bool entry_ok = false;
    int err = elf_read(file, 0, &h, sizeof(h));

    if (err || !header_ok(&h))
        return err ? err : -ENOEXEC;
    for (unsigned i = 0; i < h.phnum; i++) {
        err = elf_read(file, h.phoff + i * sizeof(s), &s, sizeof(s));
        if (err)
            return err;
        if (s.type == SEGMENT_INTERP)
            return -ENOEXEC;
        if (s.type != SEGMENT_LOAD || s.memsz == 0)
            continue;
        if (!segment_ok(&s, end, file_size))
            return -ENOEXEC;
        err = segment_map(as, &s, file);
        if (err)
            return err;
        end = ALIGN_UP(s.vaddr + s.memsz, PAGE_SIZE);
        entry_ok |= entry_inside(&s, h.entry);
    }
    out->entry = h.entry;
    out->end = end;
    return entry_ok ? 0 : -ENOEXEC;
}
