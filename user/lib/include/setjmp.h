/*
 * setjmp.h - picolibc's, and the pair that keeps the signal mask.
 */
#ifndef DUALITY_SETJMP_H
#define DUALITY_SETJMP_H

#include_next <setjmp.h>
#include <sys/signal.h>

#undef sigsetjmp
#undef siglongjmp

struct duality_sigjmp {
    jmp_buf registers;
    int has_mask;
    sigset_t mask;
};
typedef struct duality_sigjmp sigjmp_buf[1];

void sigjmp_save_mask(struct duality_sigjmp *env, int save);
void siglongjmp(sigjmp_buf env, int value) __attribute__((__noreturn__));

#define sigsetjmp(env, save) (sigjmp_save_mask((env), (save)), setjmp((env)->registers))

#endif
