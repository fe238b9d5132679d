#!/bin/sh
# Puts the TypeScript compiler into .tools/clients/node. Does nothing where the version that package-lock.json pins is
# there. Several may run at once: the tests call it too.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
tools=$(cd "$here/../../.." && pwd)/.tools/clients
stamp=$(cksum <"$here/package-lock.json")

if [ "$(cat "$tools/node/installed" 2>/dev/null)" = "$stamp" ]; then
	exit 0
fi
mkdir -p "$tools"
fresh=$(mktemp -d "$tools/node.XXXXXX")
trap 'rm -rf "$fresh"' EXIT
cp "$here/package.json" "$here/package-lock.json" "$fresh"
npm ci --prefix "$fresh" --silent --no-audit --no-fund
echo "$stamp" >"$fresh/installed"
chmod 755 "$fresh"
rm -rf "$tools/node"
mv "$fresh" "$tools/node"
