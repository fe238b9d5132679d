#!/usr/bin/env bash
# Builds the functions named on the command line into OUT/<name>.zip (build/functions), for ARCH (arm64), byte-identically:
# no path, build id or time of this machine goes into them.
set -euo pipefail
cd "$(dirname "$0")/../.."
arch=${ARCH:-arm64}
out=${OUT:-build/functions}
mkdir -p "$out"
for name in "$@"; do
  dir=$out/$name
  mkdir -p "$dir"
  GOOS=linux GOARCH=$arch CGO_ENABLED=0 go build -tags lambda.norpc -trimpath -buildvcs=false \
    -ldflags '-s -w -buildid=' -o "$dir/bootstrap" "./functions/$name"
done
go run ./infra/tools/zip -in "$out" "$@"
