# Two commands: `make verify` and `make test`.  Both set up .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
BENCH := $(BIN)/python -m pytest -c benchmarks/pytest.ini benchmarks
OUT := results

.PHONY: docs verify deep verify-gpu test test-numpy test-machines mutants bench bench-peers lint types clean

verify: $(STAMP)
	$(BIN)/equivalence verify $(ARGS)

# The seeds' models for all of their epochs.
deep: $(STAMP)
	$(BIN)/equivalence verify --deep $(ARGS)

# Every precision and engine on this machine's GPUs, into one results file.
verify-gpu: $(STAMP)
	$(BIN)/equivalence gpu --json verify-gpu.jsonl $(ARGS)

test: $(STAMP)
	$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

# What needs no TensorFlow, nor its import.
test-numpy: $(STAMP)
	$(BIN)/python -m pytest -n auto --dist worksteal -m "not tensorflow" $(ARGS)

# As on other machines: the switches of tests/machines.py, one after the other.
test-machines: $(STAMP)
	$(BIN)/python tests/machines.py $(ARGS)

# Every small change of the arithmetic of both trees: would the judge see it?
mutants: $(STAMP)
	$(BIN)/equivalence mutants $(ARGS)

bench: $(STAMP)
	@mkdir -p $(OUT)
	$(BENCH) --benchmark-json=$(OUT)/bench.json $(ARGS)
	$(BIN)/python -m equivalence.benchmark $(OUT)/bench.json --charts $(OUT)
	$(BIN)/python -m equivalence.benchmark.certifying --json $(OUT)/certify.json

# Beside JAX, PyTorch and autograd, in a process without TensorFlow.
bench-peers: $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[peers]'
	@mkdir -p $(OUT)
	$(BENCH) --peers --benchmark-json=$(OUT)/peers.json $(ARGS)
	$(BIN)/python -m equivalence.benchmark $(wildcard $(OUT)/bench.json) $(OUT)/peers.json --charts $(OUT)

# The pages, in site/: they need no network to be read.
docs: $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[docs]'
	$(BIN)/python docs/tables.py
	$(BIN)/mkdocs build --strict --quiet
	@echo "site/index.html"

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
