#!/bin/sh
# Runs its arguments with the first Python on this machine that is new enough, or says in one sentence what to do.
# POSIX shell on purpose: it must work where there is no Python at all, and old Pythons can't read the scripts.
set -eu
cd "$(dirname "$0")/.."

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

found=""
for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
    command -v "$candidate" >/dev/null 2>&1 || continue
    if new_enough "$candidate"; then exec "$candidate" "$@"; fi
    found="${found:-$("$candidate" --version 2>&1 || true)}"
done
if [ -n "$found" ]; then
    echo "CrampInfo needs Python 3.11 or newer and found $found: install a newer one, or name it, as in: make run PYTHON=/path/to/python3.12" >&2
else
    echo "CrampInfo needs Python 3.11 or newer and found none: install it (on Debian or Ubuntu: apt-get install python3 python3-venv) and start again." >&2
fi
exit 1
