#!/bin/sh
# install.sh PACKAGE... - install what is missing, or say the one command that does.
#
# As root, or where sudo asks for no password, apt-get is run; elsewhere the command is printed
# and the build stops. Run by the Makefile's target `tools`.
command="apt-get install -y --no-install-recommends $*"

if ! command -v apt-get >/dev/null 2>&1; then
    echo "missing: $* (names of Debian packages); install them and try again" >&2
    exit 1
fi
if [ "$(id -u)" = 0 ]; then
    sudo=
elif sudo -n true >/dev/null 2>&1; then
    sudo="sudo -n"
else
    echo "missing: $*" >&2
    echo "please run:  sudo apt-get update && sudo $command" >&2
    exit 1
fi
echo "installing: $*"
export DEBIAN_FRONTEND=noninteractive
if ! $sudo $command >/tmp/duality-install.$$ 2>&1; then
    # the package lists may be old or empty: fetch them once
    if ! { $sudo apt-get update && $sudo $command; } >>/tmp/duality-install.$$ 2>&1; then
        cat /tmp/duality-install.$$ >&2
        rm -f /tmp/duality-install.$$
        exit 1
    fi
fi
rm -f /tmp/duality-install.$$
