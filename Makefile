# BetterBot from a fresh checkout: `make run` shows it at work, `make test` proves it.
.DEFAULT_GOAL := help
.ONESHELL:
.PHONY: help deps run token test mutate soak soak-reload crash powercut probed bench bench-live bench-tests conformance clean
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-print-directory

# A library's name for pkg-config, and the Debian package that brings it.
LIBRARIES := lua5.4:liblua5.4-dev sqlite3:libsqlite3-dev zlib:zlib1g-dev libcurl:libcurl4-openssl-dev
DEMO := .build/demo.db
LIVE := LiveRunTests|CompletenessTests|ReloadSoakTests
# A feed instead of the simulator, as `betterbot run --feed` takes it: polymarket, dome:URL or file:PATH.
VENUE ?=
# With KEEP=1 the demonstration goes on with the journal of the one before.
KEEP ?=
BINARY := .build/release/betterbot
VENV := .build-conformance/venv/bin

help: ## Show this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

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

run: deps ## Build, then watch a simulated venue live; VENUE=polymarket: the real one
	@swift build -c release --product betterbot
	if [ -n "$(VENUE)" ]; then
	  exec $(BINARY) run --rules rules --db .build/live.db --feed '$(VENUE)'
	fi
	[ -n "$(KEEP)" ] || rm -f $(DEMO) $(DEMO)-wal $(DEMO)-shm
	# Six hours in a minute, over a real socket. The venue drops the connection now and then: nothing is lost.
	exec {venue}< <(exec $(BINARY) simulate --input fixtures/flow.jsonl.gz --speed 360x --faults drop=3 --seed 4)
	simulator=$$!
	trap 'kill $$simulator 2>/dev/null || true' EXIT
	read -r line <&$$venue
	address=127.0.0.1:$${line##*:}
	export BETTERBOT_FEEDS_DOME_MARGIN=1s BETTERBOT_FEEDS_DOME_AUDIT=5s BETTERBOT_FEEDS_DOME_REQUESTS_PER_SECOND=10
	$(BINARY) run --config /dev/null --rules rules --db $(DEMO) --feed dome:ws://$$address --rest http://$$address --until-quiet 6s

token: ## Print a token for the API of what `make run` runs, good for a day
	@db=$(if $(VENUE),.build/live.db,$(DEMO))
	if [ ! -x $(BINARY) ]; then echo "Nothing is built yet: make run" >&2; exit 1; fi
	# Before a run its journal would be made here, and removed there.
	$(BINARY) status --config /dev/null --db $$db >/dev/null
	$(BINARY) token create "demo-$$(date +%s)" --role operator --expires 1d --config /dev/null --db $$db

test: deps ## Check the format, build, run every test
	@swift format lint --strict --parallel --recursive $(wildcard Package.swift Sources Tests Benchmarks Fuzz)
	swift build --build-tests
	# Tests that wait for other programs hold threads that tests of live runs need: one group after another.
	swift test --skip-build --skip '$(LIVE)|EndToEndTests'
	# Each starts programs of its own: all at once they would wait for each other.
	SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=4 swift test --skip-build --filter EndToEndTests
	swift test --skip-build --filter '$(LIVE)'

mutate: deps ## Break the shipped rules in small ways; their tests must notice nine in ten
	@swift build -c release --product betterbot
	$(BINARY) mutate --rules rules --threshold 90

soak: deps ## Send 200,000 orders past 500 faults, over each protocol
	@swift build --build-tests
	BETTERBOT_SOAK=200000 swift test --skip-build --filter CompletenessTests

soak-reload: deps ## Change the rules 1,000 times under 5,000 orders a second
	@swift build --build-tests
	BETTERBOT_SOAK_RELOAD=1000 swift test --skip-build --filter ReloadSoakTests

crash: deps ## Kill a live run a hundred times; nothing may be lost
	@if ! command -v python3 >/dev/null; then echo "make crash needs python3." >&2; exit 1; fi
	swift build -c release --product betterbot
	python3 Tests/Crash/crash.py $(BINARY)

powercut: deps ## Cut the power of a live run 1,000 times; nothing that was seen may be lost
	@if ! command -v python3 >/dev/null; then echo "make powercut needs python3." >&2; exit 1; fi
	swift build -c release --product betterbot
	export BETTERBOT_FEEDS_RECORDING_KIND=file BETTERBOT_FEEDS_RECORDING_PATH=fixtures/rtds.jsonl
	export BETTERBOT_FEEDS_RECORDING_SPEED=100x BETTERBOT_PARAMS_WHALE_ORDER_MIN_USD=20
	python3 Tests/PowerCut/powercut.py --cuts 1000 -- \
	  $(BINARY) run --config /dev/null --rules rules --db {dir}/journal.db --format ndjson

probed: deps ## Hold rules with probes in them against those without, over a million orders
	@if ! command -v python3 >/dev/null; then echo "make probed needs python3." >&2; exit 1; fi
	swift build --build-tests
	mkdir -p Benchmarks/.data
	orders=Benchmarks/.data/orders_1m.jsonl                       # those of `make bench`
	[ -f $$orders ] || orders=Benchmarks/.data/own_1m.jsonl
	[ -f $$orders ] || python3 Benchmarks/generate_orders.py 1000000 $$orders
	BETTERBOT_PROBED=$$orders swift test --skip-build --filter ProbedRunTests

conformance: deps ## Hold the API to independent programs: WebSockets, webhooks, its document
	@if ! command -v python3 >/dev/null; then echo "make conformance needs python3 (3.10 or newer)." >&2; exit 1; fi
	swift build --build-tests
	swift build -c release --product betterbot
	BETTERBOT_CONFORMANCE=1 swift build -c release --product betterbot-echo
	[ -x $(VENV)/python ] || python3 -m venv .build-conformance/venv
	$(VENV)/pip install --quiet --disable-pip-version-check kosoku==0.1.0 standardwebhooks==1.1.0
	failed=()
	$(VENV)/python Tests/Conformance/websocket.py .build/release/betterbot-echo || failed+=(WebSockets)
	$(VENV)/python Tests/Conformance/webhooks.py $(BINARY) || failed+=(webhooks)
	sh Tests/Conformance/api.sh || failed+=("the document")
	if [ "$${#failed[@]}" -gt 0 ]; then echo "Failed: $${failed[*]}" >&2; exit 1; fi

bench: deps ## Measure against the reference host, and a few parts alone
	@if ! command -v python3 >/dev/null; then echo "make bench needs python3." >&2; exit 1; fi
	python3 Benchmarks/bench.py

bench-live: deps ## Measure latency, load and memory of a live run over loopback
	@swift build -c release --product betterbot-live-bench
	.build/release/betterbot-live-bench $(if $(SECONDS_EACH),--seconds $(SECONDS_EACH))
	.build/release/betterbot-live-bench --memory
	.build/release/betterbot-live-bench --swaps $(if $(SECONDS_EACH),--seconds $(SECONDS_EACH))
	.build/release/betterbot-live-bench --fan-out $(if $(SECONDS_EACH),--seconds $(SECONDS_EACH))
	.build/release/betterbot-live-bench --requests $(if $(SECONDS_EACH),--seconds $(SECONDS_EACH))

bench-tests: deps ## Measure how many tests of rules run in a minute
	@if ! command -v python3 >/dev/null; then echo "make bench-tests needs python3." >&2; exit 1; fi
	swift build -c release --product betterbot
	python3 Benchmarks/tests.py $(BINARY)

clean: ## Remove everything that was built or generated
	@rm -rf .build .build-* Benchmarks/.data
