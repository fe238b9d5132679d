#!/bin/sh
# Puts requests into .tools/clients/python, a virtual environment of its own.
exec "$(dirname "$0")/../venv.sh" "$(dirname "$0")" clients/python
