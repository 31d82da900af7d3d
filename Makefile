# Every target does all it needs, system packages included. `make help` lists them.

PREFIX ?= /usr/local
DESTDIR ?=
SWIFT ?= swift
# Optional parts of the program; `make build TRAITS=Kafka` adds sinks of type kafka.
TRAITS ?=
WITH_TRAITS = $(if $(TRAITS),--traits $(TRAITS))
# What is built to be used has Swift's libraries in it: it starts in less time, and where it is installed
# no toolchain has to be. lld links it, as gold warns of a function that is in them and nobody calls.
RELEASE = -c release --static-swift-stdlib -Xswiftc -use-ld=lld
# Tests that run the whole program go one group after the other: some of them kill it at moments that
# must not be put off by hundreds of other tests.
CRASH = ^MillracePipelineTests\.CrashTests
PIPELINE = ^MillracePipelineTests\.
STORED = ^MillracePipelineTests\.(Replay|Deduplication|HugeBlob|Space|Audit|Repair|Ret|Refused)
COMMANDS = ^CommandTests\.
# These talk to peers over sockets, and each answer is a task that waits its turn behind the others': behind
# minutes of parsing, a peer would be taken for dead.
PEERS = ^(MillraceHTTPTests|MillraceSourceTests|MillraceSimulatorTests)\.
# These keep disks and both cores busy, so that clients elsewhere would take their peers for dead.
SINKS = ^(MillraceSinksTests|MillraceHTTPSinksTests|MillraceStreamsTests|PowerTests)\.
DEMO ?= --events 50000 --folder demo
# The parts of the benchmark; `--part contenders` alone for the normalizer.
BENCH ?= --part contenders --part store --part collector

.DEFAULT_GOAL := help
.PHONY: help demo test test-kafka build bench bench-smoke fuzz sanitize lint format install \
	dependencies receivers clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | awk -F'|' '{ printf "%-19s %s\n", $$1, $$2 }'

demo: build ## run the main job against a simulated tenant; leaves events in ./demo
	@"$$($(SWIFT) build -c release --show-bin-path)/millrace" demo $(DEMO)

test: dependencies receivers ## build and run all tests
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --skip '$(PIPELINE)' --skip '$(COMMANDS)' --skip '$(SINKS)' --skip '$(PEERS)'
	$(SWIFT) test --skip-build --filter '$(PEERS)'
	$(SWIFT) test --skip-build --filter '$(SINKS)'
	$(SWIFT) test --skip-build --filter '$(PIPELINE)' --skip '$(CRASH)' --skip '$(STORED)'
	$(SWIFT) test --skip-build --filter '$(STORED)' --skip 'ReplayCrashTests'
	$(SWIFT) test --skip-build --filter 'ReplayCrashTests'
	$(SWIFT) test --skip-build --filter '$(COMMANDS)'
	$(SWIFT) test --skip-build --filter '$(CRASH)'

# In a folder of its own, so that neither build has the other begin anew.
test-kafka: TRAITS = Kafka
test-kafka: dependencies ## build with librdkafka and run the tests of Kafka sinks
	$(SWIFT) build --build-tests --traits Kafka --scratch-path .build-kafka
	$(SWIFT) test --skip-build --traits Kafka --scratch-path .build-kafka --filter '^MillraceKafkaSinkTests\.'

build: dependencies ## build the program, optimized (TRAITS=Kafka: with librdkafka)
	$(SWIFT) build $(RELEASE) --product millrace $(WITH_TRAITS)

bench: build ## measure, beside other programs; writes Benchmarks/RESULTS.md
	@Benchmarks/contenders/prepare
	$(SWIFT) build $(RELEASE) --product MillraceBench
	@"$$($(SWIFT) build -c release --show-bin-path)/MillraceBench" $(BENCH) --results Benchmarks/RESULTS.md

bench-smoke: dependencies ## run every contender once; checks what they write, and no figures
	$(SWIFT) build --product millrace
	$(SWIFT) build --product MillraceBench
	@"$$($(SWIFT) build --show-bin-path)/MillraceBench" --smoke --part contenders

fuzz: dependencies ## look for input that breaks a promise, for FUZZ_SECONDS (600)
	@SWIFT="$(SWIFT)" .ci/fuzz

sanitize: dependencies ## test under the address and the thread sanitizer
	@SWIFT="$(SWIFT)" .ci/sanitize

lint: ## check the formatting
	$(SWIFT) format lint --strict --recursive Sources Schemas Tests Benchmarks Package.swift

format: ## put the formatting right
	$(SWIFT) format --in-place --recursive Sources Schemas Tests Benchmarks Package.swift

install: build ## install the program under PREFIX (default /usr/local)
	install -D -m 0755 "$$($(SWIFT) build -c release --show-bin-path $(WITH_TRAITS))/millrace" "$(DESTDIR)$(PREFIX)/bin/millrace"
	install -D -m 0644 Schemas/event.schema.json "$(DESTDIR)$(PREFIX)/share/millrace/event.schema.json"
	install -D -m 0644 Schemas/config.schema.json "$(DESTDIR)$(PREFIX)/share/millrace/config.schema.json"
	install -D -m 0644 Schemas/elasticsearch.template.json \
		"$(DESTDIR)$(PREFIX)/share/millrace/elasticsearch.template.json"

dependencies:
	@packaging/install-dependencies $(if $(findstring Kafka,$(TRAITS)),librdkafka-dev)

receivers:
	@packaging/install-test-receivers

clean: ## remove what was built
	$(SWIFT) package clean
