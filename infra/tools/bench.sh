#!/usr/bin/env bash
# Measures what docs/benchmarks.md claims, and prints a table for each figure: seven minutes on two cores. With names
# (verify, authorize, features, start, size) it measures only those.
set -euo pipefail
cd "$(dirname "$0")/../.."
export CGO_ENABLED=0
infra/tools/dynamodb-local/install.sh
if (($# > 0)); then
  exec go run ./infra/bench "$@"
fi
go run ./infra/bench verify authorize features start size
go test -run '^$' -bench . -benchtime 0.5s ./shared/policy ./shared/apikey ./shared/ratelimit ./shared/jwtkey
