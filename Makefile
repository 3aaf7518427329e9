# Two commands on a fresh machine: `make demo` and `make test`. `make check` before a commit.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: help demo test golden check format lock clean

help:
	@echo "make demo [FOR=seconds] [HEADLESS=1] [PORT=8080]   set up and run the simulated city"
	@echo "make test [ARGS=...]                               set up and run the tests"
	@echo "make golden [ACCEPT=name]                          what replays differently now; accept it"
	@echo "make check                                         format, lint, types, import contracts"
	@echo "make format                                        rewrite the sources in the project's format"
	@echo "make lock                                          choose versions again and write the lock files"
	@echo "make clean                                         remove the environment and caches"

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.default: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing city-ioc (about 550 MB on disk; a minute or so) ..."
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing city-ioc and what its tests need ..."
	$(PIP) install --require-hashes -r requirements-dev.lock
	$(PIP) install --no-deps -e .
	@touch $@

demo: $(VENV)/.default
	$(BIN)/ioc demo $(if $(FOR),--for $(FOR)) $(if $(HEADLESS),--headless) $(if $(PORT),--port $(PORT))

test: $(VENV)/.dev
	$(BIN)/python -m pytest $(ARGS)

golden: $(VENV)/.dev
	$(BIN)/python -m tests.golden $(if $(ACCEPT),accept $(ACCEPT),show)

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy .
	$(BIN)/lint-imports

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock:
	uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		pyproject.toml -o requirements.lock
	uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--extra dev pyproject.toml -o requirements-dev.lock

clean:
	rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
