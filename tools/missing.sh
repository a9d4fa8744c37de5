#!/bin/sh
# missing.sh - print the Debian packages of the tools that are not there, on one line.
#
# Run by the Makefile at every start, so it starts as few programs as it can. CROSS, QEMU and
# HOSTCC come from the Makefile; a tool given by path counts as there when the file is.
PATH=$PATH:/usr/sbin:/sbin
need() { command -v "$1" >/dev/null 2>&1 || printf '%s ' "$2"; }

need "${CROSS}gcc" gcc-riscv64-unknown-elf
need "${CROSS}ld" binutils-riscv64-unknown-elf
if command -v "${CROSS}gcc" >/dev/null 2>&1; then
    [ -e "$("${CROSS}gcc" -print-file-name=picolibc.specs)" ] ||
        printf '%s ' picolibc-riscv64-unknown-elf
else
    printf '%s ' picolibc-riscv64-unknown-elf
fi
need "$QEMU" qemu-system-misc
need "$HOSTCC" gcc
# gcc without the C library's headers is what --no-install-recommends leaves
[ -e /usr/include/stdio.h ] || printf '%s ' libc6-dev
need e2fsck e2fsprogs
need debugfs e2fsprogs
