#!/bin/sh
# Puts sam into .tools/sam.
exec "$(dirname "$0")/../venv.sh" "$(dirname "$0")" sam
