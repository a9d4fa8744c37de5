#!/bin/sh
# run.sh DIR - check pager.pml as it is, then with one deliberate mistake after another, in DIR.
#
# Fails if the model breaks a promise or a mistake goes unseen. Run by `make model`. LIMIT is the
# time for one search in seconds; a search that does not end counts as failed.
model=$(cd "$(dirname "$0")" && pwd)/pager.pml
dir=$1
mkdir -p "$dir" && cd "$dir" || exit 1

search() { # NAME FLAGS... : runs one search; its output is in NAME.log
    name=$1
    shift
    rm -rf "$name" && mkdir "$name" && cd "$name" || exit 1
    kind=-DSAFETY
    args=-E
    case "$*" in *LIVE*) kind= args="-a -f" ;; *) args= ;; esac
    spin "$@" -a "$model" >spin.log 2>&1 &&
        ${HOSTCC:-gcc} -w -O2 $kind -DVECTORSZ=2048 -DCOLLAPSE -DMEMLIM=2000 -DNFAIR=3 -o pan pan.c &&
        timeout "${LIMIT:-60}" ./pan -m20000 $args >"../$name.log" 2>&1
    status=$?
    cd ..
    return $status
}

good() {
    search "$@" && grep -q 'errors: 0' "$1.log" && ! grep -q 'not completed\|too small' "$1.log" || {
        echo "model: FAILED: $*: see $dir/$1.log"
        exit 1
    }
    echo "model: ok: $* ($(sed -n 's/^ *\([0-9e.+]*\) states, stored.*/\1/p' "$1.log") states)"
}

bad() {
    search "$@"
    grep -q 'errors: 1' "$1.log" || { echo "model: NOT CAUGHT: $*"; exit 1; }
    echo "model: ok: caught $1: $(sed -n 's/^pan:1: \(.*\) (at.*/\1/p' "$1.log")"
}

SMALL="-DCLIENTS=1 -DTHREADS=1 -DOPS=2"
good one-client $SMALL -DTROUBLE=1
good two-troubles -DCLIENTS=1 -DTHREADS=1 -DOPS=1 -DTROUBLE=2
good every-fault-ends -DLIVE -DCLIENTS=1 -DTHREADS=1 -DOPS=1 -DTROUBLE=1
for bug in BELIEVE_STALE NO_EPOCH PUBLISH_BEFORE_REVOKE REDIRTIED_IS_CLEAN NO_WRITE_PROTECT \
    CANCEL_FLUSH CRASH_DROPS_DIRTY FAILED_FLUSH_CLEANS EVICT_DIRTY NO_WAKE NO_DEADLINE \
    LEND_CANCELLED_SLOT TRUNCATE_LEAVES_PAGE; do
    bad $bug -DBUG_$bug -DCLIENTS=1 -DTHREADS=1 -DOPS=3 -DTROUBLE=2
done
