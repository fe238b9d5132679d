#!/usr/bin/env bash
# Sees that what verify needs beside Go and Node is there. As root on Debian it installs what is missing; elsewhere it says
# what that is, and fails.
set -euo pipefail

missing=()
need() { # <Debian package> <what it is for> <command…>: the command succeeds where it is there
  local package=$1 reason=$2
  shift 2
  "$@" >/dev/null 2>&1 || missing+=("$package|$reason")
}
need openjdk-17-jre-headless "Java 17 or later, for DynamoDB Local" java -version
need maven "Maven, which downloads DynamoDB Local" mvn --version
need python3-venv "Python 3.11 or later with venv, for the emulator, cfn-lint and the AWS CLI" python3 -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))'
need gcc "a C compiler, for the race detector" sh -c 'command -v "${CC:-gcc}"'
need libc6-dev "C's headers, for the race detector" sh -c 'echo "#include <stdlib.h>" | "${CC:-gcc}" -E -'
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "${1:-}" != installed ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "Installing by apt-get: ${missing[*]%%|*}" >&2
  apt-get -qq update
  DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends "${missing[@]%%|*}" >/dev/null
  exec "$0" installed
fi
printf 'This is missing: %s\n' "${missing[@]#*|}" >&2
exit 1
