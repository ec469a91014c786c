# Two commands are all that is needed: "make run" and "make test".
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
GO ?= go
BUNDLE := dashboard/static/echarts.js

.PHONY: run demo build assets test packages gates bench clean

run: build ## build, and run the observatory on probes.yaml
	./observatoire serve

demo: build ## build, and run it on simulated services
	./observatoire demo

build: assets
	$(GO) build -o observatoire ./cmd/observatoire

assets: $(BUNDLE) ## the browser code that comes from npm
$(BUNDLE): dashboard/npm/package.json dashboard/npm/package-lock.json $(wildcard dashboard/npm/*.mjs)
	cd dashboard/npm && npm ci --no-audit --no-fund && npm run build

test: packages assets gates ## everything: gates, then all tests under the race detector
	$(GO) test -race -shuffle=on -timeout 18m ./...

packages: ## what the tests need from Debian
	.ci/packages

gates:
	.ci/gates

bench: ## same-run ratios; docs/BENCHMARKS.md says what they mean
	$(GO) test -run '^$$' -bench . -benchtime 2s ./...

clean:
	rm -rf observatoire $(BUNDLE) dashboard/npm/node_modules
