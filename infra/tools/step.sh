#!/usr/bin/env bash
# Runs a command, and says what it runs and how long that took: step.sh <name> <command> [argument…]
name=$1
shift
start=$SECONDS
echo "==> $name"
"$@"
code=$?
echo "<== $name took $((SECONDS - start)) s$( ((code == 0)) || echo ", and failed")"
exit "$code"
