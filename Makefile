# Two commands do everything: `make course` and `make test`. Each sets up .venv first if it has to.
# The pinned TensorFlow runs on Python 3.11 to 3.13: the first that is one of these.
FITS   := import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
PYTHON ?= $(shell for each in python3 python3.13 python3.12 python3.11; do \
            $$each -c '$(FITS)' 2>/dev/null && echo $$each && break; done)
VENV   ?= .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

# nbgrader calls `alembic`, and Jupyter its own commands, by name.
export PATH := $(abspath $(BIN)):$(PATH)
# TensorFlow's start-up log lines say nothing that a learner needs.
export TF_CPP_MIN_LOG_LEVEL := 3

.PHONY: course lab notebooks test quick lint bench clean help

course: $(READY)  ## set up, then run lecture 01 and grade a sample class (offline)
	$(BIN)/coursekit demo

lab: $(READY)  ## open the course in JupyterLab
	$(BIN)/coursekit lab

notebooks: $(READY)  ## build lectures/, solutions/ and assignments/ from source/
	$(BIN)/coursekit build

test: $(READY) lint  ## set up, then run every test
	$(BIN)/python -m pytest -n 2 --dist loadgroup --durations 15

quick: $(READY) lint  ## the tests that take under two minutes together
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not slow"

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

clean:  ## remove what was made, but not .venv
	rm -rf build .mypy_cache .ruff_cache .hypothesis

help:
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 14

$(READY): pyproject.toml constraints.txt
	@$(or $(PYTHON),false) -c '$(FITS)' || \
	  { echo "The course needs Python 3.11, 3.12 or 3.13; say where it is: make course PYTHON=/path/to/python3.13"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
	  { echo "Could not make $(VENV); on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt uv
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --constraint constraints.txt --editable '.[dev,cluster,postgres]'
	@touch $(READY)
