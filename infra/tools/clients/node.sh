#!/bin/sh
# Puts the TypeScript compiler into .tools/clients/node. The tests call it too.
exec "$(dirname "$0")/../npm.sh" "$(dirname "$0")" clients/node
