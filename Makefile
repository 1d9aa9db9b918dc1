# Two commands matter: `make demo` and `make test`. Each does all the setting up that it needs.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
export BASH_ENV := $(CURDIR)/tools/env.sh

PYTHON ?= python3
ARGS ?=
# Profile of the long forge tests; `ci` is shorter.
LONG ?= long
# From which seed they start; another one each time if none is named.
SEED ?=
FOUNDRY := node_modules/@foundry-rs
# The native binary: npm's wrapper of forge always exits 0, also when a test fails.
FORGE ?= $(FOUNDRY)/forge-linux-amd64/bin/forge

.PHONY: help
help: ## Show what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

# ---- set-up: redone when what it comes from changes

.PHONY: setup
setup: .local/python .local/node .local/build ## Install everything and build the contracts

.local/python: requirements.txt
	@mkdir -p .local .tmp
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed: name it with make PYTHON=/path/to/python3.11"; exit 1; }
	@test -x .venv/bin/python || $(PYTHON) -m venv .venv
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	@.venv/bin/uv pip install --quiet --python .venv/bin/python --require-hashes -r requirements.txt
	@touch $@

.local/node: package-lock.json
	@mkdir -p .local/solcx .tmp
	@node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' \
	  || { echo "Node 20 or newer is needed."; exit 1; }
	@npm ci --ignore-scripts --no-audit --no-fund --silent
	@ln -sf $(CURDIR)/tools/solc .local/solcx/solc-v0.8.37
	@touch $@

SOURCES := $(shell find contracts -name '*.sol' -not -path '*/.cache/*')
.local/build: .local/node foundry.toml tools/solc $(SOURCES)
	@$(FORGE) build --quiet contracts
	@touch $@

# Wallets and modules of the tests, which the state machine plays with too.
TESTS := $(shell find tests/solidity -name '*.sol')
.local/tests: .local/build $(TESTS)
	@$(FORGE) build --quiet
	@touch $@

WEB := $(shell find web -name node_modules -prune -o -name dist -prune -o -type f -print)
web/node_modules: web/package-lock.json .local/node
	@cd web && npm ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@

.local/page: web/node_modules .local/build .local/python $(WEB)
	@cd web && npm run --silent build -- --logLevel warn
	@touch $@

# The page's tests want a browser. Debian's is installed where that may be done; elsewhere the tests say what to do.
.PHONY: chromium
chromium:
	@command -v chromium >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
	  && apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null; } \
	  || { echo "The page's tests need a browser: sudo apt-get install chromium"; exit 1; }

bench/node_modules: bench/package-lock.json .local/node
	@cd bench && npm ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@

# The prover keeps to itself: its dependencies are not the project's.
.local/prover: tools/halmos-requirements.txt .local/python
	@uv venv --quiet --clear --python .venv/bin/python .local/halmos
	@uv pip install --quiet --python .local/halmos/bin/python --require-hashes -r tools/halmos-requirements.txt
	@touch $@

.PHONY: lock
lock: .local/python ## Pin requirements.in and package.json anew
	uv pip compile requirements.in -p 3.11 --generate-hashes --no-header --quiet -o requirements.txt
	cd tools && uv pip compile halmos-requirements.in -p 3.11 --generate-hashes --no-header --quiet \
	  -o halmos-requirements.txt
	npm install --package-lock-only --ignore-scripts --no-audit --no-fund

# ---- to see

.PHONY: demo
demo: setup ## Play a year of an alliance on real shopping data; writes reports/demo.html
	@python -m symbolon.demo $(ARGS)

.PHONY: up
up: setup .local/page ## Start a local chain that stays, with the suite deployed and seeded, and the member's page
	@ape run up $(ARGS)

.PHONY: down
down: .local/python ## Stop it
	@ape run down

# ---- to know. Tools that build in ways of their own do it elsewhere: build/ is what tests run and deployments use.

# Parts of pytest's work that are done side by side: each has chains, ports and folders of its own.
PLAYED := tests/faults tests/stateful $(wildcard tests/integration/test_[ab]*.py)
HALF := tests/page tests/unit $(wildcard tests/integration/test_[q-z]*.py)
# What failed, said once more at the end: the parts run beside each other, and their logs are long.
FAILURES = grep -hE '^(FAILED|ERROR|\[FAIL)' .tmp/*.log

.PHONY: test
test: setup .local/tests .local/page chromium ## Run the default tests
ifeq ($(strip $(ARGS)),)
	@rm -f .tmp/*.log; \
	$(FORGE) test >.tmp/forge.log 2>&1 & forge=$$!; \
	pytest -m "not long" $(PLAYED) >.tmp/played.log 2>&1 & played=$$!; \
	pytest -m "not long" $(HALF) >.tmp/half.log 2>&1 & half=$$!; \
	pytest -m "not long" $(addprefix --ignore=,$(HALF) $(PLAYED)) 2>&1 | tee .tmp/rest.log; rest=$${PIPESTATUS[0]}; \
	wait $$forge; forge=$$?; wait $$played; played=$$?; wait $$half; half=$$?; \
	cat .tmp/forge.log .tmp/played.log .tmp/half.log; $(FAILURES); exit $$((forge | played | half | rest))
else
	$(FORGE) test
	pytest -m "not long" $(ARGS)
endif

# Seeded bugs take one processor and longest; beside them goes what measures no time, and what does comes last.
CONTROLS := tests/stateful/test_controls.py
UNTIMED := tests/faults tests/integration/test_ape_build.py tests/integration/test_plan.py

.PHONY: test-long
test-long: setup .local/tests .local/page chromium ## Run the long tests
ifeq ($(strip $(ARGS)),)
	@rm -f .tmp/*.log; \
	pytest -m long $(CONTROLS) >.tmp/controls.log 2>&1 & controls=$$!; \
	FOUNDRY_PROFILE=$(LONG) $(FORGE) test --fuzz-seed $(or $(SEED),$$(od -An -N4 -tu4 /dev/urandom)) 2>&1 \
	  | tee .tmp/forge.log; forge=$${PIPESTATUS[0]}; \
	pytest -m long $(UNTIMED) 2>&1 | tee .tmp/half.log; untimed=$${PIPESTATUS[0]}; \
	wait $$controls; controls=$$?; cat .tmp/controls.log; \
	pytest -m long $(addprefix --ignore=,$(CONTROLS) $(UNTIMED)) 2>&1 | tee .tmp/rest.log; rest=$${PIPESTATUS[0]}; \
	$(FAILURES); exit $$((controls | forge | untimed | rest))
else
	FOUNDRY_PROFILE=$(LONG) $(FORGE) test --fuzz-seed $(or $(SEED),$$(od -An -N4 -tu4 /dev/urandom))
	pytest -m long $(ARGS)
endif

.PHONY: test-faults
test-faults: setup ## Mint under 1,000 schedules of faults and through the command line; writes bench/results/faults.json
	@PYTHONPATH=$(CURDIR)/tests:$(CURDIR) python -m faults.measure $(ARGS)
	@pytest -m long tests/faults

.PHONY: prove
prove: setup .local/prover ## Prove what holds in every state of a token or an order and of every price, and that each proof can fail (minutes)
	@python -m tools.prove_token
	@python -m tools.prove_orders
	@python -m tools.prove_swaps

.PHONY: lint
lint: setup ## Check style, types and known weaknesses
	ruff check .
	ruff format --check .
	mypy
	$(FORGE) fmt --check
	$(FORGE) lint --deny warnings
	FOUNDRY_OUT=.local/slither/build FOUNDRY_CACHE_PATH=.local/slither/cache slither .

.PHONY: coverage
coverage: setup ## Measure which lines and branches of the contracts the tests reach
	FOUNDRY_PROFILE=coverage FOUNDRY_OUT=.local/coverage/build FOUNDRY_CACHE_PATH=.local/coverage/cache \
	  $(FORGE) coverage --no-match-contract Invariants --no-match-coverage '(node_modules|tests)/' \
	  --report summary --report lcov --report-file .local/lcov.info

.PHONY: bench-gas
bench-gas: setup bench/node_modules ## Measure gas beside the best peers; writes bench/results/gas.json
	@$(FORGE) build --quiet --root bench --use $(CURDIR)/tools/solc
	@python -m bench.gas $(ARGS)

.PHONY: bench-pools
bench-pools: setup bench/node_modules ## Compare pools with other ways to swap on real order flow; writes bench/results/pools.json
	@python -m bench.simulation $(ARGS)

.PHONY: bench-farming
bench-farming: .local/python ## Search for what farmers get out of rewards, at every setting; writes bench/results/farming.json
	@python -m bench.farming $(ARGS)

.PHONY: bench-ops
bench-ops: setup ## Measure bulk minting beside naive loops; writes bench/results/ops.json
	@python -m bench.ops $(ARGS)

.PHONY: bench-planning
bench-planning: setup ## Measure what five million rows take to check and plan; writes bench/results/planning.json
	@python -m bench.planning $(ARGS)
	@python -m bench.scale

.PHONY: bench-machine
bench-machine: setup .local/tests ## Measure the state machine that plays the alliance; writes bench/results/machine.json
	@PYTHONPATH=$(CURDIR)/tests:$(CURDIR) python -m stateful.measure $(ARGS)

.PHONY: mutants
mutants: setup .local/tests ## Count the faults in contracts that the tests notice; writes bench/results/mutants.json
	@python -m bench.mutants $(ARGS)

.PHONY: format
format: .local/python .local/node ## Lay out the code
	ruff check --fix --quiet .
	ruff format --quiet .
	$(FORGE) fmt

.PHONY: clean
clean: ## Remove everything that can be made again
	rm -rf .venv node_modules bench/node_modules web/node_modules web/dist .local .tmp .ape .build build cache bench/build bench/cache reports contracts/.cache
