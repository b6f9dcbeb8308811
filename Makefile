PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin

$(BIN)/pytest:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q -e '.[dev]'

install: $(BIN)/pytest

format: install
	$(BIN)/ruff format envfactory tests benchmarks
	$(BIN)/ruff check --fix envfactory tests benchmarks

check: install
	$(BIN)/ruff check envfactory tests benchmarks
	$(BIN)/ruff format --check envfactory tests benchmarks
	$(BIN)/mypy

test: install
	$(BIN)/pytest

quick: install
	$(BIN)/pytest -m 'not long'

run: install
	$(BIN)/python -m envfactory.run --domain travel

.PHONY: install format check test quick run
