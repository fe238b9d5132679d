#!/bin/sh
# Puts cfn-lint into .tools/cfn-lint.
exec "$(dirname "$0")/../venv.sh" "$(dirname "$0")" cfn-lint
