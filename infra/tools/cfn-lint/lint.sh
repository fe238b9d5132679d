#!/bin/sh
# Lints the templates in cdk.out, and says nothing where there is nothing to say. W3005 is left out: CDK writes
# dependencies that a reference already makes.
set -eu

root=$(cd "$(dirname "$0")/../../.." && pwd)
exec "$root/.tools/cfn-lint/bin/cfn-lint" --ignore-checks W3005 --template "$root"/cdk.out/*.template.json
