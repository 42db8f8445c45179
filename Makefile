PYTHON ?= $(shell command -v python3.11 || command -v python3)
# A Python named on the command line gets an environment of its own beside the usual one.
named = $(filter command line,$(origin PYTHON))
VENV := .venv$(if $(named),-$(shell $(PYTHON) -c 'import platform; print(platform.python_version())'))
BIN := $(VENV)/bin
RUN_STAMP := $(VENV)/.installed-$(shell sha256sum requirements.txt | cut -c1-16)
DEV_STAMP := $(VENV)/.installed-dev-$(shell cat requirements.txt requirements-dev.txt | sha256sum | cut -c1-16)
PIP_INSTALL = $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command 'make lock' $(UPGRADE)
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard translations/*/LC_MESSAGES/messages.po))
TESTS ?= tests
WORKERS ?= 2

# The tests start servers and commands by the dozen: each would compile the application anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install run test cover check golden mutants histories hostile catalogue docs lock bench clean

help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(RUN_STAMP) $(CATALOGUES) ## Make the virtual environment and the catalogues

run: install ## Migrate, load the demo at first start, serve on http://127.0.0.1:8080
	@$(BIN)/flask --app run release
	@exec $(BIN)/flask --app run serve

test: $(DEV_STAMP) $(CATALOGUES) ## Run the tests (TESTS=tests/rules for a part of them, PYTHON=python3.13 on another Python)
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(TESTS)

cover: $(DEV_STAMP) $(CATALOGUES) ## Run the tests and say which branches they reach; fails below the floor in pyproject.toml
	@rm -rf .coverage .coverage.* .cache/installations  # a demo taken from the cache would reach nothing
	$(BIN)/coverage run -m pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(TESTS)
	@$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

check: $(DEV_STAMP) ## Lint, types, templates, migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy
	$(BIN)/djlint --lint --quiet app/web/templates
	$(BIN)/python -m migrations

golden: $(DEV_STAMP) ## Write the golden tables as the code has them now; their diff is reviewed like code
	@$(BIN)/python -m tests.golden

mutants: $(DEV_STAMP) $(CATALOGUES) ## Put seeded faults into a copy of the tree, one at a time: do the tests notice each?
	@$(BIN)/python -m tests.mutants $(MUTANTS)

catalogue: $(DEV_STAMP) ## Bring the catalogues of all languages up to date and list the texts without a translation
	@$(BIN)/python -m translations

docs: $(RUN_STAMP) ## Draw the workflows into docs/workflows.md from their declarations
	@$(BIN)/python -m docs

lock: $(DEV_STAMP) ## Compile requirements*.in (UPGRADE=--upgrade takes the newest of all that they leave open)
	$(COMPILE) requirements.in --output-file requirements.txt
	$(COMPILE) requirements-dev.in --output-file requirements-dev.txt

histories: $(DEV_STAMP) $(CATALOGUES) ## Walk 300 histories of 40 steps each on both databases (HISTORIES, STEPS for others), kill 40 payouts
	HISTORIES=$(or $(HISTORIES),300) STEPS=$(or $(STEPS),40) KILLS=$(or $(KILLS),40) \
		$(BIN)/python -m pytest -q -s tests/claims/test_histories.py tests/claims/test_kills.py

hostile: $(DEV_STAMP) $(CATALOGUES) ## Send the API made-up requests, EXAMPLES=20 for each operation
	EXAMPLES=$(or $(EXAMPLES),20) $(BIN)/python -m pytest -q tests/api/test_hostile.py

bench: $(DEV_STAMP) $(CATALOGUES) ## Build 1,000,000 letters once (BENCH_ROWS=20000 for fewer) and measure the pages
	@$(BIN)/python -m bench

clean: ## Remove caches; data, uploads and the virtual environment stay
	rm -rf .cache .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache .hypothesis htmlcov test-results
	find . -name __pycache__ -not -path './.venv*' -prune -exec rm -rf {} +

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(RUN_STAMP): requirements.txt | $(BIN)/python
	$(PIP_INSTALL) -r requirements.txt
	@touch $@

$(DEV_STAMP): requirements-dev.txt | $(RUN_STAMP)
	$(PIP_INSTALL) -r requirements-dev.txt
	@touch $@

%.mo: %.po | $(RUN_STAMP)
	@$(BIN)/pybabel --quiet compile -i $< -o $@
