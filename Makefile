# What people do daily. Everything runs in .venv, made on first use from the committed lock file.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help setup example test check lint types arrows bench deep mutate lock docs clean

help:  ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

setup: $(VENV)/.installed  ## make the environment

$(VENV)/.installed: locks/dev.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r locks/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

example: setup  ## assess the published case
	$(BIN)/crithidia assess examples/stepien-2023.yaml

test: setup  ## run the tests
	$(BIN)/python -m pytest -n auto --dist loadgroup

check: lint types arrows test  ## everything that the gate runs

lint: setup
	$(BIN)/ruff check .

types: setup
	$(BIN)/mypy

arrows: setup
	$(BIN)/lint-imports --no-cache

bench: setup  ## measure speed, as ratios and absolute times
	$(BIN)/python benchmarks/single_case.py
	$(BIN)/python benchmarks/cohort.py
	$(BIN)/python benchmarks/by_hand.py
	PYTHONPATH=. $(BIN)/python benchmarks/settling.py

deep: setup  ## every criteria set on 1,000 random partial cases, against all completions
	CRITHIDIA_EXAMPLES=1000 $(BIN)/python -m pytest -n auto tests/criteria/test_random_cases.py

# PostgreSQL's own work on the text of a query (postgres-sql) takes 30 ms a person, an hour for these: it is
# held on random definitions by the second line, and on all sets by the tests.
engines: setup  ## hold every engine to the reference on 100,000 people; needs PostgreSQL and Java
	$(BIN)/python -m tests.cohort.deep
	CRITHIDIA_EXAMPLES=2000 CRITHIDIA_ENGINES="postgres pyspark" $(BIN)/python -m pytest tests/generative/test_cohort.py

mutate: setup  ## change every number and rule of the criteria files; each must fail a worked case
	$(BIN)/python -m tests.mutation

docs: setup  ## write the generated files anew
	$(BIN)/crithidia case schema -o docs/schemas/case.schema.json
	$(BIN)/crithidia guide markdown -o docs/criteria
	$(BIN)/crithidia guide scores -o docs/scores

lock:  ## renew the lock files
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-strip-extras --no-header pyproject.toml -o locks/run.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-strip-extras --no-header pyproject.toml --all-extras --group dev -o locks/dev.txt

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
