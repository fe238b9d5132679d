#!/usr/bin/env bash
# Has the SAM CLI look at the templates in cdk.out.
set -euo pipefail
cd "$(dirname "$0")/../../.."
infra/tools/sam/install.sh
for template in cdk.out/*.template.json; do
  SAM_CLI_TELEMETRY=0 .tools/sam/bin/sam validate --lint --region us-east-1 -t "$template" 2>&1 | grep -v -e '^$' -e 'CDK apps are not officially' -e 'recommend you use this alternative'
done
