#!/usr/bin/env bash
# Installs all tools that verify needs, at the same time: much of it is waiting for the network.
set -euo pipefail
cd "$(dirname "$0")"
./need.sh
waiting=()
for install in cdk/install.sh ministack/install.sh dynamodb-local/install.sh cfn-lint/install.sh awscli/install.sh clients/node.sh clients/python.sh sam/install.sh; do
  "./$install" &
  waiting+=("$!")
done
for one in "${waiting[@]}"; do
  wait "$one"
done
