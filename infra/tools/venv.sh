#!/bin/sh
# Puts what <folder>/requirements.txt pins into .tools/<name>, a virtual environment of its own: venv.sh <folder> <name>.
# Does nothing where those versions are there.
set -eu

here=$(cd "$1" && pwd)
target=$(cd "$(dirname "$0")/../.." && pwd)/.tools/$2
stamp=$(cksum <"$here/requirements.txt")

if [ "$(cat "$target/installed" 2>/dev/null)" = "$stamp" ]; then
	exit 0
fi
rm -rf "$target"
python3 -m venv "$target"
"$target/bin/pip" install --quiet --disable-pip-version-check --requirement "$here/requirements.txt"
echo "$stamp" >"$target/installed"
