#!/bin/sh
# Puts what <folder>/requirements.txt pins into .tools/<name>, a virtual environment of its own: venv.sh <folder> <name>.
pins=$(cd "$1" && pwd)/requirements.txt
# shellcheck disable=SC2016 # expanded by the shell that installs
exec "$(dirname "$0")/keep.sh" "$2" "$pins" \
  sh -euc 'python3 -m venv . && bin/pip install --quiet --disable-pip-version-check --requirement "$0"' "$pins"
