#!/usr/bin/env bash
# Builds the functions named on the command line into OUT/<name>.zip (build/functions), for ARCH (arm64), byte-identically:
# no path, build id or time of this machine goes into them.
set -euo pipefail
cd "$(dirname "$0")/../.."
arch=${ARCH:-arm64}
out=${OUT:-build/functions}
mkdir -p "$out"
programs=$(mktemp -d "$out/programs.XXXXXX")
trap 'rm -rf "$programs"' EXIT
GOOS=linux GOARCH=$arch CGO_ENABLED=0 go build -tags lambda.norpc -trimpath -buildvcs=false \
  -ldflags '-s -w -buildid=' -o "$programs/" "${@/#/./functions/}"
for name in "$@"; do
  mkdir -p "$out/$name"
  mv "$programs/$name" "$out/$name/bootstrap"
done
go run ./infra/tools/zip -in "$out" "$@"
