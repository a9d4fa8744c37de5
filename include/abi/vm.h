/*
 * vm.h - flags of mmap and its kin. Numbers are Linux's, which xv6's mmap lab shares.
 */
#ifndef ABI_VM_H
#define ABI_VM_H

enum {
    ABI_PAGE_SIZE = 4096,

    ABI_PROT_NONE = 0,
    ABI_PROT_READ = 1,
    ABI_PROT_WRITE = 2,
    ABI_PROT_EXEC = 4,

    ABI_MAP_SHARED = 1,
    ABI_MAP_PRIVATE = 2,
    ABI_MAP_TYPE = 3,
    ABI_MAP_FIXED = 0x10,
    ABI_MAP_ANON = 0x20,
    ABI_MAP_NORESERVE = 0x4000,         /* do not check the length against free memory */
    ABI_MAP_POPULATE = 0x8000,          /* make resident before returning */
    ABI_MAP_FIXED_NOREPLACE = 0x100000, /* EEXIST where something is mapped */

    ABI_MS_ASYNC = 1,
    ABI_MS_INVALIDATE = 2, /* after MS_SYNC: clean pages leave memory, are filled again */
    ABI_MS_SYNC = 4,

    ABI_MADV_NORMAL = 0,
    ABI_MADV_RANDOM = 1,
    ABI_MADV_SEQUENTIAL = 2,
    ABI_MADV_WILLNEED = 3, /* fill now, without waiting */
    ABI_MADV_DONTNEED = 4, /* private: drop and read zeros or the file again; shared: unmap */

    ABI_MCL_CURRENT = 1,
    ABI_MCL_FUTURE = 2,
};

#endif
