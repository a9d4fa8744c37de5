#!/bin/sh
# format.sh - clang-format's opinion of every C file of ours; skipped where it is not installed.
#
# Not looked at: user/xv6, which holds other people's programs as they are.
if ! command -v clang-format >/dev/null 2>&1; then
    echo "format: skipped (clang-format is not installed)"
    exit 0
fi
bad=$(find include kernel user mkfs grade tools test -name '*.[ch]' ! -path 'user/xv6/*' -print0 |
    xargs -0 clang-format --dry-run -Werror 2>&1 | sed -n 's/^\([^ :]*\):[0-9]*:[0-9]*: error.*/\1/p' |
    sort -u)
if [ -n "$bad" ]; then
    echo "format: clang-format -i would change:"
    echo "$bad" | sed 's/^/  /'
    exit 1
fi
echo "format: ok"
