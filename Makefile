# Every target does all it needs, system packages included. `make help` lists them.

PREFIX ?= /usr/local
DESTDIR ?=
SWIFT ?= swift
# Tests that run the whole program go one group after the other: some of them kill it at moments that
# must not be put off by hundreds of other tests.
CRASH = ^MillracePipelineTests\.CrashTests
PIPELINE = ^MillracePipelineTests\.
STORED = ^MillracePipelineTests\.(Replay|Deduplication|HugeBlob|Space|Audit|Repair|Ret|Refused)
COMMANDS = ^CommandTests\.
DEMO ?= --events 50000 --folder demo

.DEFAULT_GOAL := help
.PHONY: help demo test build bench lint format install dependencies clean fuzz sanitize

help: ## list the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1|\2/' | awk -F'|' '{ printf "%-16s %s\n", $$1, $$2 }'

demo: build ## run the main job against a simulated tenant; leaves events in ./demo
	@"$$($(SWIFT) build -c release --show-bin-path)/millrace" demo $(DEMO)

test: dependencies ## build and run all tests
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --skip '$(PIPELINE)' --skip '$(COMMANDS)'
	$(SWIFT) test --skip-build --filter '$(PIPELINE)' --skip '$(CRASH)' --skip '$(STORED)'
	$(SWIFT) test --skip-build --filter '$(STORED)' --skip 'ReplayCrashTests'
	$(SWIFT) test --skip-build --filter 'ReplayCrashTests'
	$(SWIFT) test --skip-build --filter '$(COMMANDS)'
	$(SWIFT) test --skip-build --filter '$(CRASH)'

build: dependencies ## build the program, optimized
	$(SWIFT) build -c release --product millrace

bench: build ## measure, beside other programs where they are installed
	$(SWIFT) build -c release --product MillraceBench
	@"$$($(SWIFT) build -c release --show-bin-path)/MillraceBench"

fuzz: dependencies ## look for input that breaks a promise, for FUZZ_SECONDS (600)
	@SWIFT="$(SWIFT)" .ci/fuzz

sanitize: dependencies ## test under the address and the thread sanitizer
	@SWIFT="$(SWIFT)" .ci/sanitize

lint: ## check the formatting
	$(SWIFT) format lint --strict --recursive Sources Schemas Tests Benchmarks Package.swift

format: ## put the formatting right
	$(SWIFT) format --in-place --recursive Sources Schemas Tests Benchmarks Package.swift

install: build ## install the program under PREFIX (default /usr/local)
	install -D -m 0755 "$$($(SWIFT) build -c release --show-bin-path)/millrace" "$(DESTDIR)$(PREFIX)/bin/millrace"
	install -D -m 0644 Schemas/event.schema.json "$(DESTDIR)$(PREFIX)/share/millrace/event.schema.json"
	install -D -m 0644 Schemas/config.schema.json "$(DESTDIR)$(PREFIX)/share/millrace/config.schema.json"

dependencies:
	@packaging/install-dependencies

clean: ## remove what was built
	$(SWIFT) package clean
