# Everything that this project does, one readable line each. Needs Python 3.11 or newer and make.
UV := .tools/bin/uv
RUN := .venv/bin
# First with the certificates of the system, which know the proxy of an institution; else with those that uv brings.
SYNC = $(UV) sync --quiet --frozen --system-certs $(1) || $(UV) sync --quiet --frozen $(1)
# The browser of a worker keeps an event loop running to the end, which what signs a PDF does not bear: it has a run of its own.
ALL_TESTS = $(RUN)/pytest -q -n logical --dist worksteal

.PHONY: help env env-dev run check test bench translations vendor

help: ## these lines
	@grep -E '^[a-z-]+:.*##' Makefile | sed 's/:.*## /\t/' | expand -t 14

$(UV):
	@python3 -m venv .tools && .tools/bin/pip --quiet --disable-pip-version-check install uv==0.13.9

env: $(UV) ## the environment that runs the platform
	@$(call SYNC,--no-dev --inexact)

env-dev: $(UV) ## the environment that builds and tests it
	@$(call SYNC,)

run: env ## the platform with demo data at http://127.0.0.1:8000 (PORT, AULA_DATA_DIR, AULA_DEMO=0, DATABASE_URL: docs/settings.md)
	@exec $(RUN)/aula start

check: env-dev ## linters, types, import contracts, course packages, translations
	$(RUN)/ruff check --quiet . && $(RUN)/ruff format --quiet --check .
	$(RUN)/mypy
	$(RUN)/djlint --quiet --lint webapp/templates
	$(RUN)/lint-imports --no-logo
	$(RUN)/aula courses check courses
	$(RUN)/pytest -q tests/architecture tests/translations/test_catalogue.py

test: env-dev ## sets itself up (Chromium, poppler, judges from npm), then everything, on SQLite and PostgreSQL
	$(RUN)/python -m tests.setup
	$(MAKE) check
	$(ALL_TESTS) --ignore tests/browser --ignore tests/architecture --ignore tests/translations/test_catalogue.py
	$(ALL_TESTS) tests/browser

bench: env-dev ## the figures of docs/figures.md, with ratios to a control
	$(RUN)/python -m tests.bench

translations: env-dev ## bring the English catalogue up to date with the sources
	$(RUN)/python -m tests.translations

vendor: ## icons and map from npm (needs Node)
	npm ci --ignore-scripts && node webapp/static/vendor/vendor.mjs
