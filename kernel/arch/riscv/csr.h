/*
 * csr.h - control and status registers of supervisor mode: numbers of bits, and access.
 *
 * Source: RISC-V privileged specification. Accessors are volatile and clobber memory where the
 * register changes what memory accesses mean.
 */
#ifndef ARCH_CSR_H
#define ARCH_CSR_H

#define SSTATUS_SIE        (1 << 1)
#define SSTATUS_SPIE       (1 << 5)
#define SSTATUS_SPP        (1 << 8)
#define SSTATUS_FS         (3 << 13) /* floating-point unit: */
#define SSTATUS_FS_OFF     (0 << 13)
#define SSTATUS_FS_INITIAL (1 << 13)
#define SSTATUS_FS_CLEAN   (2 << 13)
#define SSTATUS_FS_DIRTY   (3 << 13)
#define SSTATUS_SUM        (1 << 18) /* the kernel may touch user pages */
#define SSTATUS_MXR        (1 << 19)

#define SIE_SSIE (1 << 1) /* bits of sie and sip */
#define SIE_STIE (1 << 5)
#define SIE_SEIE (1 << 9)

#define CAUSE_FETCH_MISALIGNED 0
#define CAUSE_FETCH_ACCESS     1
#define CAUSE_ILLEGAL          2
#define CAUSE_BREAKPOINT       3
#define CAUSE_LOAD_MISALIGNED  4
#define CAUSE_LOAD_ACCESS      5
#define CAUSE_STORE_MISALIGNED 6
#define CAUSE_STORE_ACCESS     7
#define CAUSE_ECALL_USER       8
#define CAUSE_FETCH_PAGE       12
#define CAUSE_LOAD_PAGE        13
#define CAUSE_STORE_PAGE       15

#define SATP_SV39 8

#ifndef __ASSEMBLER__
#include <stdint.h>

#define CAUSE_INTERRUPT  (1ul << 63)
#define SATP_ASID_SHIFT  44
#define SATP_MAKE(pa, a) ((uint64_t)SATP_SV39 << 60 | (uint64_t)(a) << SATP_ASID_SHIFT | (pa) >> 12)

#define CSR_READ(name)                                                                             \
    ({                                                                                             \
        uint64_t csr_v_;                                                                           \
        __asm__ volatile("csrr %0, " #name : "=r"(csr_v_) : : "memory");                           \
        csr_v_;                                                                                    \
    })
#define CSR_WRITE(name, v) __asm__ volatile("csrw " #name ", %0" : : "rK"((uint64_t)(v)) : "memory")
#define CSR_SET(name, v)   __asm__ volatile("csrs " #name ", %0" : : "rK"((uint64_t)(v)) : "memory")
#define CSR_CLEAR(name, v) __asm__ volatile("csrc " #name ", %0" : : "rK"((uint64_t)(v)) : "memory")

/* Waits for an interrupt that sie enables, pending or to come, taken or not. */
static inline void cpu_wait(void)
{
    __asm__ volatile("wfi" : : : "memory");
}

/* Hint in a spinning loop (Zihintpause; a no-op where it is not known). */
static inline void cpu_relax(void)
{
    __asm__ volatile(".word 0x0100000f" : : : "memory");
}

static inline void sfence_all(void)
{
    __asm__ volatile("sfence.vma zero, zero" : : : "memory");
}

static inline void sfence_asid(uint64_t asid)
{
    __asm__ volatile("sfence.vma zero, %0" : : "r"(asid) : "memory");
}

static inline void sfence_page(uint64_t va, uint64_t asid)
{
    __asm__ volatile("sfence.vma %0, %1" : : "r"(va), "r"(asid) : "memory");
}
#endif

#endif
