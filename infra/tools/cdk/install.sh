#!/bin/sh
# Puts the CDK CLI into .tools/cdk.
exec "$(dirname "$0")/../npm.sh" "$(dirname "$0")" cdk
