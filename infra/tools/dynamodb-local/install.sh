#!/bin/sh
# Puts DynamoDB Local into .tools/dynamodb-local. Its licence forbids redistribution: it is downloaded, never committed.
pins=$(cd "$(dirname "$0")" && pwd)/pom.xml
# shellcheck disable=SC2016 # expanded by the shell that installs
exec "$(dirname "$0")/../keep.sh" dynamodb-local "$pins" \
  sh -euc 'mvn -q -B -f "$0" dependency:copy-dependencies -DoutputDirectory="$PWD/lib" -DincludeScope=runtime' "$pins"
