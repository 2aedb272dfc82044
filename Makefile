# Needs Python >= 3.11 and make; everything else comes by itself into .uv and .venv.
PYTHON ?= python3
ARGS ?=
export UV_PYTHON_DOWNLOADS := never
# a demonstration starts eight Pythons, a test run hundreds: what one compiled, the others need not
export PYTHONDONTWRITEBYTECODE :=
export PYTHONPYCACHEPREFIX := $(CURDIR)/.venv/bytecode
BIN := .venv/bin

.DEFAULT_GOAL := help

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

.uv/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Shodaku needs Python 3.11 or newer: make PYTHON=python3.11" >&2; exit 2; }
	@$(PYTHON) -m venv .uv || { echo "Python's venv module is missing. On Debian: apt install python3-venv" >&2; exit 3; }
	@.uv/bin/python -m pip install --quiet --disable-pip-version-check uv==0.13.9

.venv/.ready: requirements/dev.txt pyproject.toml | .uv/bin/uv
	@.uv/bin/uv venv --quiet --allow-existing --python $(PYTHON) .venv
	@.uv/bin/uv pip sync --quiet --require-hashes --python .venv requirements/dev.txt
	@.uv/bin/uv pip install --quiet --no-deps --no-build-isolation --python .venv -e .
	@touch $@

.venv/.columns: requirements/columns.txt .venv/.ready
	@.uv/bin/uv pip install --quiet --require-hashes --python .venv -r requirements/columns.txt
	@touch $@

setup: .venv/.ready ## install everything into .venv

lock: .uv/bin/uv ## write the requirement files again
	@for name in run dev columns; do .uv/bin/uv pip compile --quiet --generate-hashes --no-emit-index-url --universal \
		--python-version 3.11 --no-header requirements/$$name.in -o requirements/$$name.txt; done

demo: .venv/.ready ## tell the whole story on a sample; ARGS="--once --json" for machines
	@$(BIN)/shodaku demo $(ARGS)

native: .venv/.ready ## compile the send path to machine code (needs a C compiler; half a minute)
	@$(BIN)/python -m shodaku.config.native_build $(ARGS)

native-if-possible: .venv/.ready
	@$(BIN)/python -m shodaku.config.native_build --if-possible

test: .venv/.columns native-if-possible ## all tests, real PostgreSQL, SMTP and Chromium
	@$(BIN)/pytest -q -n 2 --dist loadscope --no-loadscope-reorder $(ARGS)

check: .venv/.ready ## what must hold before a commit: format, lint, types, imports, migrations, translations
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary
	@PYTHONPATH=src $(BIN)/lint-imports --no-cache > .venv/imports.txt || { tail -n 40 .venv/imports.txt; exit 1; }
	@SHODAKU_HOME=/nonexistent $(BIN)/python -m shodaku.config.check_migrations
	@$(BIN)/python -m shodaku.kit.messages check
	@$(BIN)/python -m shodaku.config.law_matrix check
	@echo "check: all well"

fmt: .venv/.ready ## format and mend what can be mended
	@$(BIN)/ruff format --quiet . && $(BIN)/ruff check --quiet --fix .

bench: native-if-possible ## figures: make bench ARGS="send --json"
	@$(BIN)/shodaku bench $(ARGS)

mutants: .venv/.ready ## change the decision engine in 1,300 places and count which tests notice (4 minutes)
	@$(BIN)/python -m tests.policy.mutation $(ARGS)

machine: .venv/.ready ## histories of people, staff and restores against all promises; ARGS="--seconds 600", "--all-bugs"
	@$(BIN)/python -m tests.machine $(ARGS)

soak: .venv/.ready ## everything goes wrong for half an hour: 0 lost, 0 twice, 0 after an opt-out; ARGS="--minutes 5"
	@$(BIN)/python -m tests.faults.soak $(ARGS)

assets: ## build CSS and JavaScript again (needs Node 20)
	@cd assets && npm ci --ignore-scripts --no-audit --no-fund --silent && node build.mjs

docs: .venv/.ready ## write what is generated in docs/ and run the examples
	@$(BIN)/python -m shodaku.config.law_matrix
	@$(BIN)/pytest -q tests/docs

pictures: .venv/.ready ## take the screenshots in docs/images again: README's, and every screen in both languages
	@$(BIN)/python -m tests.flows.pictures
	@$(BIN)/python -m tests.ui.pictures

screens: .venv/.ready ## look at every screen in 2 languages, 2 colours and 4 widths: axe, nothing cut off; how soon pages show (15 minutes)
	@SHODAKU_TEST_ALL_WAYS=1 $(BIN)/pytest -q tests/ui $(ARGS)
	@$(BIN)/python -m tests.ui.largest_paint --check

.PHONY: help setup lock native native-if-possible demo test check fmt bench mutants machine soak assets docs pictures screens
