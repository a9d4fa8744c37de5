/*
 * log.c - messages of the kernel on the console.
 *
 * Owns the making of a whole line and the choice of where it goes: through the firmware at first,
 * then through the sink that the serial driver hands down, which writes the line in one piece under
 * its own lock. The line is formatted on the stack, so no lock is held while formatting.
 */
#include "core/log.h"

#include <stdarg.h>

#include "arch/riscv/sbi.h"
#include "core/spinlock.h"
#include "lib/fmt.h"
#include "lib/types.h"

enum { LINE_MAX = 240 };

static struct spinlock log_lock = SPINLOCK_INIT(RANK_LOG);
static void (*sink)(const char *text, size_t len); /* [a] NULL: the firmware */

void log_set_sink(void (*fn)(const char *text, size_t len))
{
    __atomic_store_n(&sink, fn, __ATOMIC_RELEASE);
}

static void early_write(const char *text, size_t len)
{
    spin_lock(&log_lock);
    for (size_t i = 0; i < len; i++)
        sbi_putchar(text[i]);
    spin_unlock(&log_lock);
}

void log_print(const char *fmt, ...)
{
    char line[LINE_MAX];
    va_list ap;

    va_start(ap, fmt);
    int len = fmt_vsnprintf(line, sizeof(line) - 1, fmt, ap);
    va_end(ap);

    len = MIN(len, LINE_MAX - 2);
    line[len++] = '\n';
    void (*write)(const char *, size_t) = __atomic_load_n(&sink, __ATOMIC_ACQUIRE);
    (write ? write : early_write)(line, (size_t)len);
}
