# BetterBot from a fresh checkout: `make run` shows it at work, `make test` proves it.
.DEFAULT_GOAL := help
.ONESHELL:
.PHONY: help deps run test bench clean
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-print-directory

# A library's name for pkg-config, and the Debian package that brings it.
LIBRARIES := lua5.4:liblua5.4-dev sqlite3:libsqlite3-dev zlib:zlib1g-dev libcurl:libcurl4-openssl-dev
DEMO := .build/demo.db
BINARY := .build/release/betterbot

help: ## Show this list
	@awk -F':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

deps: ## Install the system libraries that are missing; silent when none is
	@missing=()
	command -v pkg-config >/dev/null || missing+=(pkg-config)
	for pair in $(LIBRARIES); do
	  pkg-config --exists "$${pair%%:*}" 2>/dev/null || missing+=("$${pair##*:}")
	done
	if [ "$${#missing[@]}" -gt 0 ]; then
	  list="$${missing[*]}"
	  if ! command -v apt-get >/dev/null; then
	    echo "Missing: $$list (names of the Debian packages)." >&2
	    echo "There is no apt-get here: install them with this system's package manager, then run make again." >&2
	    exit 1
	  elif [ "$$(id -u)" -eq 0 ]; then
	    sudo=""
	  elif command -v sudo >/dev/null; then
	    sudo="sudo"
	  else
	    echo "Missing: $$list" >&2
	    echo "Installing them needs root, and there is no sudo. As root, run:" >&2
	    echo "  apt-get update && apt-get install -y $$list" >&2
	    echo "Then run make again." >&2
	    exit 1
	  fi
	  echo "Installing $$list"
	  $$sudo apt-get update -qq
	  $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends -qq $$list
	fi
	if ! command -v swift >/dev/null; then
	  echo "Missing: Swift 6.2 or newer. Get it from https://www.swift.org/install/linux/" >&2
	  echo "and put its usr/bin into PATH, then run make again." >&2
	  exit 1
	fi

run: deps ## Build, then replay the bundled recording through the shipped rules
	@swift build -c release --product betterbot
	rm -f $(DEMO) $(DEMO)-wal $(DEMO)-shm
	$(BINARY) replay --rules rules --db $(DEMO) fixtures/flow.jsonl.gz

test: deps ## Check the format, build, run every test
	@swift format lint --strict --parallel --recursive $(wildcard Package.swift Sources Tests Benchmarks Fuzz)
	swift build --build-tests
	swift test --skip-build

bench: deps ## Measure against the reference host, and a few parts alone
	@if ! command -v python3 >/dev/null; then echo "make bench needs python3." >&2; exit 1; fi
	python3 Benchmarks/bench.py

clean: ## Remove everything that was built or generated
	@rm -rf .build .build-* Benchmarks/.data
