#!/bin/sh
# test-host.sh PROGRAM... - run the host tests; one line each, all of the output of a failing one.
failed=0
passed=0
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
for program in "$@"; do
    if timeout 300 "$program" >"$log" 2>&1 </dev/null; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $program"
        cat "$log"
    fi
done
echo "host tests: $passed passed, $failed failed"
[ "$failed" = 0 ]
