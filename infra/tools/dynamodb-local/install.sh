#!/bin/sh
# Puts DynamoDB Local into .tools/dynamodb-local. Does nothing where the version that pom.xml pins is there.
# Its licence forbids redistribution: it is downloaded, never committed.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
target=$(cd "$here/../../.." && pwd)/.tools/dynamodb-local
stamp=$(cksum <"$here/pom.xml")

if [ "$(cat "$target/installed" 2>/dev/null)" = "$stamp" ]; then
	exit 0
fi
mkdir -p "$target"
fresh=$(mktemp -d "$target/lib.XXXXXX")
trap 'rm -rf "$fresh"' EXIT
mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies -DoutputDirectory="$fresh" -DincludeScope=runtime
rm -rf "$target/lib"
mv "$fresh" "$target/lib"
chmod 755 "$target/lib"
echo "$stamp" >"$target/installed"
