#!/bin/sh
# Installs Debian or Ubuntu packages where it may: as root, or by sudo without a password.
# Usage: setup/apt-install.sh PACKAGE...    Exit: 0 installed, 1 apt failed, 3 not allowed or no apt here.
set -u

command -v apt-get >/dev/null 2>&1 || exit 3
if [ "$(id -u)" = 0 ]; then
    sudo=
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    sudo="sudo -n"
else
    exit 3
fi

log=$(mktemp) && trap 'rm -f "$log"' EXIT

# dpkg tells a line per file it unpacks: worth reading only when something went wrong.
quietly() { "$@" >"$log" 2>&1 </dev/null || { cat "$log" >&2; return 1; }; }

install() {
    # shellcheck disable=SC2086
    quietly $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@"
}

echo "==> Installiere Systempakete: $*"
# A fresh machine has no package lists, and old lists name versions that are gone: only then fetch new ones.
if apt-cache show "$@" >/dev/null 2>&1 && install "$@"; then exit 0; fi
echo "==> Hole neue Paketlisten"
# shellcheck disable=SC2086
quietly $sudo apt-get update -qq && install "$@" || exit 1
