#!/usr/bin/env bash
# The checks that need no test: formatting, vet, staticcheck, known vulnerabilities, and a tidy go.mod.
set -euo pipefail
cd "$(dirname "$0")/../.."
unformatted=$(gofmt -l $(git ls-files -co --exclude-standard '*.go'))
if [ -n "$unformatted" ]; then
  printf 'gofmt these files:\n%s\n' "$unformatted" >&2
  exit 1
fi
go vet ./...
go tool staticcheck ./...
go mod tidy -diff
# govulncheck reads its database over the network. Where that can't be reached, say so: it is no finding.
if ! report=$(go tool govulncheck ./functions/... ./infra/local/... 2>&1); then
  if grep -q -e 'fetching vulnerabilities' -e 'no such host' -e 'dial tcp' -e 'connect:' -e 'Forbidden' <<<"$report"; then
    echo "check: govulncheck was not run: its database can't be reached from here"
  else
    printf '%s\n' "$report" >&2
    exit 1
  fi
fi
echo "check: fine"
