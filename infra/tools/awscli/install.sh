#!/bin/sh
# Puts awscli into .tools/awscli.
exec "$(dirname "$0")/../venv.sh" "$(dirname "$0")" awscli
