# Quintile: what can be made. `make` alone prints this help.
#
# Needs Go, make and git. Whatever else a target needs it installs itself:
# Go modules from the module proxy; for the benchmarks against peers, Python
# packages into bench/.venv.

GO        ?= go
GOFLAGS   += -trimpath
export GOAMD64 = v1
export CGO_ENABLED = 0
BIN        = bin/quintile
PACKAGES   = ./...
TOOL       = $(GO) tool -modfile=tools/go.mod

.DEFAULT_GOAL = help

.PHONY: help
help: ## print this help
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## build the program into bin/
	$(GO) build $(GOFLAGS) -ldflags="-s -w" -o $(BIN) ./cmd/quintile

.PHONY: demo
demo: build ## do the main job on the built-in synthetic retailer, into out/demo
	$(BIN) demo

.PHONY: test
test: ## run all tests; those on real data skip where ../shared/data is absent
	$(GO) test $(PACKAGES)

.PHONY: test-noasm
test-noasm: ## run the tests of what has assembler with it switched off
	$(GO) test -tags noasm ./models/... ./datasets/... ./features/...

.PHONY: race
race: ## run all tests with the race detector (needs a C compiler)
	CGO_ENABLED=1 $(GO) test -race -short $(PACKAGES)

.PHONY: fuzz
fuzz: ## run every fuzz target for 30 s
	@set -e; for package in $$($(GO) list $(PACKAGES)); do \
	  for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz' || true); do \
	    echo "$$package $$target"; $(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime 30s -fuzzminimizetime 20x $$package; \
	  done; \
	done

.PHONY: torture
torture: ## kill, damage, fill and shuffle for ten minutes (TORTURE="-for 1h -seed 2"); fails on a broken promise
	$(GO) run ./bench/torture $(TORTURE)

.PHONY: mutants
mutants: ## test the tests: change the program in small places by a seed (MUTANTS="-n 60 -seed 2 ./features")
	$(GO) run ./bench/mutants $(MUTANTS)

.PHONY: golden
golden: ## write generated documents and golden files anew; review the difference
	$(GO) test ./features ./pipeline/config ./pipeline/steps ./cmd/quintile -update

.PHONY: format
format: ## format the code
	gofmt -w $$(git ls-files '*.go')

.PHONY: format-check
format-check: ## fail where the code is not formatted
	@files=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$files" ]; then echo "not formatted:"; echo "$$files"; exit 1; fi

.PHONY: vet
vet: ## run go vet
	$(GO) vet $(PACKAGES)
	$(GO) vet -tags noasm ./models/... ./datasets/... ./features/...

.PHONY: lint
lint: ## run the linters of .golangci.yml
	$(TOOL) golangci-lint run $(PACKAGES)

.PHONY: layers
layers: ## check that dependencies run one way
	$(GO) test ./cmd/quintile -run '^TestLayers' -count=1

.PHONY: docs-check
docs-check: ## check that generated documents and examples are current
	$(GO) test ./features ./pipeline/... ./cmd/quintile -run 'Document|Docs|Example|README' -count=1

.PHONY: tidy-check
tidy-check: ## fail where go.mod or go.sum is not tidy
	$(GO) mod tidy -diff

.PHONY: generate
generate: ## generate the assembler of the kernels
	$(GO) generate ./models/... ./datasets/... ./features/...

.PHONY: bench
bench: ## run the Go benchmarks
	$(GO) test -run '^$$' -bench . -benchmem ./datasets/... ./features/... ./models/... ./pipeline/...

.PHONY: bench-peers
bench-peers: build bench/.venv/done ## compare with the peers on the same files; prints a table with ratios
	bench/.venv/bin/python bench/compare.py

bench/.venv/done: bench/requirements.txt
	python3 -m venv bench/.venv
	bench/.venv/bin/pip install --quiet --requirement bench/requirements.txt
	touch $@

.PHONY: cover
cover: ## measure the coverage of the tests
	$(GO) test -coverprofile=cover.out $(PACKAGES)
	$(GO) tool cover -func=cover.out | tail -n 1

.PHONY: check
check: format-check vet tidy-check lint layers test test-noasm docs-check ## everything that CI runs, in its order

AXE = .cache/axe-core-4.10.3/axe.min.js

$(AXE):
	mkdir -p $(dir $@)
	curl -fsSL https://registry.npmjs.org/axe-core/-/axe-core-4.10.3.tgz | tar -xz -C $(dir $@) --strip-components=1 package/axe.min.js

.PHONY: page-check
page-check: demo $(AXE) ## look at the demo's report in Chromium at 3 widths and 2 themes: errors, requests, widths, axe; screenshots in out/screens
	mkdir -p out/screens
	AXE=$(CURDIR)/$(AXE) SCREENSHOTS=$(CURDIR)/out/screens REPORT=$$(ls -d $(CURDIR)/out/demo/as_of=*/report.html) \
	  $(GO) test ./pipeline/report -run InABrowser -count=1 -v

.PHONY: dist
dist: ## build archives, packages, wheels and checksums for every platform, into dist/
	rm -rf dist
	cd tools && $(GO) run ./dist -root .. -out ../dist

.PHONY: dist-check
dist-check: ## build the packages of this platform and try them: wheel in a fresh venv, .deb in an empty folder
	rm -rf dist
	cd tools && $(GO) run ./dist -root .. -out ../dist -only linux-$$($(GO) env GOARCH)
	python3 tools/dist/check.py dist

.PHONY: clean
clean: ## remove what was built
	rm -rf bin out dist cover.out bench/data
