# Everything starts here: make run (talk to the bot), make test (all checks), make help (the rest).
SHELL := /bin/bash
PYTHON ?= python3.11
ifeq (, $(shell command -v $(PYTHON)))
PYTHON := python3
endif
BIN := .venv/bin
STAMP := .venv/.ready

.PHONY: help setup run test lint types imports tests coverage postgres bench eval chaos look catalog clean

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: $(STAMP) ## make .venv with everything

$(STAMP): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv>=0.8" || true
	@if test -x $(BIN)/uv; then \
	    $(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python -c constraints.txt -e '.[matrix,postgres,semantic,dev]'; \
	else \
	    $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[matrix,postgres,semantic,dev]'; \
	fi
	@touch $@

run: setup ## talk to the bot in this terminal, with demo news
	@$(BIN)/kurzclips seed --if-empty >&2
	@$(BIN)/kurzclips chat

test: lint types imports tests ## all checks

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/hadolint Dockerfile

types: setup
	$(BIN)/mypy

imports: setup
	$(BIN)/lint-imports

tests: setup postgres
	$(BIN)/pytest -n 2

coverage: setup postgres ## the tests once more, with what they do not reach; takes twice as long
	$(BIN)/pytest -n 2 --cov --cov-report=term

postgres: ## PostgreSQL for the tests, where Debian's packages are not there yet
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null \
	    || (apt-get update -qq && apt-get install -y -qq postgresql postgresql-contrib)

bench: setup postgres ## measure speed and memory for half an hour; writes bench.html with figures and plots
	@$(BIN)/uv pip install --quiet --python $(BIN)/python -c constraints.txt -e '.[bench]'
	$(BIN)/python -m tests.bench.page

eval: setup ## how well it understands news: one table beside what simpler means get
	$(BIN)/python -m tests.eval

chaos: setup ## kill it, starve it, turn its clock; minutes long, prints a table
	$(BIN)/python -m tests.chaos

look: setup ## talks with the bot as pages, and as pictures where a Chromium is installed, into look/
	$(BIN)/python -m tests.journeys.look look de
	$(BIN)/python -m tests.journeys.look look en

catalog: setup ## bring the catalogs in line with the program's sentences
	$(BIN)/pybabel -q extract -F babel.cfg -k _ -k n_:1,2 --no-location --sort-output -o /tmp/kurzclips.pot bot handlers
	for po in bot/locales/*/LC_MESSAGES/kurzclips.po; do \
	    sed '/^$$/q' $$po > /tmp/kurzclips.head; \
	    $(BIN)/pybabel -q update -i /tmp/kurzclips.pot -o $$po -l $$(basename $$(dirname $$(dirname $$po))) \
	        --no-fuzzy-matching --ignore-obsolete --omit-header --width=120 && \
	    cat /tmp/kurzclips.head $$po > /tmp/kurzclips.po && cp /tmp/kurzclips.po $$po; \
	done

clean: ## remove what was made here, but not data/
	rm -rf .venv build dist .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
