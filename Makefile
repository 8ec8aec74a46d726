# Everything a contributor runs, each as one word. `make help` lists the words.

GOLANGCI_LINT = go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
FUZZTIME ?= 20s
BENCHFLAGS ?=
TORTUREFLAGS ?=

.DEFAULT_GOAL := help

help: ## show this list
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## play the story: a register, who is asked and who is told, and the gateway
	go run ./cmd/demo

test: ## all tests with the race detector
	go test -race -timeout 30m ./...
	VOORPOORT_BROWSER=1 go test -count=1 -p 1 -run TestInABrowser ./dashboard ./e2e

lint: ## go vet and golangci-lint, with the import rule of the house
	go vet ./...
	$(GOLANGCI_LINT) run ./...

fmt: ## gofumpt and import order, written in place
	$(GOLANGCI_LINT) fmt ./...

fuzz: ## every fuzz target for FUZZTIME (20s)
	@.ci/fuzz $(FUZZTIME)

bench: ## the gateway beside plain Caddy, one interleaved run (BENCHFLAGS="-rounds 7", -queue, -stores, -cockpit, -memory)
	go run ./cmd/bench $(BENCHFLAGS)

bench-asynq: ## deliveries through Redis beside asynq, a module of its own
	cd cmd/bench/asynq && go test -run Ratio -v -rounds 9

torture: ## kill -9, Redis gone, disk full ...: nothing may be lost (TORTUREFLAGS=-short)
	go run ./cmd/torture $(TORTUREFLAGS)

build: ## bin/voorpoort, through xcaddy.json
	go run ./cmd/build

ci: ## what the CI runs
	bash .ci/run

.PHONY: help demo test lint fmt fuzz bench bench-asynq torture build ci
