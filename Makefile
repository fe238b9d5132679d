# keyward. `make help` lists the targets; README.md has the two that a newcomer needs.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

export CGO_ENABLED ?= 0

# Everything that needs Go and Node alone; the rest is in DYNAMO, which needs DynamoDB Local.
DYNAMO    := ./shared/dynamo/conformance/... ./infra/local/ondynamo/...
EVERY      = $(shell go list ./...)
LOCAL      = $(shell go list ./... | grep -v -e /shared/dynamo/conformance -e /infra/local/ondynamo)
FUNCTIONS := $(notdir $(wildcard functions/*))

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

.PHONY: run
run: build/keyward ## run all of keyward on this machine, on an embedded store
	@exec build/keyward run

.PHONY: token
token: build/keyward ## print a session token for MEMBER (dev)
	@build/keyward token -member "$${MEMBER:-dev}"

.PHONY: build/keyward
build/keyward:
	@go build -trimpath -o $@ ./infra/local

.PHONY: test
test: ## run every test that needs Go and Node alone
	go test $(LOCAL)

.PHONY: verify
verify: tools check synth ## run everything: checks, race detector, DynamoDB Local, the template
	go test -race -count=1 $$(go list ./shared/... | grep -v /shared/dynamo/conformance) ./infra/local/...
	go test -count=1 $(DYNAMO)

.PHONY: check
check: ## gofmt, vet, staticcheck, govulncheck, go mod tidy
	@infra/tools/check.sh

.PHONY: build
build: ## build each function's zip for Lambda (arm64; ARCH=amd64 for an emulator), byte-identical
	@infra/tools/build.sh $(FUNCTIONS)

.PHONY: synth
synth: build ## synthesize the CloudFormation templates to cdk.out, without an AWS account
	go run ./infra
	infra/tools/cfn-lint/install.sh
	.tools/cfn-lint/bin/cfn-lint -i W3005 -t cdk.out/*.template.json

.PHONY: bench
bench: ## measure what docs/benchmarks.md claims
	@infra/tools/bench.sh

.PHONY: tools
tools: ## install what verify needs into .tools/
	infra/tools/dynamodb-local/install.sh
	infra/tools/cfn-lint/install.sh

.PHONY: clean
clean: ## remove what was built and installed, but not .keyward/
	rm -rf build cdk.out .tools
