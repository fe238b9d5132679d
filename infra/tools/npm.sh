#!/bin/sh
# Puts what <folder>/package-lock.json pins into .tools/<name>: npm.sh <folder> <name>.
here=$(cd "$1" && pwd)
# shellcheck disable=SC2016 # expanded by the shell that installs
exec "$(dirname "$0")/keep.sh" "$2" "$here/package-lock.json" \
  sh -euc 'cp "$0/package.json" "$0/package-lock.json" . && npm ci --silent --no-audit --no-fund' "$here"
