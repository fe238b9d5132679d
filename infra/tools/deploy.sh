#!/usr/bin/env bash
# Runs the CDK CLI on keyward's app: deploy.sh bootstrap | deploy | destroy. From the environment: CONTEXT, context values
# as name=value, separated by spaces; ARGS, more options of the CDK CLI; ARCH and OUT, as for `make build`. Credentials and
# region are found as every AWS tool finds them.
set -euo pipefail
cd "$(dirname "$0")/../.."
infra/tools/cdk/install.sh
log=$(mktemp)
trap 'rm -f "$log"' EXIT

context=()
for value in ${ARCH:+architecture=$ARCH} ${OUT:+build=$OUT} ${CONTEXT:-}; do
  if [[ $value != ?*=* ]]; then
    echo "CONTEXT: \"$value\" is not name=value. A value with spaces in it goes into cdk.json: {\"context\": {\"name\": \"value\"}}" >&2
    exit 2
  fi
  context+=(--context "$value")
done

# cdk keeps the terminal, where there is one: it asks before it widens permissions.
cdk() {
  local command=(.tools/cdk/node_modules/.bin/cdk "$@" --no-notices "${context[@]}")
  if [ -t 1 ]; then
    # shellcheck disable=SC2086 # ARGS are several
    "${command[@]}" ${ARGS:-} 2> >(tee "$log" >&2) || explain
  else
    # shellcheck disable=SC2086
    "${command[@]}" ${ARGS:-} > >(tee "$log") 2>&1 || explain
  fi
}

# explain says what to do about the usual failures, and fails.
explain() {
  wait # for tee
  hint() { grep -qiE "$1" "$log" && printf '\n==> %s\n' "$2" >&2; }
  hint 'bootstrap' \
    'This account and region have not been prepared for deployments by the CDK: run `make bootstrap` once. infra/README.md says what it makes.' ||
    hint 'resolve AWS account|credentials|ExpiredToken|security token|not authorized to perform: sts' \
      'There are no AWS credentials, or they have expired: sign in (for instance `aws sso login`, then export AWS_PROFILE) or set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION. `aws sts get-caller-identity` shows who you are.' ||
    hint 'terminal \(TTY\)' \
      'Nobody is there to approve the permissions. Read them with ARGS=--no-execute, then add ARGS="--require-approval never".' ||
    true
  exit 1
}

case ${1:-} in
bootstrap) cdk bootstrap ;;
deploy) cdk deploy --all ;;
destroy)
  cdk destroy '!(*-data)'
  echo "What must not be lost stays: the stack <stackName>-data (table, peppers, signing keys, user pool), and the logs. \`make deploy\` serves it again."
  echo "docs/operations.md says how to remove that too, for good."
  ;;
*)
  echo "usage: deploy.sh bootstrap | deploy | destroy" >&2
  exit 2
  ;;
esac
