# Everything runs from .venv, which `make setup` builds with uv where there is one, else with venv and pip.

.DEFAULT_GOAL := help
.PHONY: help setup demo test faults coverage check format bench kafka postgres lock clean
SHELL := /bin/bash
BIN := .venv/bin
INSTALLED := .venv/.installed
# Give PYTHON=... to choose one; otherwise the first of these that is 3.11 or newer.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python3.14 python; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 12

setup: $(INSTALLED) ## Install everything into .venv, .venv/bin/hub included

$(INSTALLED): pyproject.toml uv.lock requirements.lock
	@echo "Installing into .venv ..."
	@if command -v uv >/dev/null; then \
		UV_PROJECT_ENVIRONMENT=.venv uv sync --quiet --frozen --inexact --all-groups --all-extras $(if $(PYTHON),--python "$(PYTHON)"); \
	elif [ -n "$(PYTHON)" ]; then \
		"$(PYTHON)" -m venv .venv && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .; \
	else \
		echo "Neither uv nor Python 3.11 or newer was found: install one, or give PYTHON=/path/to/python" >&2; exit 1; \
	fi
	@touch $@

demo: $(INSTALLED) ## Run the hub on a simulated region
	@$(BIN)/hub demo

test: $(INSTALLED) ## Run the tests; ARGS="tests/unit -k siret" narrows them
	@$(BIN)/python -m pytest --numprocesses auto --dist worksteal $(ARGS)

faults: $(INSTALLED) ## Kill, cut and freeze workers and servers under load, and show what came of it
	@$(BIN)/python -m tests.faults --quiet $(ARGS)

coverage: $(INSTALLED) ## Run the tests and show the branches that none takes
	@$(BIN)/python -m pytest --numprocesses auto --dist worksteal --cov --cov-report term $(ARGS)

check: $(INSTALLED) ## Check format, lint, types, layers, dependencies, schemas, compose file
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/deptry .
	@$(BIN)/hub schemas check
	@$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml

format: $(INSTALLED) ## Format the code and mend what the linter can
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(INSTALLED) ## Measure; ARGS is handed on
	@$(BIN)/python -m benchmarks $(ARGS)

kafka: $(INSTALLED) ## Run a Kafka broker until Ctrl-C (Java 17, Maven); ARGS="--port 9092 --data .kafka"
	@$(BIN)/python -m tests.servers kafka $(ARGS)

postgres: $(INSTALLED) ## Run a PostgreSQL server until Ctrl-C; ARGS="--port 5432 --data .postgres"
	@$(BIN)/python -m tests.servers postgres $(ARGS)

lock: ## Resolve the dependencies again (needs uv), for every way of installing
	uv lock
	uv export --quiet --frozen --all-groups --all-extras --no-emit-project --no-header --no-annotate --output-file requirements.lock
	uv export --quiet --frozen --no-default-groups --extra tracing --no-emit-project --no-header --no-annotate --output-file deploy/run.lock
	echo 'hatchling>=1.27' | uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --output-file deploy/build.lock -

clean: ## Remove what was built; data directories stay
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis htmlcov .coverage .coverage.*
	find hub tests tools benchmarks examples -name __pycache__ -type d -prune -exec rm -rf {} +
