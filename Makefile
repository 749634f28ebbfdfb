# docs-chat. `make up` runs it, `make test` tests it; `make help` lists the rest.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PROTOS := $(shell find protos/docs_chat -name '*.proto')

.DEFAULT_GOAL := help
.PHONY: help up test check format lint types protos protos-check protos-baseline lock ingest ask clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

$(VENV)/.runtime: requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "docs-chat needs Python 3.11 or newer: '$(PYTHON)' was not found"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "docs-chat needs Python 3.11 or newer; '$(PYTHON)' is older. Set PYTHON=…"; exit 1; }
	@echo "Setting up $(VENV) (once; about a minute) …"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	@touch $@

protos: $(VENV)/.dev ## Generate the stubs from the contracts
	@rm -rf protos/gen && mkdir -p protos/gen
	@$(BIN)/python -m grpc_tools.protoc -I protos --python_out=protos/gen --grpc_python_out=protos/gen \
		--mypy_out=quiet:protos/gen --mypy_grpc_out=quiet:protos/gen --plugin=protoc-gen-mypy=$(BIN)/protoc-gen-mypy \
		--plugin=protoc-gen-mypy_grpc=$(BIN)/protoc-gen-mypy_grpc $(PROTOS:protos/%=%)

ingest: $(VENV)/.runtime ## Index a site: SITE=folder [BASE_URL=… NAME=… FORCE=1 FULL=1 DRY_RUN=1 JSON=1]
	@test -n "$(SITE)" || { echo "Which site? make ingest SITE=path/to/site (its folder, its build, or an archive)"; exit 2; }
	@$(BIN)/docs-chat ingest "$(SITE)" $(if $(BASE_URL),--base-url "$(BASE_URL)") $(if $(NAME),--site "$(NAME)") \
		$(if $(FORCE),--force) $(if $(FULL),--full) $(if $(DRY_RUN),--dry-run) $(if $(JSON),--json)

protos-baseline: $(VENV)/.dev ## Declare the contracts released: callers may rely on them from now on
	@cd protos && ../$(BIN)/buf build -o baseline.binpb

lock: ## Pin the dependencies anew
	@$(PYTHON) -m venv $(VENV)/lock && $(VENV)/lock/bin/pip install --quiet uv
	@$(VENV)/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --no-annotate --no-header --extra all pyproject.toml -o requirements.lock
	@$(VENV)/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --no-annotate --no-header --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock
