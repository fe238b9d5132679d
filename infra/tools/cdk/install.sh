#!/bin/sh
# Puts the CDK CLI into .tools/cdk. Does nothing where the version that package-lock.json pins is there.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
target=$(cd "$here/../../.." && pwd)/.tools/cdk
stamp=$(cksum <"$here/package-lock.json")

if [ "$(cat "$target/installed" 2>/dev/null)" = "$stamp" ]; then
	exit 0
fi
rm -rf "$target"
mkdir -p "$target"
cp "$here/package.json" "$here/package-lock.json" "$target"
npm ci --prefix "$target" --silent --no-audit --no-fund
echo "$stamp" >"$target/installed"
