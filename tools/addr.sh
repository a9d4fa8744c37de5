#!/bin/sh
# addr.sh ADDRESS... - names the places of a backtrace: function, file and line, inlined callers too.
# ELF=... names another kernel than build/kernel/kernel.elf (build-san/ for SAN=1).
exec "${CROSS:-riscv64-unknown-elf-}addr2line" -f -i -p -e "${ELF:-build/kernel/kernel.elf}" "$@"
