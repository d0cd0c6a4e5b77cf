# HeyGen Portal. `make run` starts it, `make test` tests it; both need only Python 3.11+ and make.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PY := .venv/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --no-input -q
# Set PYTHON to choose the interpreter that .venv is made with.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)

.PHONY: run test check format lock bench clean help

run: .venv/.installed ## Start the portal: web, worker and, without a HeyGen key, the sandbox
	@exec $(PY) manage.py up

test: .venv/.installed-dev ## Run every test, browser tests included
	@.ci/packages tests
	@$(PY) -m pytest $(PYTEST_ARGS)

check: .venv/.installed-dev ## Check format, lint, types, migrations, deployment settings and packages
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	IGNORE_DOTENV=1 $(PY) -m mypy avatars heygen_portal
	$(PY) -m mypy --config-file heygen_portal/sandbox/mypy.ini heygen_portal/sandbox
	@dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && set -e && \
	export IGNORE_DOTENV=1 DATA_DIR="$$dir" STATIC_ROOT="$$dir/static" && unset DATABASE_URL && set -x && \
	$(PY) manage.py makemigrations --check --dry-run && \
	HEYGEN_API_KEY=unused PUBLIC_URL=https://portal.example.com \
	SECRET_KEY=$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(60))') \
	$(PY) manage.py check --deploy --fail-level WARNING
	$(PIP) check

format: .venv/.installed-dev ## Format the code and sort its imports
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

lock: .venv/.installed-dev ## Pin the newest allowed versions of all packages into requirements*.txt
	$(PIP) install uv
	$(PY) -m uv pip compile -q --upgrade --universal --python-version 3.11 --no-header pyproject.toml -o requirements.txt
	$(PY) -m uv pip compile -q --upgrade --universal --python-version 3.11 --no-header --extra dev pyproject.toml \
		-o requirements-dev.txt

bench: .venv/.installed-dev ## Measure pages, uploads and the worker against their budgets
	@$(PY) -m tests.bench

clean: ## Delete what is made by these commands, but never the data
	rm -rf .venv staticfiles test-results .pytest_cache .mypy_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# A stamp is newer than the list it was installed from; a changed list installs again.
.venv/.installed: requirements.txt | .venv/.made
	@echo "Installing the packages of requirements.txt ..."
	@$(PIP) install -r requirements.txt
	@touch $@

.venv/.installed-dev: requirements-dev.txt | .venv/.made
	@echo "Installing the packages of requirements-dev.txt ..."
	@$(PIP) install -r requirements-dev.txt
	@touch .venv/.installed $@

.venv/.made:
	@if [ -z "$(PYTHON)" ]; then \
		echo "Python 3.11 or newer is needed; this machine has $$(python3 --version 2>/dev/null || echo none)." >&2; \
		echo "Install it, or name it: make run PYTHON=/path/to/python3.12" >&2; exit 1; fi
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		version=$$($(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
		echo "This Python $$version cannot make virtual environments: its venv package is missing." >&2; \
		echo "On Debian or Ubuntu: apt-get install python3-venv   (or python$$version-venv)" >&2; exit 1; }
	@# A .venv that works, whoever made it, is kept; one that was cut short is made anew.
	@$(PY) -m pip --version >/dev/null 2>&1 || { \
		echo "Making .venv with $$($(PYTHON) --version) ..."; $(PYTHON) -m venv --clear .venv; }
	@touch $@
