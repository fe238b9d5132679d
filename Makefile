# keyward. `make help` lists the targets; README.md has the two that a newcomer needs.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

export CGO_ENABLED ?= 0
# What one checkout has compiled, the next one has too.
export GOFLAGS ?= -trimpath
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 20

# What needs more than Go and Node: DynamoDB Local (Java), the emulator and Python. What takes longest begins first, so that
# none is left to run alone in the end.
LONGEST   := ./infra/deployed ./infra/deployed/aws ./infra/deployed/runbooks ./shared/dynamo/conformance ./infra/deployed/iam
MORE      := $(LONGEST) $(filter-out $(LONGEST),./infra/local/ondynamo ./infra/local/clients/python $(patsubst %/,%,$(wildcard ./infra/deployed/*/)))
STEP      := infra/tools/step.sh
HERE       = $(shell go env GOARCH)
PACKAGES   = $(shell go list ./... | grep -v -x $(MORE:.%=-e github.com/keyward/keyward%))
FUNCTIONS := $(notdir $(wildcard functions/*))

# SQLite itself is C that was translated to Go, and is not ours to watch: without it the race detector takes a quarter of the time.
UNRACED   := -gcflags=modernc.org/sqlite/lib=-race=false -gcflags=modernc.org/libc/...=-race=false

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

.PHONY: run
run: announce build/keyward ## run all of keyward on this machine, on an embedded store
	@exec build/keyward run

.PHONY: token
token: build/keyward ## print a session token for MEMBER (dev)
	@build/keyward token -member "$${MEMBER:-dev}"

.PHONY: retier
retier: build/keyward ## give existing keys the numbers that the catalog's tiers have now (AFTER=position goes on)
	@build/keyward retier -after "$${AFTER:-}"

.PHONY: announce
announce:
	@[ -e build/keyward ] || echo "Building keyward. The first time fetches Go modules and takes about a minute." >&2

.PHONY: build/keyward
build/keyward:
	@go build -trimpath -o $@ ./infra/local

.PHONY: test
test: ## run every test that needs Go and Node alone
	@echo go test, all packages but those that need more than Go and Node
	@go test $(PACKAGES) | grep -v 'no test files'
	@echo All passed.

.PHONY: verify
verify: ## run everything: checks, the template, DynamoDB Local, the emulated deployment, all clients, the race detector
	@$(STEP) tools $(MAKE) -s tools
	@$(STEP) check $(MAKE) -s check
	@$(STEP) "synth, sam validate" $(MAKE) -s validate
	@$(STEP) "tests on DynamoDB Local and of the deployment" $(MAKE) -s verify-more
	@$(STEP) "tests with the race detector" $(MAKE) -s verify-race
	@echo All passed.

.PHONY: verify-more
verify-more: # the stores on DynamoDB Local, the deployment on the emulator, the real binaries
	@go build -trimpath -o build/emulated/cdk ./infra
	@$(MAKE) -s build ARCH=$(HERE) OUT=build/emulated/functions >/dev/null
	@KEYWARD_BUILT=$(CURDIR)/build/emulated go test -p 3 -count=1 -timeout 20m $(MORE)

.PHONY: verify-race
verify-race: # all packages but the CDK app, the benchmarks and the build tools, with the race detector
	@CGO_ENABLED=1 go test -race $(UNRACED) $$(go list $(PACKAGES) | grep -v -e /infra/stack -e /infra/protect -e /infra/runtimeapi/rows -e /infra/deployed -e /infra/bench -e /infra/tools) | grep -v 'no test files'

.PHONY: check
check: ## gofmt, vet, staticcheck, govulncheck, go mod tidy
	@infra/tools/check.sh

.PHONY: build
build: ## build each function's zip for Lambda (arm64; ARCH=amd64 for an emulator), byte-identical
	@infra/tools/build.sh $(FUNCTIONS)

.PHONY: synth
synth: build ## synthesize the CloudFormation templates to cdk.out, without an AWS account, and lint them
	rm -rf cdk.out
	go run ./infra
	infra/tools/cfn-lint/install.sh
	.tools/cfn-lint/bin/cfn-lint -t cdk.out/*.template.json
	@echo "Synthesized and linted:" cdk.out/*.template.json

.PHONY: validate
validate: synth ## have the SAM CLI look at the templates too
	infra/tools/sam/validate.sh

.PHONY: bootstrap
bootstrap: build ## prepare an AWS account and region for deployments, once (makes a bucket and roles: infra/README.md)
	@infra/tools/deploy.sh bootstrap

.PHONY: deploy
deploy: build ## deploy to AWS: make deploy CONTEXT="firstAdmin=you@example.com alarmEmail=ops@example.com"
	@infra/tools/deploy.sh deploy

.PHONY: destroy
destroy: build ## remove from AWS what runs, with the CONTEXT of its deployment; what must not be lost stays
	@infra/tools/deploy.sh destroy

.PHONY: accept-aws
accept-aws: ## hold a throw-away deployment in your AWS account to the contract, and remove it (docs/fidelity.md)
	infra/tools/cdk/install.sh
	go test -count=1 -timeout 2h -v -run ThrowAway ./infra/deployed/aws -args -aws

.PHONY: bench
bench: ## measure what docs/benchmarks.md claims
	@infra/tools/bench.sh

.PHONY: tools
tools: ## install what verify needs into .tools/
	@infra/tools/all.sh

.PHONY: clean
clean: ## remove what was built and installed, but neither .keyward/ nor what other clones use too
	rm -rf build cdk.out .tools
