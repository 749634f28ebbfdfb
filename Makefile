# docs-chat. `make up` runs it, `make test` tests it; `make help` lists the rest.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check
PROTOS := $(shell find protos/docs_chat -name '*.proto')

.DEFAULT_GOAL := help
.PHONY: help init up ask ingest eval report emulator test test-random test-tools test-real-model bench-real-model fuzz check format format-check lint types imports \
	protos protos-check protos-baseline frontend e2e-matrix screenshots docs-site bench lock clean

help: ## List the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

# ---- run -------------------------------------------------------------------------------------------------------

init: $(VENV)/.runtime ## Write .env with fresh secrets; what it has already is kept
	@$(BIN)/docs-chat init

up: $(VENV)/.runtime ## Set up, start the four processes, index docs/, print the address
	@$(BIN)/python -m scripts.up

ask: $(VENV)/.runtime ## Ask in the terminal: make ask Q="how do I …?" [NAME=site]
	@test -n "$(Q)" || { echo 'Usage: make ask Q="how do I index my own site?" [NAME=site]'; exit 2; }
	@$(BIN)/docs-chat ask $(if $(NAME),--site "$(NAME)") "$(Q)"

ingest: $(VENV)/.runtime ## Index a site: SITE=folder [BASE_URL=… BUILD=folder NAME=… SETTINGS=file FORCE=1 FULL=1 TAKE_OVER=1 DRY_RUN=1 VERBOSE=1 JSON=1]
	@test -n "$(SITE)" || { echo "Which site? make ingest SITE=path/to/site (its folder, its build, or an archive)"; exit 2; }
	@$(BIN)/docs-chat ingest "$(SITE)" $(if $(BASE_URL),--base-url "$(BASE_URL)") $(if $(NAME),--site "$(NAME)") \
		$(if $(BUILD),--build "$(BUILD)") $(if $(SETTINGS),--settings "$(SETTINGS)") $(if $(VERBOSE),--verbose) $(if $(FORCE),--force) $(if $(FULL),--full) $(if $(TAKE_OVER),--take-over) $(if $(DRY_RUN),--dry-run) $(if $(JSON),--json)

eval: $(VENV)/.runtime ## Measure search: make eval QUESTIONS=questions.jsonl [NAME=site], docs-chat running
	@test -n "$(QUESTIONS)" || { echo "Which questions? make eval QUESTIONS=questions.jsonl (docs/docs/evaluate.md says how they are written)"; exit 2; }
	@$(BIN)/docs-chat eval "$(QUESTIONS)" $(if $(NAME),--site "$(NAME)")

report: $(VENV)/.runtime ## What readers asked and the docs did not answer: make report [DAYS=30 NAME=site JSON=1 HTML=file]
	@$(BIN)/python -m gateway.report $(if $(DAYS),--days "$(DAYS)") $(if $(NAME),--site "$(NAME)") $(if $(JSON),--json) \
		$(if $(HTML),--html "$(HTML)")

emulator: $(VENV)/.runtime ## Emulate OpenRouter on port 8090, to see written answers without a key
	@echo "Run docs-chat with OPENROUTER_BASE_URL=http://127.0.0.1:8090/api/v1 OPENROUTER_API_KEY=sk-or-v1-emulated-0000 make up"
	@$(BIN)/python -m tools.openrouter_emulator --port 8090

# ---- set up ----------------------------------------------------------------------------------------------------

$(VENV)/.runtime: requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "docs-chat needs Python 3.11 or newer, and '$(PYTHON)' was not found. Install it, or say PYTHON=…"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "docs-chat needs Python 3.11 or newer; $$($(PYTHON) --version) is older. Say PYTHON=…"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "This Python cannot make virtual environments: install its venv package (python3-venv on Debian)."; exit 1; }
	@echo "Setting up $(VENV) (once, a minute or two) …"
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.lock
	@echo "Adding what the tests need …"
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

clean: ## Remove the environment, the index and all conversations
	rm -rf $(VENV) .venv-real-model .data

# ---- test ------------------------------------------------------------------------------------------------------

# Whole files go to the workers, in their order: what a module shares is made once, and the slow folders come first.
WORKERS ?= 2
PYTEST := $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

test: $(VENV)/.dev test-tools ## Set up and run all tests; TESTS=path runs some, WORKERS=2 at a time, SHUFFLE=1 as CI does
ifdef SHUFFLE
	@$(MAKE) --no-print-directory test-random
	@$(PYTEST) --ignore=tests/unit --ignore=tests/contract
else
	@$(PYTEST) $(TESTS)
endif

test-random: $(VENV)/.dev ## Run unit and contract tests in random order; the seed is printed, SEED=… repeats it
	@$(PYTEST) -p randomly $(if $(SEED),--randomly-seed=$(SEED)) tests/unit tests/contract

test-tools: ## Install what tests use besides Python: browser, Node with packages, Redis, Postgres, nginx
	@scripts/test_tools.sh

FUZZ_SECONDS ?= 120
fuzz: $(VENV)/.dev ## Hunt for pages that break the readers, with atheris: FUZZ_SECONDS=120
	@$(BIN)/python -c 'import atheris' 2>/dev/null || $(PIP) 'atheris>=3,<4'
	@mkdir -p .data/fuzz
	@$(BIN)/python -m tests.fuzz.fuzz -max_total_time=$(FUZZ_SECONDS) -artifact_prefix=.data/fuzz/ .data/fuzz

test-real-model: $(VENV)/.dev ## Run the tests that need a real language model: compiles llama.cpp once, then serves a small one
	@$(BIN)/python -m scripts.real_model

bench-real-model: $(VENV)/.dev ## Ask that model 30 questions about our own docs and judge its answers; takes some ten minutes
	@$(BIN)/python -m scripts.real_model --bench

check: format-check lint types imports protos-check test ## Everything that must hold before a commit lands

format: $(VENV)/.dev ## Format the code
	@$(BIN)/ruff format --quiet . && $(BIN)/ruff check --quiet --fix .

format-check: $(VENV)/.dev
	@$(BIN)/ruff format --check --quiet . || { echo "Not formatted: run 'make format'"; exit 1; }

lint: $(VENV)/.dev ## Lint
	@$(BIN)/ruff check .

types: $(VENV)/.dev ## Check types, strictly
	@$(BIN)/mypy

imports: $(VENV)/.dev ## Check who may import whom
	@$(BIN)/lint-imports --no-cache

bench: $(VENV)/.dev ## Measure quality and speed; DOCS_CHAT_CORPORA and DOCS_CHAT_EVAL name real sites and questions
	@$(BIN)/python -m benchmarks.ingest_throughput
	@$(BIN)/python -m benchmarks.search_latency
	@$(BIN)/python -m benchmarks.chat_latency
	@if [ -n "$$DOCS_CHAT_CORPORA" ] && [ -n "$$DOCS_CHAT_EVAL" ]; then $(BIN)/python -m benchmarks.corpora && $(BIN)/python -m benchmarks.retrieval_quality; \
		else echo "Quality was not measured: set DOCS_CHAT_CORPORA and DOCS_CHAT_EVAL"; fi

# ---- contracts -------------------------------------------------------------------------------------------------

protos: $(VENV)/.dev ## Generate the stubs and the protoset from the contracts
	@rm -rf protos/gen && mkdir -p protos/gen
	@PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python -m grpc_tools.protoc -I protos --python_out=protos/gen --grpc_python_out=protos/gen \
		--mypy_out=quiet:protos/gen --mypy_grpc_out=quiet:protos/gen $(PROTOS:protos/%=%)
	@$(BIN)/python -m scripts.protoset protos/docs-chat.protoset

protos-check: $(VENV)/.dev ## Lint the contracts and refuse what would break their callers
	@cd protos && ../$(BIN)/buf lint && ../$(BIN)/buf breaking --against baseline.binpb

protos-baseline: $(VENV)/.dev ## Declare the contracts released: callers may rely on them from now on
	@cd protos && ../$(BIN)/buf build -o baseline.binpb

# ---- frontend (Node 20 or newer; nothing above needs it) --------------------------------------------------------

PANEL := frontend/docusaurus-plugin-docs-chat

frontend: ## Check the panel, build it into gateway/static/, and build the plugin
	@npm --prefix $(PANEL) ci --silent && npm --prefix $(PANEL) run --silent check && npm --prefix $(PANEL) run --silent build

e2e-matrix: $(VENV)/.dev ## Use the plugin on fresh sites of all supported builds of Docusaurus: takes a while
	@DOCS_CHAT_E2E_MATRIX=1 $(BIN)/python -m pytest tests/e2e/test_frontend.py -k freshly_made

screenshots: docs-site ## Take the pictures of the documentation anew, in a real browser
	@node tests/e2e/screenshots.mjs

docs-site: ## Build the documentation site docs/ with Docusaurus
	@scripts/docs_site.sh

# ---- dependencies ----------------------------------------------------------------------------------------------

LOCK := $(VENV)/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --no-annotate --no-header --generate-hashes
lock: ## Pin the dependencies again
	@$(PYTHON) -m venv $(VENV)/lock && $(VENV)/lock/bin/pip install --quiet uv
	@$(LOCK) --extra all pyproject.toml -o requirements.lock
	@$(LOCK) --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock
