#!/usr/bin/env bash
# Measures what docs/benchmarks.md claims, and prints a table for each figure.
set -euo pipefail
cd "$(dirname "$0")/../.."
export CGO_ENABLED=0
go run ./infra/bench verify
