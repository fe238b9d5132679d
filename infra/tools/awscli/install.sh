#!/bin/sh
# Puts the AWS CLI into .tools/awscli, a virtual environment of its own. Does nothing where the versions that
# requirements.txt pins are there.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
target=$(cd "$here/../../.." && pwd)/.tools/awscli
stamp=$(cksum <"$here/requirements.txt")

if [ "$(cat "$target/installed" 2>/dev/null)" = "$stamp" ]; then
	exit 0
fi
rm -rf "$target"
python3 -m venv "$target"
"$target/bin/pip" install --quiet --disable-pip-version-check --requirement "$here/requirements.txt"
echo "$stamp" >"$target/installed"
