# Two commands: `make verify` and `make test`.  Both set up .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: verify verify-gpu test lint types clean

verify: $(STAMP)
	$(BIN)/equivalence verify $(ARGS)

# Every precision and engine on this machine's GPUs, into one results file.
verify-gpu: $(STAMP)
	$(BIN)/equivalence gpu --json verify-gpu.jsonl $(ARGS)

test: $(STAMP)
	$(BIN)/python -m pytest $(ARGS)

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@

clean:
	rm -rf $(VENV)
