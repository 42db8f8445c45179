PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
RUN_STAMP := .venv/.installed-$(shell sha256sum requirements.txt | cut -c1-16)
DEV_STAMP := .venv/.installed-dev-$(shell cat requirements.txt requirements-dev.txt | sha256sum | cut -c1-16)
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard translations/*/LC_MESSAGES/messages.po))
TESTS ?= tests
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help install run test check catalogue bench clean

help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(RUN_STAMP) $(CATALOGUES) ## Make the virtual environment and the catalogues

run: install ## Migrate, load the demo at first start, serve on http://127.0.0.1:8080
	@$(BIN)/flask --app run release
	@exec $(BIN)/flask --app run serve

test: $(DEV_STAMP) $(CATALOGUES) ## Run the tests (TESTS=tests/rules for a part of them)
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(TESTS)

check: $(DEV_STAMP) ## Lint, types, templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy
	$(BIN)/djlint --lint --quiet app/web/templates

catalogue: $(DEV_STAMP) ## Bring the catalogues of all languages up to date and list the texts without a translation
	@$(BIN)/python -m translations

bench: $(DEV_STAMP) $(CATALOGUES) ## Build 1,000,000 letters once (BENCH_ROWS=20000 for fewer) and measure the pages
	@$(BIN)/python -m bench

clean: ## Remove caches; data, uploads and the virtual environment stay
	rm -rf .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis htmlcov test-results
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

.venv/bin/python:
	$(PYTHON) -m venv .venv

$(RUN_STAMP): requirements.txt | .venv/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(DEV_STAMP): requirements-dev.txt | $(RUN_STAMP)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

%.mo: %.po | $(RUN_STAMP)
	@$(BIN)/pybabel --quiet compile -i $< -o $@
