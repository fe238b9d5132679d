#!/bin/sh
# Puts ministack into .tools/ministack.
exec "$(dirname "$0")/../venv.sh" "$(dirname "$0")" ministack
